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
	folds  uint64 // grows with every fold while reading
	walker *walker
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
	text := withoutBOM(body)
	if s.probes > 0 { // what is known must survive a bad body
		c := checker{b: text, limits: s.limits}
		c.body(func(i int) int { return c.skip(i, 0) })
		if c.problem != "" {
			return c.explain(len(body) - len(text))
		}
	}
	w := s.begin(text, at)
	w.body(func(int) int { return w.observe(s.root) })
	if w.problem != "" {
		err := w.explain(len(body) - len(text))
		w.release()
		w.pending = w.pending[:0]
		s.Reset()
		return err
	}
	w.settle()
	w.finish()
	s.probes++
	return nil
}

func (s *Shape) begin(text []byte, at time.Time) *walker {
	if s.walker == nil {
		s.walker = &walker{shape: s, room: manyKeys}
	}
	w := s.walker
	w.checker = checker{b: text, limits: s.limits}
	w.when = at.Unix()
	w.reserve()
	return w
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
	s.merge(s.root, t.root)
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
