package contracts

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"shapewatch/contracts/shape"
)

// The encoding is "B", a version byte, and three blocks, each with its length
// before it: the shape, the held shape (empty when none) and the rest as JSON.
const baselineVersion = 1

var errBaseline = errors.New("not an encoded baseline")

// rest is all of a baseline that is no shape.
type rest struct {
	Habits Habits    `json:"h"`
	Known  []Finding `json:"k,omitempty"`
	Since  time.Time `json:"a,omitzero"`
	Last   time.Time `json:"z,omitzero"`
	Ledger []*stream `json:"l,omitempty"`
	Held   *Habits   `json:"q,omitempty"`
	Spoil  bool      `json:"x,omitempty"`
	Marks  []mark    `json:"m,omitempty"`
	Stride uint64    `json:"d,omitempty"`
}

// MarshalBinary encodes the baseline; equal baselines have equal bytes.
func (b *Baseline) MarshalBinary() ([]byte, error) {
	learned, err := b.Shape.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("encode baseline: %w", err)
	}
	r := rest{b.Habits, b.Known, b.Since, b.Last, b.ledger, nil, b.spoil, b.marks, b.stride}
	var held []byte
	if b.held != nil {
		r.Held = &b.held.Habits
		if held, err = b.held.Shape.MarshalBinary(); err != nil {
			return nil, fmt.Errorf("encode baseline: %w", err)
		}
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode baseline: %w", err)
	}
	out := make([]byte, 0, len(learned)+len(held)+len(text)+16)
	out = append(out, 'B', baselineVersion)
	for _, block := range [][]byte{learned, held, text} {
		out = binary.AppendUvarint(out, uint64(len(block)))
		out = append(out, block...)
	}
	return out, nil
}

// UnmarshalBinary decodes what MarshalBinary wrote. On an error the baseline
// is unchanged.
func (b *Baseline) UnmarshalBinary(encoded []byte) error {
	if len(encoded) < 2 || encoded[0] != 'B' {
		return errBaseline
	}
	if encoded[1] != baselineVersion {
		return fmt.Errorf("baseline of version %d: this program reads version %d; use a newer one", encoded[1], baselineVersion)
	}
	blocks, err := splitBlocks(encoded[2:])
	if err != nil {
		return err
	}
	decoded := NewBaseline()
	if err := decoded.Shape.UnmarshalBinary(blocks[0]); err != nil {
		return fmt.Errorf("decode baseline: %w", err)
	}
	var r rest
	if err := json.Unmarshal(blocks[2], &r); err != nil {
		return fmt.Errorf("decode baseline: %w", err)
	}
	if err := decoded.restore(r, blocks[1]); err != nil {
		return err
	}
	*b = *decoded
	return nil
}

func (b *Baseline) restore(r rest, held []byte) error {
	b.Habits, b.Known, b.Since, b.Last, b.spoil, b.marks, b.stride = r.Habits, r.Known, r.Since, r.Last, r.Spoil, r.Marks, r.Stride
	for _, s := range r.Ledger {
		if s == nil || len(b.ledger) >= maxStreams {
			continue
		}
		s.fingerprint = s.Finding.Fingerprint()
		b.ledger = append(b.ledger, s)
	}
	if r.Held == nil {
		return nil
	}
	b.held = &memory{Shape: shape.New(shape.Limits{}), Habits: *r.Held}
	if err := b.held.Shape.UnmarshalBinary(held); err != nil {
		return fmt.Errorf("decode baseline: held answers: %w", err)
	}
	return nil
}

func splitBlocks(in []byte) (blocks [3][]byte, err error) {
	for i := range blocks {
		n, used := binary.Uvarint(in)
		if used <= 0 || n > uint64(len(in)-used) {
			return blocks, fmt.Errorf("decode baseline: %w", errBaseline)
		}
		blocks[i], in = in[used:used+int(n)], in[used+int(n):]
	}
	return blocks, nil
}
