package webhooks

import "time"

// A whole is all types of a source as one.
type whole struct {
	rhythm Rhythm
	hush   Hush
}

// Whole is when the source would be silent as a whole, if that is to be told
// before the silence of any of its types; else the zero hush. Of two types that
// come every ten minutes, one comes every five.
func (e *Ear) Whole() (h Hush, last time.Time) {
	if e.all == nil {
		e.all = &whole{rhythm: together(e.Rhythms)}
		e.all.hush = e.ofAll(&e.all.rhythm)
	}
	return e.all.hush, e.all.rhythm.Last
}

// WholeSilent is how long nothing has come at all, when that is to be told; else
// 0.
func (e *Ear) WholeSilent(now time.Time) time.Duration {
	for i := range e.Rhythms {
		if now.Sub(e.Rhythms[i].Last) < soonest {
			return 0
		}
	}
	h, last := e.Whole()
	return h.Silent(last, now)
}

// Covered reports whether the silence of the ith type is part of that of the
// whole source, which is told before it.
func (e *Ear) Covered(i int, now time.Time) bool {
	h, _ := e.Whole()
	return e.WholeSilent(now) > 0 && !e.Hush(i).Told.Before(h.Told)
}

func (e *Ear) ofAll(r *Rhythm) (h Hush) {
	before, pause, known := e.soonestType(r.Last)
	if len(e.Rhythms) < 2 || !known {
		return h
	}
	alone := Listen([]Rhythm{*r}, e.times)
	alone.Deaf = e.Deaf
	p := alone.pattern(0)
	if p == nil {
		return h
	}
	at, sooner := alone.byHours(0, p, before)
	if !sooner {
		return h
	}
	return Hush{Told: at, ByHours: true, Pause: pause, Usual: p.expected(r.Last, at)}
}

// soonestType is when the first of the types that still came is told, and the
// shortest of their longest pauses: the source was never quiet for longer.
func (e *Ear) soonestType(last time.Time) (at time.Time, pause time.Duration, known bool) {
	for i := range e.Rhythms {
		h := e.Hush(i)
		if h.Pause == 0 || !h.Told.After(last) {
			continue
		}
		if !known || h.Told.Before(at) {
			at = h.Told
		}
		if !known || h.Pause < pause {
			pause = h.Pause
		}
		known = true
	}
	return at, pause, known
}

// together is what came of all types.
func together(rhythms []Rhythm) (all Rhythm) {
	for i := range rhythms {
		r := &rhythms[i]
		if all.Count == 0 || r.First.Before(all.First) {
			all.First = r.First
		}
		if r.Last.After(all.Last) {
			all.Last = r.Last
		}
		all.Count += r.Count
		all.Calendar.Merge(r.Calendar.Clone())
		all.Calendar.put(worldHour(r.Hour), r.InHour, r.Slots)
	}
	return all
}
