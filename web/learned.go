package web

import (
	"fmt"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

// learned decodes a baseline and returns the fields of its shape; none when
// nothing has been learned yet.
func learned(encoded []byte) ([]shape.Field, error) {
	if len(encoded) == 0 {
		return nil, nil
	}
	baseline := new(contracts.Baseline)
	if err := baseline.UnmarshalBinary(encoded); err != nil {
		return nil, fmt.Errorf("baseline: %w", err)
	}
	if baseline.Shape == nil {
		return nil, nil
	}
	return baseline.Shape.Fields(), nil
}
