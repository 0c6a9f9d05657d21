package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"shapewatch/contracts"
)

// codecPacked is the first byte of the rows that every check writes anew: how
// many numbers, the numbers as varints, and the rest as it is. A later release
// adds numbers at the end; one that a row does not have is zero.
const codecPacked = 2

// packedRoom holds most packed rows, bytes.
const packedRoom = 256

// A packedRow is a document that is kept as numbers.
type packedRow interface{ pack(out []byte) []byte }

// An unpackedRow takes what pack gave.
type unpackedRow interface{ unpack(from *packed) }

func packNumbers(out []byte, numbers ...int64) []byte {
	out = binary.AppendUvarint(append(out, codecPacked), uint64(len(numbers)))
	for _, n := range numbers {
		out = binary.AppendVarint(out, n)
	}
	return out
}

// packed is a row that is being read, from behind its codec.
type packed struct {
	raw  []byte
	left uint64 // numbers
	cut  bool   // it ends before they do
}

// next is the next number; zero when the row has no more.
func (p *packed) next() int64 {
	if p.left == 0 {
		return 0
	}
	n, used := binary.Varint(p.raw)
	if used <= 0 {
		p.left, p.cut = 0, true
		return 0
	}
	p.left, p.raw = p.left-1, p.raw[used:]
	return n
}

func (p *packed) time() time.Time {
	if n := p.next(); n != 0 {
		return fromNanos(uint64(n))
	}
	return time.Time{}
}

// rest is what follows the numbers, also those that this release does not know.
func (p *packed) rest() []byte {
	for p.left > 0 {
		p.next()
	}
	return p.raw
}

// unpack reads a row after its codec; v never aliases raw.
func unpack(raw []byte, v any) error {
	row, known := v.(unpackedRow)
	count, used := binary.Uvarint(raw)
	if !known || used <= 0 {
		return fmt.Errorf("%w: a packed row cannot be decoded", ErrDamaged)
	}
	from := &packed{raw: raw[used:], left: count}
	row.unpack(from)
	from.rest()
	if from.cut {
		return fmt.Errorf("%w: a packed row is cut off", ErrDamaged)
	}
	return nil
}

func (r probeRow) pack(out []byte) []byte {
	return append(packNumbers(out, packedTime(r.Due), int64(r.Every), packedTime(r.Retired), int64(r.Checks)), r.Last...)
}

func (r *probeRow) unpack(from *packed) {
	r.Due, r.Every, r.Retired, r.Checks = from.time(), time.Duration(from.next()), from.time(), uint64(from.next())
	r.Last = json.RawMessage(bytes.Clone(from.rest()))
	if len(r.Last) == 0 {
		r.Last = nil
	}
}

// packedTime is a time in Unix nanoseconds; 0 is none.
func packedTime(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return int64(nanos(t))
}

// An hourRow is an hour as its row holds it: the key says the probe.
type hourRow struct{ contracts.Hour }

func (h hourRow) pack(out []byte) []byte {
	return packNumbers(out,
		h.Start.Unix(), int64(h.Checks), int64(h.Failed), int64(h.Drifted), int64(h.Worst), int64(h.Answered),
		int64(h.Latency), int64(h.Slowest), h.MinItems, h.MaxItems, h.Bytes, int64(h.Valid), h.Limit, h.Least, int64(h.OldestBy))
}

func (h *hourRow) unpack(from *packed) {
	h.Hour = contracts.Hour{
		Start: time.Unix(from.next(), 0).UTC(), Checks: int(from.next()), Failed: int(from.next()), Drifted: int(from.next()),
		Worst: contracts.Severity(from.next()), Answered: int(from.next()),
		Latency: time.Duration(from.next()), Slowest: time.Duration(from.next()), MinItems: from.next(), MaxItems: from.next(),
		Bytes: from.next(), Valid: int(from.next()), Limit: from.next(), Least: from.next(), OldestBy: time.Duration(from.next()),
	}
}
