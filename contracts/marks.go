package contracts

import "time"

// A mark says how many answers had been learned when another one came.
type mark struct {
	At int64  `json:"t"` // Unix seconds of the answer
	N  uint64 `json:"n"` // answers learned before it
}

// maxMarks bounds the marks; when they are full every other one goes, so that
// they stay spread over the whole time.
const maxMarks = 64

func (b *Baseline) mark(at time.Time) {
	now := at.Unix()
	if n := len(b.marks); n > 0 && b.Answers()-b.marks[n-1].N < b.stride {
		return
	}
	b.marks = append(b.marks, mark{now, b.Answers()})
	if len(b.marks) <= maxMarks {
		return
	}
	kept := b.marks[:0]
	for i, m := range b.marks {
		if i%2 == 0 {
			kept = append(kept, m)
		}
	}
	b.marks, b.stride = kept, 2*max(b.stride, 1)
}

// AnswersSince is about how many answers were learned from a time on; it errs
// towards more. A field first seen then can have been in so many.
func (b *Baseline) AnswersSince(t time.Time) uint64 {
	since := t.Unix()
	before := uint64(0)
	for _, m := range b.marks {
		if m.At > since {
			break
		}
		before = m.N
	}
	return b.Answers() - min(before, b.Answers())
}
