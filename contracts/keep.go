package contracts

import "fmt"

// A Keeping is what a store is to keep of a baseline after a check, in one
// transaction with the rest of it.
type Keeping struct {
	Whole  []byte // replaces what is kept and ends the lessons that led to it
	Lesson []byte // joins the lessons since the whole was kept; nil when there is a Whole
	Parts  []Part // that are new, or no more
}

// keeping is what a baseline knows of its copy in the store.
type keeping struct {
	whole   int // bytes
	lessons int // since then
	bytes   int // of these lessons
	lesson  *lesson
	moved   bool // more changed than a lesson tells
}

// maxLessons bounds what a reader must learn again. An hour has twelve checks
// at one in five minutes, and its end writes the whole anyway.
const maxLessons = 16

// Keep encodes what changed since the baseline was restored or last kept: the
// last lesson while that tells all, else the whole, with the parts that are
// complete. If what it returns is not stored, the baseline must not be used
// again.
func (b *Baseline) Keep() (k Keeping, err error) {
	b.buckets.start(b)
	if k.Parts, err = b.buckets.take(); err != nil {
		return k, err
	}
	if lesson, err := b.keeping.tell(b, len(k.Parts) > 0); lesson != nil || err != nil {
		k.Lesson = lesson
		return k, err
	}
	return b.whole(k)
}

// Whole encodes all of the baseline, as [Baseline.Keep] does when a lesson
// does not tell what changed.
func (b *Baseline) Whole() (k Keeping, err error) {
	b.buckets.start(b)
	if k.Parts, err = b.buckets.take(); err != nil {
		return k, err
	}
	return b.whole(k)
}

func (b *Baseline) whole(k Keeping) (_ Keeping, err error) {
	if k.Whole, err = b.MarshalBinary(); err != nil {
		return k, err
	}
	b.keeping = keeping{whole: len(k.Whole)}
	return k, nil
}

// take encodes the parts that are complete.
func (k *buckets) take() (parts []Part, err error) {
	for _, c := range k.closed {
		p, err := c.encode()
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	k.closed = nil
	return parts, nil
}

// tell encodes the last lesson; nil when the whole must be written instead.
func (k *keeping) tell(b *Baseline, hourOver bool) ([]byte, error) {
	if k.whole == 0 || k.moved || k.lesson == nil || hourOver || k.lessons >= maxLessons || k.bytes > max(16<<10, 2*k.whole) {
		return nil, nil
	}
	encoded, err := k.lesson.encode(b)
	k.lesson, k.lessons, k.bytes = nil, k.lessons+1, k.bytes+len(encoded)
	return encoded, err
}

// Restore decodes a baseline as a store kept it: the whole, nil at first, and
// the lessons since, oldest first. Other than [NewBaseline] it sorts what it
// learns into parts from then on.
func Restore(whole []byte, lessons [][]byte) (*Baseline, error) {
	b := NewBaseline()
	if whole != nil {
		if err := b.UnmarshalBinary(whole); err != nil {
			return nil, err
		}
	}
	b.keeping.whole = len(whole)
	b.buckets.start(b)
	for i, encoded := range lessons {
		if err := b.relearn(encoded); err != nil {
			return nil, fmt.Errorf("lesson %d of %d: %w", i+1, len(lessons), err)
		}
		b.keeping.lessons, b.keeping.bytes = i+1, b.keeping.bytes+len(encoded)
	}
	b.keeping.lesson = nil
	return b, nil
}
