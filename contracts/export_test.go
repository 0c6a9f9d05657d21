package contracts

import "encoding/json"

// MarshalBinaryV1 is what version 1 wrote.
func (b *Baseline) MarshalBinaryV1() ([]byte, error) {
	shaped, err := b.Shape.MarshalBinary()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(rest{Habits: b.Habits, Known: b.Known, Since: b.Since, Last: b.Last, Ledger: b.ledger, Marks: b.marks, Stride: b.stride})
	return appendBlocks([]byte{'B', 1}, shaped, nil, text), err
}

// Sum is what parts and the hour that is not over add up to.
func (b *Baseline) Sum(parts []Part) ([]byte, error) {
	sum := newMemory()
	for _, p := range parts {
		decoded, err := decodePart(p)
		if err != nil {
			return nil, err
		}
		sum.merge(&decoded.memory)
	}
	if b.buckets.hour != nil {
		sum.merge(b.buckets.hour)
	}
	return sum.Shape.MarshalBinary()
}

// HighestAt is the highest whole number at a path of a JSON text.
func HighestAt(text, path string) (int64, bool) { return highestAt([]byte(text), path) }
