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

// Bounds of making answers.
const (
	answerTime = 30 * time.Second // for one answer
	maxDrawing = 16               // answers made at a time
)

// A gathering makes one answer for all who ask the same. Those who ask while
// it is made share the next one: that is begun after they asked, so nobody is
// told what was true before, and a rush costs no more than can be made.
type gathering struct {
	mu      sync.Mutex
	next    map[string]*sharedAnswer // that who asks now will get, by what is asked; nil value: it is being made and nobody waits
	drawing chan struct{}            // holds a token for each answer that is being made
}

func newGathering() gathering {
	return gathering{next: map[string]*sharedAnswer{}, drawing: make(chan struct{}, maxDrawing)}
}

// A sharedAnswer is read by all who waited for it: read only once done is
// closed.
type sharedAnswer struct {
	done chan struct{}
	keptAnswer
}

// together has requests that only ask, and ask the same with the same rights,
// share an answer. Vary names the headers on which the answer depends.
func (s *site) together(serve http.HandlerFunc, vary ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !asks(r) {
			serve(w, r)
			return
		}
		mine := s.gathering.join(sameAs(r, vary), func(w http.ResponseWriter) { s.serveDetached(w, r, serve) })
		select {
		case <-mine.done:
			for name, values := range mine.header {
				w.Header()[name] = slices.Clone(values)
			}
			w.WriteHeader(cmp.Or(mine.status, http.StatusOK))
			_, _ = w.Write(mine.body) // the reader may have left; there is nobody to tell
		case <-r.Context().Done():
		}
	}
}

// sameAs is what two requests have in common that get the same answer.
func sameAs(r *http.Request, vary []string) string {
	v := visiting(r.Context())
	same := fmt.Sprintf("%q %t %t %q %q", v.name, v.private, v.local, r.Header.Get(copyHeader), r.URL.RequestURI())
	for _, name := range vary {
		same += fmt.Sprintf(" %q", r.Header.Values(name))
	}
	return same
}

// join returns the answer that who asks now will get.
func (g *gathering) join(same string, serve func(http.ResponseWriter)) *sharedAnswer {
	g.mu.Lock()
	defer g.mu.Unlock()
	mine, awake := g.next[same]
	if mine == nil {
		mine = &sharedAnswer{done: make(chan struct{}), keptAnswer: keptAnswer{header: http.Header{}}}
		g.next[same] = mine
	}
	if !awake {
		go g.make(same, serve)
	}
	return mine
}

// make makes answers until nobody waits for one.
func (g *gathering) make(same string, serve func(http.ResponseWriter)) {
	for {
		g.drawing <- struct{}{}
		g.mu.Lock()
		taken := g.next[same]
		if g.next[same] = nil; taken == nil {
			delete(g.next, same)
		}
		g.mu.Unlock()
		if taken != nil {
			serve(&taken.keptAnswer)
			close(taken.done)
		}
		<-g.drawing
		if taken == nil {
			return
		}
	}
}

// serveDetached answers for who may have left. A fault of ours ends the
// answer, not the program.
func (s *site) serveDetached(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), answerTime)
	defer cancel()
	defer func() {
		if fault := recover(); fault != nil {
			s.Log.Error("page", "err", fmt.Errorf("a fault of our own: %v", fault))
			http.Error(w, "This page could not be drawn; the log says why.", http.StatusInternalServerError)
		}
	}()
	serve(w, r.WithContext(ctx))
}
