package contracts

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"shapewatch/contracts/shape"
)

// The encoding is "B", a version byte, and blocks, each with its length before
// it: the shape, the shapes of held batches as blocks, the shape of the hour that
// is not over (empty when none), and the rest as packed JSON. Version 1 had no
// hours, one batch and plain JSON; it is still read, but for that batch.
const baselineVersion = 2

var errBaseline = errors.New("not an encoded baseline")

// rest is all of a baseline that is no shape.
type rest struct {
	Habits  Habits     `json:"h"`
	Known   []Mismatch `json:"k,omitempty"`
	Since   time.Time  `json:"a,omitzero"`
	Last    time.Time  `json:"z,omitzero"`
	Ledger  []*stream  `json:"l,omitempty"`
	Held    *Habits    `json:"q,omitempty"` // of version 1
	Batches []kept     `json:"qs,omitempty"`
	Spoilt  []string   `json:"xs,omitempty"`
	Marks   []mark     `json:"m,omitempty"`
	Stride  uint64     `json:"d,omitempty"`
	Passed  []string   `json:"p,omitempty"`
	History []Move     `json:"y,omitempty"`
	Hour    *Habits    `json:"o,omitempty"`
	HourAt  time.Time  `json:"t,omitzero"`
	Rolled  time.Time  `json:"r,omitzero"`
	Parts   bool       `json:"b,omitempty"` // whether parts are kept
	Pulses  []pulse    `json:"u,omitempty"`
	Refused Refusals   `json:"f,omitzero"`
	Maps    []string   `json:"ms,omitempty"`
}

// MarshalBinary encodes the baseline whole, but for parts that are complete;
// equal baselines have equal bytes.
func (b *Baseline) MarshalBinary() ([]byte, error) {
	r := rest{
		Habits: b.Habits, Known: b.Known, Since: b.Since, Last: b.Last, Ledger: b.ledger, Spoilt: b.spoilt, Marks: b.marks,
		Stride: b.stride, Passed: b.passed, History: b.History, Pulses: b.pulses, Refused: b.Refusals, HourAt: b.buckets.at, Rolled: b.buckets.rolled, Parts: b.buckets.on, Maps: b.maps,
	}
	var blocks [4][]byte
	var failed [4]error
	blocks[0], failed[0] = b.Shape.MarshalBinary()
	r.Batches, blocks[1], failed[1] = encodeBatches(b.held)
	r.Hour, blocks[2], failed[2] = b.buckets.hour.encode()
	blocks[3], failed[3] = packJSON(r)
	if err := errors.Join(failed[:]...); err != nil {
		return nil, fmt.Errorf("encode baseline: %w", err)
	}
	return appendBlocks([]byte{'B', baselineVersion}, blocks[:]...), nil
}

// encode is nothing when there is no memory.
func (m *memory) encode() (*Habits, []byte, error) {
	if m == nil {
		return nil, nil, nil
	}
	shaped, err := m.Shape.MarshalBinary()
	return &m.Habits, shaped, err
}

// UnmarshalBinary decodes what MarshalBinary wrote, in this version or the one
// before. On an error the baseline is unchanged.
func (b *Baseline) UnmarshalBinary(encoded []byte) error {
	if len(encoded) < 2 || encoded[0] != 'B' || encoded[1] == 0 {
		return errBaseline
	}
	blocks := make([][]byte, 4)
	unpack := unpackJSON
	switch v := encoded[1]; {
	case v > baselineVersion:
		return fmt.Errorf("baseline of version %d: this program reads up to version %d; use a newer one", v, baselineVersion)
	case v == 1:
		blocks, unpack = blocks[:3], func(text []byte, v any) error { return json.Unmarshal(text, v) }
	}
	if err := splitBlocks(encoded[2:], blocks); err != nil {
		return err
	}
	var r rest
	if err := unpack(blocks[len(blocks)-1], &r); err != nil {
		return fmt.Errorf("decode baseline: %w", err)
	}
	decoded := NewBaseline()
	if err := decoded.restore(r, blocks[:len(blocks)-1]); err != nil {
		return fmt.Errorf("decode baseline: %w", err)
	}
	*b = *decoded
	return nil
}

func (b *Baseline) restore(r rest, shapes [][]byte) (err error) {
	b.Habits, b.Known, b.Since, b.Last, b.spoilt, b.marks, b.stride = r.Habits, r.Known, r.Since, r.Last, r.Spoilt, r.Marks, r.Stride
	b.passed, b.History, b.pulses, b.Refusals, b.maps = r.Passed, r.History, r.Pulses, r.Refused, r.Maps
	b.enter(r.Ledger)
	if err := b.Shape.UnmarshalBinary(shapes[0]); err != nil {
		return err
	}
	if b.held, err = decodeBatches(r.Batches, shapes[1]); err != nil {
		return err
	}
	b.buckets.on, b.buckets.at, b.buckets.rolled = r.Parts, r.HourAt, r.Rolled
	if len(shapes) > 2 {
		b.buckets.hour, err = decodeMemory(r.Hour, shapes[2])
	}
	return err
}

func decodeMemory(h *Habits, shaped []byte) (*memory, error) {
	if h == nil {
		return nil, nil
	}
	m := &memory{shape.New(shape.Limits{}), *h}
	return m, m.Shape.UnmarshalBinary(shaped)
}

// kept is a batch without its shape.
type kept struct {
	Habits Habits   `json:"h"`
	Why    []string `json:"w"`
}

func encodeBatches(held []*batch) (rows []kept, shapes []byte, err error) {
	for _, h := range held {
		_, shaped, err := h.encode()
		if err != nil {
			return nil, nil, err
		}
		rows, shapes = append(rows, kept{h.Habits, h.Why}), appendBlocks(shapes, shaped)
	}
	return rows, shapes, nil
}

func decodeBatches(rows []kept, shapes []byte) (held []*batch, err error) {
	blocks := make([][]byte, min(len(rows), maxBatches))
	if err := splitBlocks(shapes, blocks); err != nil {
		return nil, err
	}
	for i, shaped := range blocks {
		m, err := decodeMemory(&rows[i].Habits, shaped)
		if err != nil {
			return nil, err
		}
		held = append(held, &batch{*m, rows[i].Why})
	}
	return held, nil
}
