package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Bounds of making answers. With the wait for a seat, a reader is told that it
// takes too long before the server's writeTimeout ends the connection.
const (
	answerTime = 12 * time.Second          // for one answer
	waitTime   = 25*time.Second - seatWait // of a reader for one
	maxDrawing = 16                        // answers made at a time
	maxQueued  = 256                       // answers that wait to be made
	maxReaders = 1024                      // who wait for answers or read them
)

// A gathering makes one answer for all who ask the same. Those who ask while
// it is made share the next one: that is begun after they asked, so nobody is
// told what was true before, and a rush costs no more than can be made.
type gathering struct {
	mu      sync.Mutex
	next    map[string]*sharedAnswer // that who asks now will get, by what is asked
	queue   []*sharedAnswer          // the same: first come, first made
	making  map[string]bool          // what is being made: of the same one at a time
	readers int                      // of all answers
}

func newGathering() gathering {
	return gathering{next: map[string]*sharedAnswer{}, making: map[string]bool{}}
}

// A sharedAnswer is read by all who waited for it: read only once done is
// closed.
type sharedAnswer struct {
	same    string
	serve   func()
	stop    context.CancelFunc // of serve
	readers int                // guarded by the gathering's mutex
	done    chan struct{}
	keptAnswer
}

func newSharedAnswer(ctx context.Context, same string, serve detached) *sharedAnswer {
	a := &sharedAnswer{same: same, done: make(chan struct{}), keptAnswer: keptAnswer{header: http.Header{}}}
	ctx, a.stop = context.WithCancel(context.WithoutCancel(ctx)) // who asked first may leave first
	a.serve = func() { serve(ctx, &a.keptAnswer) }
	return a
}

// send gives a reader an own copy of the headers: others read them too.
func (a *sharedAnswer) send(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = slices.Clone(values)
	}
	w.WriteHeader(cmp.Or(a.status, http.StatusOK))
	_, _ = w.Write(a.body) // the reader may have left; there is nobody to tell
}

// together has requests that only ask, and ask the same with the same rights,
// share an answer. Vary names the headers on which the answer depends.
func (s *site) together(serve http.HandlerFunc, vary ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !asks(r) {
			serve(w, r)
			return
		}
		mine := s.gathering.join(r.Context(), sameAs(r, vary), s.detach(r, serve))
		if mine == nil {
			s.busy(w, r, "Too many requests at a time.")
			return
		}
		defer s.gathering.leave(mine)
		standUp(r.Context())
		select {
		case <-mine.done:
			mine.send(w)
		case <-time.After(waitTime):
			s.busy(w, r, "This takes too long at the moment.")
		case <-r.Context().Done():
		}
	}
}

// sameAs is what two requests have in common that get the same answer. Host and
// TLS are in the links of those who publish no address of the page.
func sameAs(r *http.Request, vary []string) string {
	v := visiting(r.Context())
	same := fmt.Sprintf("%q %t %t %q %t %q %q", v.name, v.private, v.local, r.Host, r.TLS != nil, r.Header.Get(copyHeader), r.URL.RequestURI())
	for _, name := range vary {
		same += fmt.Sprintf(" %q", r.Header.Values(name))
	}
	return same
}

// join returns the answer that who asks now will get; nil when too many wait.
// Who joined has to leave.
func (g *gathering) join(ctx context.Context, same string, serve detached) *sharedAnswer {
	g.mu.Lock()
	defer g.mu.Unlock()
	mine := g.next[same]
	if g.readers >= maxReaders || mine == nil && len(g.queue) >= maxQueued {
		return nil
	}
	if mine == nil {
		mine = newSharedAnswer(ctx, same, serve)
		g.next[same], g.queue = mine, append(g.queue, mine)
	}
	g.readers++
	mine.readers++
	g.begin()
	return mine
}

// leave ends an answer, begun or not, for which nobody waits any more.
func (g *gathering) leave(mine *sharedAnswer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.readers--
	if mine.readers--; mine.readers > 0 {
		return
	}
	mine.stop()
	if g.next[mine.same] == mine {
		delete(g.next, mine.same)
		g.queue = slices.DeleteFunc(g.queue, func(a *sharedAnswer) bool { return a == mine })
	}
}

// begin makes what waits, as far as there is room. The mutex is held.
func (g *gathering) begin() {
	g.queue = slices.DeleteFunc(g.queue, func(a *sharedAnswer) bool {
		if g.making[a.same] || len(g.making) >= maxDrawing {
			return false
		}
		g.making[a.same] = true
		delete(g.next, a.same)
		go g.draw(a)
		return true
	})
}

func (g *gathering) draw(a *sharedAnswer) {
	a.serve()
	close(a.done)
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.making, a.same)
	g.begin()
}

// detached answers while anybody waits, whoever asked first.
type detached func(context.Context, http.ResponseWriter)

// detach has a request answered for all who share it. A fault of ours ends the
// answer, not the program.
func (s *site) detach(r *http.Request, serve http.HandlerFunc) detached {
	return func(ctx context.Context, w http.ResponseWriter) {
		ctx, cancel := context.WithTimeout(ctx, answerTime)
		defer cancel()
		defer func() {
			if fault := recover(); fault != nil {
				s.Log.Error("page", "err", fmt.Errorf("a fault of our own: %v", fault))
				http.Error(w, "This page could not be drawn; the log says why.", http.StatusInternalServerError)
			}
		}()
		serve(w, r.WithContext(ctx))
	}
}
