package contracts

import (
	"slices"
	"time"
)

// A course is how a sequence has moved lately, hour by hour.
type course struct {
	Top   int64      `json:"v"`           // the highest so far
	Seen  uint64     `json:"n"`           // answers
	Below uint64     `json:"b,omitempty"` // of these, lower than the highest before them
	Low   uint64     `json:"l,omitempty"` // of these, the last ones in a row
	Moved int64      `json:"a,omitempty"` // when it last did, Unix seconds; 0 when nobody knows
	Mark  paceMark   `json:"m"`           // where the hour began that is not over
	Hours []paceHour `json:"h,omitempty"` // that are over, oldest first
}

type paceMark struct {
	At  int64 `json:"t"` // Unix seconds
	Top int64 `json:"v"`
}

// A paceHour is how far a sequence moved in about an hour.
type paceHour struct {
	At  int64 `json:"t"` // its middle, Unix seconds
	For int64 `json:"f"` // seconds
	By  int64 `json:"b"`
}

// What a course keeps, and needs.
const (
	sequencePulse = "sequence:"
	paceStep      = 3600         // seconds
	paceGap       = 3 * paceStep // between two answers: nobody knows how it went in between
	paceKept      = 48           // hours
	restarts      = 10           // answers in a row that are lower: it begins anew
	dips          = 50           // one answer in so many may be lower
	slowHours     = 3            // in a row
	slowTimes     = 2            // times slower than ever in these hours of the week
	slowLeast     = 30           // what would have come in them at the least
	slowPart      = paceStep / 4 // of the hour that is not over
)

// add counts an answer, and returns the hour that is old enough to be learned:
// what is judged is not what it is judged by.
func (c *course) add(at, n int64) (old *paceHour) {
	if c.Seen++; c.Seen == 1 {
		c.Top, c.Moved, c.Mark = n, at, paceMark{at, n}
		return nil
	}
	if n < c.Top {
		c.Below++
		if c.Low++; c.Low < restarts {
			return nil
		}
		c.Top, c.Low, c.Moved, c.Mark = n, 0, at, paceMark{at, n}
		return c.keep(paceHour{at, 0, unknownPace})
	}
	if n > c.Top {
		c.Moved = at
	}
	c.Top, c.Low = n, 0
	hour := c.hour(at)
	if hour.For < paceStep {
		return nil
	}
	if c.Mark = (paceMark{at, n}); hour.For > paceGap {
		hour.By = unknownPace
	}
	return c.keep(hour)
}

// unknownPace is how far it moved in an hour of which nobody knows.
const unknownPace = -1

func (c *course) keep(hour paceHour) (old *paceHour) {
	if c.Hours = append(c.Hours, hour); len(c.Hours) <= paceKept {
		return nil
	}
	old, c.Hours = &c.Hours[0], c.Hours[1:]
	return old
}

// hour is how far it moved since the mark.
func (c *course) hour(at int64) paceHour {
	return paceHour{(at + c.Mark.At) / 2, at - c.Mark.At, c.Top - c.Mark.Top}
}

// perDay is the pace of an hour.
func (h paceHour) perDay() float64 { return float64(h.By) * 86400 / float64(max(h.For, 1)) }

// within are times in the hours of the clock that it covers.
func (h paceHour) within() (times []time.Time) {
	for at := h.At - h.For/2 + paceStep/2; at < h.At+h.For/2; at += paceStep {
		times = append(times, time.Unix(at, 0))
	}
	return times
}

// A Pace is how far a sequence usually moves in a day, by hour of the week.
type Pace struct {
	Path string `json:"p"`
	Week Rhythm `json:"w"`
}

// A stride is how far a sequence moved in one hour, as it is learned.
type stride struct {
	path   string
	at     time.Time
	perDay int64
}

// advance follows the sequences of a valid answer, and notes in it what is to
// be learned of their pace.
func (b *Baseline) advance(o *Observation) {
	o.strides = nil
	for _, s := range o.Signals.Sequences {
		p := b.pulse(sequencePulse + s.Path)
		if p == nil {
			continue
		}
		if p.Course == nil {
			p.Course = &course{}
		}
		old := p.Course.add(o.At.Unix(), s.At)
		if old == nil || old.By == unknownPace || !p.Course.numbered() {
			continue
		}
		for _, at := range old.within() {
			o.strides = append(o.strides, stride{s.Path, at, b.Habits.pace(s.Path).temper(at, old.perDay())})
		}
	}
}

// temper is what is learned of a pace: one that is much slower than ever in
// this hour of the week is learned by halves, because a feast or a fault is not
// what is usual.
func (r Rhythm) temper(at time.Time, perDay float64) int64 {
	now := hourOfWeek(at)
	for _, s := range r {
		if s[slotHour] == now && s[slotCount] >= tells {
			perDay = max(perDay, size(float64(s[slotMin]))/slowTimes)
		}
	}
	return int64(perDay)
}

// numbered reports whether it goes up and hardly ever down.
func (c *course) numbered() bool { return c.Below*dips <= c.Seen }

// pace is the usual pace of a sequence.
func (h *Habits) pace(path string) Rhythm {
	if i := slices.IndexFunc(h.Paces, func(p Pace) bool { return p.Path == path }); i >= 0 {
		return h.Paces[i].Week
	}
	return nil
}

func (h *Habits) addPaces(strides []stride) {
	for _, s := range strides {
		if p := h.paceOf(s.path); p != nil {
			p.Week.Add(s.at, s.perDay)
		}
	}
}

func (h *Habits) mergePaces(paces []Pace) {
	for _, o := range paces {
		if p := h.paceOf(o.Path); p != nil {
			p.Week.merge(o.Week)
		}
	}
}

// paceOf finds the pace of a path, or starts one; nil beyond the bound.
func (h *Habits) paceOf(path string) *Pace {
	if i := slices.IndexFunc(h.Paces, func(p Pace) bool { return p.Path == path }); i >= 0 {
		return &h.Paces[i]
	}
	if len(h.Paces) >= 2*maxSequences {
		return nil
	}
	h.Paces = append(h.Paces, Pace{Path: path})
	return &h.Paces[len(h.Paces)-1]
}
