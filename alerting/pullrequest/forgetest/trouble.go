package forgetest

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Trouble stands between a forge and who calls it, and does what networks and
// busy servers do. It remembers every request.
type Trouble struct {
	next   http.Handler
	mu     sync.Mutex
	answer http.Handler // in place of the forge
	lose   int          // which write from now loses its answer; 0 none
	as     int          // the status it is answered with; 0 cuts the connection
	lost   bool
	seen   []*http.Request
}

// NewTrouble returns one that lets everything pass.
func NewTrouble(next http.Handler) *Trouble { return &Trouble{next: next} }

// Instead lets a handler answer everything from now on; nil ends that.
func (x *Trouble) Instead(answer http.Handler) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.answer = answer
}

// Lose lets the nth write from now (from 1) take effect and its answer get
// lost: as is the status that comes instead, 0 for a cut connection.
func (x *Trouble) Lose(nth, as int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.lose, x.as, x.lost = nth, as, false
}

// Lost reports whether an answer got lost since [Trouble.Lose], and ends that.
func (x *Trouble) Lost() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.lose = 0
	return x.lost
}

// Seen are all requests since the last call.
func (x *Trouble) Seen() []*http.Request {
	x.mu.Lock()
	defer x.mu.Unlock()
	seen := x.seen
	x.seen = nil
	return seen
}

func (x *Trouble) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, loses, as := x.plan(r)
	if answer != nil {
		answer.ServeHTTP(w, r)
		return
	}
	if !loses {
		x.next.ServeHTTP(w, r)
		return
	}
	x.next.ServeHTTP(&void{header: http.Header{}}, r)
	if as == 0 {
		panic(http.ErrAbortHandler)
	}
	http.Error(w, "an answer that got lost", as)
}

// plan notes a request and says what becomes of it.
func (x *Trouble) plan(r *http.Request) (answer http.Handler, loses bool, as int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.seen = append(x.seen, r.Clone(r.Context()))
	if x.answer != nil || !writes(r) || x.lose == 0 {
		return x.answer, false, 0
	}
	x.lose--
	x.lost = x.lost || x.lose == 0
	return nil, x.lose == 0, x.as
}

// writes reports whether a request may change something. Git asks for what it
// fetches with POST.
func writes(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && !strings.HasSuffix(r.URL.Path, "/git-upload-pack")
}

// void is where a lost answer goes.
type void struct{ header http.Header }

func (v *void) Header() http.Header         { return v.header }
func (v *void) Write(p []byte) (int, error) { return len(p), nil }
func (v *void) WriteHeader(int)             {}

// Answer says the same to everybody.
func Answer(status int, header map[string]string, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for key, value := range header {
			w.Header().Set(key, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// Endless says a little, and goes on until the other side has had enough.
func Endless(text string) http.Handler {
	chunk := bytes.Repeat([]byte(text), 1+64<<10/len(text))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"message":"`)
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
}
