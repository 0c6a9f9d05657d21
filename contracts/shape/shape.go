// Package shape knows what a response looks like. It stands alone: it imports
// nothing of shapewatch, reads no clock and draws no random number.
//
// A [Shape] is an exact commutative monoid of sufficient statistics: observing
// adds counts, minima, maxima and bottom-k sketches and never decides. Any
// split of the samples, merged in any order on any machine, gives
// byte-identical state. Every decision (required, nullable, enum, map or
// record, format) is a view taken when reading, by [Shape.Fields].
package shape

import "time"

// Limits bound what a shape keeps and what a body may ask for. A zero field
// takes its default.
type Limits struct {
	Nodes    int   // paths kept; beyond it heavy objects are folded into maps (4,096)
	Depth    int   // nesting of a body; deeper is a LimitError (64)
	Keys     int   // keys of one object of a body; more is a LimitError (100,000)
	KeyBytes int   // longer keys are cut and end in a hash (256)
	Body     int64 // bytes of a body; more is a LimitError (64 MiB)
}

func (l Limits) orDefaults() Limits {
	pick := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	pick(&l.Nodes, 4096)
	pick(&l.Depth, 64)
	pick(&l.Keys, 100_000)
	pick(&l.KeyBytes, 256)
	if l.Body <= 0 {
		l.Body = 64 << 20
	}
	return l
}

// A Shape is what was seen of the answers of one operation.
type Shape struct {
	limits Limits
	probes uint64
	root   *node
}

// New returns an empty shape.
func New(limits Limits) *Shape { return &Shape{limits: limits.orDefaults(), root: &node{}} }

// Probes is the number of answers observed.
func (s *Shape) Probes() uint64 { return s.probes }

// Observe adds one probe's answer, a JSON body received at the given time. On
// an error (a [SyntaxError] or a [LimitError]) the shape is unchanged.
func (s *Shape) Observe(body []byte, at time.Time) error {
	one := &Shape{limits: s.limits, root: &node{}, probes: 1}
	if err := one.read(body, at.Unix()); err != nil {
		return err
	}
	s.Merge(one)
	return nil
}

// Merge adds what t has seen; t is unchanged.
func (s *Shape) Merge(t *Shape) {
	s.probes += t.probes
	s.root.merge(t.root)
}

// Clone returns an independent copy.
func (s *Shape) Clone() *Shape {
	c := &Shape{limits: s.limits, root: &node{}}
	c.Merge(s)
	return c
}

// Reset forgets everything and keeps the memory for the next answer.
func (s *Shape) Reset() { s.root, s.probes = &node{}, 0 }
