package shape

import (
	"fmt"
	"time"
)

// A Shape is what was seen of the answers of one operation. The zero value is
// not ready; use [New]. A Shape may be read by many goroutines or changed by
// one.
type Shape struct {
	limits Limits
	probes uint64
	root   *node
	serial uint64 // of the object that was opened last
	late   *late  // nil when nothing was observed
}

// New returns an empty shape.
func New(limits Limits) *Shape { return &Shape{limits: limits.orDefaults(), root: &node{}} }

// Probes is the number of answers observed.
func (s *Shape) Probes() uint64 { return s.probes }

// Observe adds one probe's answer, a JSON body received at the given time. On
// an error (a [SyntaxError] or a [LimitError]) the shape is unchanged.
func (s *Shape) Observe(body []byte, at time.Time) error {
	if int64(len(body)) > s.limits.Body {
		return &LimitError{Problem: fmt.Sprintf("body larger than %d bytes", s.limits.Body)}
	}
	w := s.walker()
	defer w.giveBack()
	return s.observe(w, body, at)
}

func (s *Shape) observe(w *walker, body []byte, at time.Time) error {
	text := withoutBOM(body)
	start := skipSpace(text, 0)
	end := w.pass.whole(text[start:], s.root)
	if end < 0 || skipSpace(text, start+end) < len(text) {
		return s.explain(text, len(body)-len(text))
	}
	s.learn(w, text[start:], at)
	return nil
}

// explain says what is wrong with a text; skipped bytes came before it.
func (s *Shape) explain(text []byte, skipped int) error {
	c := checker{b: text, limits: s.limits}
	c.body(func(i int) int { return c.skip(i, 0) })
	return c.explain(skipped)
}

// learn observes one valid text, of which the first stretch is on the walker's
// tape.
func (s *Shape) learn(w *walker, text []byte, at time.Time) {
	w.b, w.when, w.folds = text, at.Unix(), 0
	w.reserve()
	w.observe(s.root)
	w.settle()
	s.probes++
}

// ready is the root once all that was observed is in it: what is told by tag
// is brought up to date only when somebody reads.
func (s *Shape) ready() *node {
	if s.late != nil && s.late.some.Load() {
		s.late.finish()
	}
	return s.root
}

func withoutBOM(body []byte) []byte {
	if len(body) >= 3 && string(body[:3]) == "\xef\xbb\xbf" {
		return body[3:]
	}
	return body
}

// Merge adds what t has seen; t is unchanged. Merging is exactly commutative
// and associative, and an empty shape is its identity.
func (s *Shape) Merge(t *Shape) {
	s.probes += t.probes
	s.merge(s.ready(), t.ready())
}

// Clone returns an independent copy.
func (s *Shape) Clone() *Shape {
	c := New(s.limits)
	c.Merge(s)
	return c
}

// Reset forgets everything and keeps the memory, so that one shape can serve
// one answer after the other without allocating.
func (s *Shape) Reset() {
	s.probes = 0
	if s.late != nil {
		s.late.forget()
	}
	if s.root.size() > 2*s.limits.Nodes {
		s.root = &node{} // hostile answers left too many dead nodes
		return
	}
	s.root.reset()
}

// size counts the nodes of a subtree, dead ones too.
func (n *node) size() int {
	total := 1
	if n.list != nil && n.list.items != nil {
		total += n.list.items.size()
	}
	if n.object != nil {
		for _, k := range n.object.kids {
			total += k.size()
		}
		if n.object.rest != nil {
			total += n.object.rest.size()
		}
	}
	return total
}

// Weight is about how many paths the shape keeps, a measure of its memory.
func (s *Shape) Weight() int { return s.root.weight }
