package contracts

import "shapewatch/contracts/shape"

// A Baseline is what was learned of one probe: the merged shapes and signals
// of the observations that deserved it, and the running evidence about those
// that did not.
type Baseline struct {
	Shape *shape.Shape
}
