// Package shape knows what a response looks like. It stands alone: it imports
// nothing of shapewatch, reads no clock and draws no random number.
//
// A [Shape] is an exact commutative monoid of sufficient statistics: observing
// adds counts, minima, maxima and bottom-k sketches and never decides. Any
// split of the samples, merged in any order on any machine, gives
// byte-identical state. Every decision (required, nullable, enum, map or
// record, format) is a view taken when reading, by [Shape.Fields].
package shape

// A Shape is what was seen of the answers of one operation.
type Shape struct{}
