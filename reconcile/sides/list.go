package sides

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"shapewatch/probes"
	"shapewatch/reconcile"
)

// A ListSide is a JSON list of rows that is at hand already.
type ListSide struct {
	text    []byte
	columns []string
	meter
}

// List returns a side of the rows in a JSON list.
func List(text []byte, columns []string) *ListSide { return &ListSide{text: text, columns: columns} }

// Rows hands over all rows of the list.
func (l *ListSide) Rows(_ context.Context, _ *reconcile.Part, yield func([]reconcile.Cell) error) error {
	cells, places := make([]reconcile.Cell, len(l.columns)), pointers(l.columns)
	l.bytes.Add(int64(len(l.text)))
	err := eachJSON(bytes.NewReader(l.text), "", func(row any) error {
		pick(row, places, cells)
		if err := yield(cells); err != nil {
			return fmt.Errorf("%w: %w", errOurs, err)
		}
		return nil
	})
	if err == nil || errors.Is(err, errOurs) {
		return err
	}
	return &Problem{Class: probes.InvalidJSON, Text: err.Error()}
}
