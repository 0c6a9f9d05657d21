package contracts

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"shapewatch/contracts/shape"
	"shapewatch/probes"
)

// A lesson is one observation as far as the baseline is concerned. Kept one
// after the other they save encoding the whole at each check.
type lesson struct {
	observation *Observation
	learned     bool
	why, spoilt []string // of the baseline when it was learned
}

// lessonHead is all of a lesson that is no shape: what the observation's
// signals were and how the ledger stood after it was weighed.
type lessonHead struct {
	At      time.Time `json:"a"`
	Valid   bool      `json:"v,omitempty"`
	Learned bool      `json:"k,omitempty"`
	Why     []string  `json:"w,omitempty"`
	Spoilt  []string  `json:"xs,omitempty"`
	Signals *Signals  `json:"s,omitempty"`
	Ledger  []*stream `json:"l,omitempty"`
	Known   string    `json:"n,omitempty"` // what it says of each known mismatch
}

const lessonVersion = 1

// encode is "L", a version byte, and two blocks: the plain shape, empty when
// there is none, and the rest as JSON.
func (l *lesson) encode(b *Baseline) ([]byte, error) {
	o := l.observation
	h := lessonHead{At: o.At, Valid: o.Class == probes.Valid, Learned: l.learned, Why: l.why, Spoilt: l.spoilt, Ledger: b.ledger, Known: b.attended}
	var shaped []byte
	if h.Valid || o.Class == probes.Status || o.Class == probes.ErrorEnvelope {
		h.Signals = &o.Signals
	}
	if h.Valid {
		if o.Shape != nil {
			shaped = o.Shape.MarshalPlain()
		}
	}
	text, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode lesson: %w", err)
	}
	return appendBlocks([]byte{'L', lessonVersion}, shaped, text), nil
}

// relearn repeats a lesson.
func (b *Baseline) relearn(encoded []byte) error {
	if len(encoded) < 2 || encoded[0] != 'L' || encoded[1] != lessonVersion {
		return errBaseline
	}
	var blocks [2][]byte
	if err := splitBlocks(encoded[2:], blocks[:]); err != nil {
		return err
	}
	var h lessonHead
	if err := json.Unmarshal(blocks[1], &h); err != nil {
		return err
	}
	b.ledger, b.spoilt, b.why = nil, h.Spoilt, h.Why
	b.enter(h.Ledger)
	b.count(h.Known)
	o := Observation{At: h.At, Class: probes.Status}
	if h.Valid {
		o.Class = probes.Valid
	}
	if h.Signals != nil {
		o.Signals = *h.Signals
	} else if !h.Valid {
		o.Class = probes.Unreachable // nothing that teaches anything
	}
	if len(blocks[0]) > 0 {
		o.Shape = shape.New(shape.Limits{})
		if err := o.Shape.UnmarshalPlain(blocks[0]); err != nil {
			return err
		}
	}
	b.Learn(&o, Verdict{Learned: h.Learned})
	return nil
}

// enter puts decoded streams on the ledger.
func (b *Baseline) enter(ledger []*stream) {
	for _, s := range ledger {
		if s == nil || len(b.ledger) >= maxStreams {
			continue
		}
		s.fingerprint = s.Finding.Fingerprint()
		b.ledger = append(b.ledger, s)
	}
}

func appendBlocks(out []byte, blocks ...[]byte) []byte {
	room := 0
	for _, block := range blocks {
		room += binary.MaxVarintLen32 + len(block)
	}
	out = slices.Grow(out, room)
	for _, block := range blocks {
		out = binary.AppendUvarint(out, uint64(len(block)))
		out = append(out, block...)
	}
	return out
}

// splitBlocks cuts what appendBlocks wrote into as many blocks as there is
// room for.
func splitBlocks(in []byte, blocks [][]byte) error {
	for i := range blocks {
		n, used := binary.Uvarint(in)
		if used <= 0 || n > uint64(len(in)-used) {
			return fmt.Errorf("decode baseline: %w", errBaseline)
		}
		blocks[i], in = in[used:used+int(n)], in[used+int(n):]
	}
	return nil
}
