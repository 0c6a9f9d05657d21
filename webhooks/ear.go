package webhooks

import (
	"math"
	"time"

	"shapewatch/probes"
)

// An Ear has heard all types of a source, and says of each whether its silence
// is unusual. It is a pure view: the same rhythms and times, the same answer.
// It is not for concurrent use.
type Ear struct {
	Rhythms  []Rhythm
	Deaf     []probes.Deaf // when we did not listen, oldest first; set before the first question
	times    Times
	patterns []*pattern
	read     []bool
	told     []Hush
	known    []bool
	all      *whole          // nil until it is asked for
	together map[[2]int]bool // whether the second rests when the first does, of those that were asked for
}

// Listen makes an ear of the rhythms of a source. Nothing is worked out before
// it is asked for.
func Listen(rhythms []Rhythm, times Times) *Ear {
	n := len(rhythms)
	return &Ear{Rhythms: rhythms, times: times, patterns: make([]*pattern, n), read: make([]bool, n), told: make([]Hush, n), known: make([]bool, n), together: map[[2]int]bool{}}
}

// A Hush is what there is to say while nothing comes of a type.
type Hush struct {
	Told    time.Time     // when silence is told if nothing comes until then; zero while too little is known
	ByHours bool          // by the hours of its week: else by its longest pause
	Pause   time.Duration // longest usual pause
	Usual   float64       // events that usually come from the last one until Told, by the hours of its week; 0 when those are not known
}

// Silent is how long nothing has come, when that is to be told; else 0.
func (h Hush) Silent(last, now time.Time) time.Duration {
	if h.Told.IsZero() || now.Before(h.Told) {
		return 0
	}
	return now.Sub(last)
}

// Missing is how many events usually come until silence is told, where the hours
// of the week have decided when that is; else 0.
func (h Hush) Missing() uint64 {
	if !h.ByHours {
		return 0
	}
	return uint64(max(math.Round(h.Usual), 1))
}

// soonest is how long silence is never told by the hours of a week: their
// twelfths are too coarse.
const soonest = 15 * time.Minute

// Silent is how long nothing of the ith type has come, when that is to be told;
// else 0.
func (e *Ear) Silent(i int, now time.Time) time.Duration {
	r := &e.Rhythms[i]
	if quiet := now.Sub(r.Last); quiet < soonest && quiet < silentAfter*r.LongestPause() {
		return 0
	}
	return e.Hush(i).Silent(r.Last, now)
}

// Hush is when the ith type would be silent, and why.
func (e *Ear) Hush(i int) Hush {
	if !e.known[i] {
		e.told[i], e.known[i] = e.hush(i), true
	}
	return e.told[i]
}

// ByNow is how many events of the ith type usually come from the last one until
// now, by the hours of its week; known only when those are.
func (e *Ear) ByNow(i int, now time.Time) (n float64, known bool) {
	p := e.pattern(i)
	if p == nil || now.Sub(e.Rhythms[i].Last) > longestQuiet {
		return 0, false
	}
	return p.expected(e.Rhythms[i].Last, now), true
}

func (e *Ear) hush(i int) (h Hush) {
	r := &e.Rhythms[i]
	if h.Pause = r.LongestPause(); h.Pause == 0 {
		return h
	}
	h.Told = e.listened(r.Last, silentAfter*h.Pause, h.Pause)
	p := e.pattern(i)
	if p == nil {
		return h
	}
	if at, sooner := e.byHours(i, p, h.Told); sooner {
		h.Told, h.ByHours = at, true
	}
	h.Usual = p.expected(r.Last, h.Told)
	return h
}

func (e *Ear) pattern(i int) *pattern {
	if !e.read[i] {
		p := newPattern(&e.Rhythms[i], e.times)
		if p != nil {
			p.deaf = e.Deaf
		}
		e.patterns[i], e.read[i] = p, true
	}
	return e.patterns[i]
}

// byHours is the first minute at which the hours of the week say that it is
// silent, if that is before another time.
func (e *Ear) byHours(i int, p *pattern, before time.Time) (at time.Time, sooner bool) {
	last := e.Rhythms[i].Last
	low, high := int64(soonest/time.Minute), int64(before.Sub(last)/time.Minute)
	if low >= high || !e.exceeds(i, p, last.Add(time.Duration(high)*time.Minute)) {
		return at, false
	}
	for low < high {
		if mid := (low + high) / 2; e.exceeds(i, p, last.Add(time.Duration(mid)*time.Minute)) {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return last.Add(time.Duration(low) * time.Minute), true
}

// exceeds reports whether more is missing at a time than ever is: in the rest of
// the shift in which the last event came, or in the shifts after those that may
// be missed. Once it does it goes on to. Where the zone is not known the week is
// held against it an hour earlier and later, too, and the least counts.
func (e *Ear) exceeds(i int, p *pattern, now time.Time) bool {
	rest, missed := math.Inf(1), math.Inf(1)
	for _, off := range p.times.offsets() {
		pieces := p.pieces(e.Rhythms[i].Last, now, off)
		rest, missed = min(rest, pieces[0].slots), min(missed, e.missed(i, p, pieces[1:], now))
	}
	return rest >= p.limit || missed >= p.limit
}

func (t Times) offsets() []int64 {
	if t.Zone == nil {
		return []int64{0, 1, -1}
	}
	return []int64{0}
}

// missed is what did not come in the shifts after those that may be missed. One
// in which another type came that rests when this one does was none of them.
func (e *Ear) missed(i int, p *pattern, shifts []piece, now time.Time) (slots float64) {
	for n, x := range shifts {
		if n >= p.spare || e.vouched(i, x, now) {
			slots += x.slots
		}
	}
	return slots
}

// A piece is what a pause takes of one shift.
type piece struct {
	stretch
	slots float64 // expected in it
}

// pieces divides a pause; the first is of the shift in which it began, and
// empty when that was over.
func (p *pattern) pieces(from, to time.Time, off int64) []piece {
	first, end := worldHour(from), worldHour(to)
	list, working := []piece{{stretch: stretch{first, first}}}, true
	for i, place := range p.times.places(first, end+1) {
		hour := first + int64(i)
		if place != restPlace {
			place = uint8((int64(place) + off + HoursOfWeek) % HoursOfWeek)
		}
		if p.rest[place] {
			working = false
			continue
		}
		if !working {
			list, working = append(list, piece{stretch: stretch{hour, hour}}), true
		}
		last := &list[len(list)-1]
		last.slots += p.rate[place] * p.heardOf(hour, from, to)
		last.until = hour + 1
	}
	return list
}

// part is how much of an hour lies in a time.
func part(hour int64, from, to time.Time) float64 {
	begin, end := max(float64(hour)*3600, seconds(from)), min(float64(hour+1)*3600, seconds(to))
	return max(end-begin, 0) / 3600
}

func seconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }

// expected is how many events usually come in a time.
func (p *pattern) expected(from, to time.Time) (n float64) {
	first := worldHour(from)
	for i, place := range p.times.places(first, worldHour(to)+1) {
		n += p.events[place] * p.heardOf(first+int64(i), from, to)
	}
	return n
}

// after is the time when a pause has lasted so long, whole quiet days not
// counted, and not in a quiet hour.
func (t Times) after(last time.Time, pause time.Duration) time.Time {
	at := last.Add(pause)
	if len(t.Quiet) == 0 {
		return at
	}
	for h := last; h.Before(at) && at.Sub(last) < longestQuiet; h = h.Add(time.Hour) {
		if t.agreed(h, true) {
			at = at.Add(time.Hour)
		}
	}
	for t.agreed(at, false) && at.Sub(last) < longestQuiet {
		at = at.Add(time.Minute)
	}
	return at
}

// longestQuiet bounds what agreed quiet can put off.
const longestQuiet = 100 * 24 * time.Hour
