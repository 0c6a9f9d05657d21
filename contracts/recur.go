package contracts

import (
	"math"
	"slices"
	"time"
)

// A Return says what shows of a deviation that has ended that it was no
// content, so that its coming back is counted: one server of twenty that has
// the next release, an experiment, a region.
type Return uint8

// The returns.
const (
	Once   Return = iota // nothing: what has ended is forgotten
	Always               // any answer without it: content never makes the fact
	Things               // an answer that has the very things that deviated, as they were
	Sizes                // an answer of quite another size
)

// A recurrence is the evidence that something comes back. It is moved by the
// checks of the schedule alone, which are independent of each other, and does
// not die of a clean one. A visit is a run of answers that deviate, however
// long: a bad quarter of an hour is one.
type recurrence struct {
	Since  time.Time `json:"t"`           // when it first came
	Before trials    `json:"b"`           // deviations that were learned when it first came
	Visits int       `json:"v"`           // that have ended, and were no content
	Of     int       `json:"n"`           // checks of the schedule since it first came; a visit counts as one
	Sure   bool      `json:"s,omitempty"` // the end of each visit showed that content cannot have made it
	In     bool      `json:"i,omitempty"` // a visit is going on
	Due    bool      `json:"d,omitempty"` // and a check of the schedule has seen it
	Self   bool      `json:"e,omitempty"` // it is the ids that deviate
	ID     string    `json:"p,omitempty"` // where ids tell apart the things that deviate
	Ids    []uint64  `json:"k,omitempty"` // of the things in the last answer that deviated, the least hashes
	Here   float64   `json:"h,omitempty"` // so many things were in it
	Odd    float64   `json:"o,omitempty"` // and so many of them deviated
	Size   int64     `json:"z,omitempty"` // of that answer
}

// maxIds bounds the things that are remembered of an answer.
const maxIds = 24

// degradedOdds is how many answers without it the world vouches for before a
// deviation that content cannot make is expected once: about one answer in a
// thousand is spoilt on its way by something that passes.
const degradedOdds = 1000

// visit counts an answer that deviates.
func (r *recurrence) visit(f Finding, o *Observation) {
	e := f.Evidence
	r.Odd, r.Here, r.ID, r.Self = e.deviants(), e.Census.Here, e.Census.ID, false
	if r.ID == f.Path {
		r.ID, r.Self = "", true // they tell nobody apart
	}
	r.sight(o)
}

// sight counts an answer that has the fact.
func (r *recurrence) sight(o *Observation) {
	if !o.Reprobe && !r.Due {
		r.Of, r.Due = r.Of+1, true
	}
	r.In, r.Ids, r.Size = true, nil, o.size()
	if ids, ok := o.view().at(r.ID); ok && r.ID != "" {
		for _, v := range ids.Values.List[:min(len(ids.Values.List), maxIds)] {
			r.Ids = append(r.Ids, v.Hash)
		}
	}
}

// end counts an answer that could have deviated and did not, and reports
// whether the evidence grew.
func (r *recurrence) end(rule Rule, o *Observation) bool {
	if !r.In {
		if !o.Reprobe {
			r.Of++
		}
		return false
	}
	came := r.Due
	r.In, r.Due = false, false
	if !came {
		return false
	}
	switch back, sure := r.back(rule, o); {
	case !back, r.Sure && !sure:
		r.Of-- // it says nothing
		return false
	case sure && !r.Sure:
		r.Visits, r.Of, r.Sure = 1, 1, true
	default:
		r.Visits++
	}
	return true
}

// back reports whether what deviated is as it was again, and whether content
// cannot do that: one thing may change its mind from one check to the next, but
// not as many as are a flip, and not in the seconds until we ask again, unless
// it was seen to come and go before; and a type does not come and go with it.
func (r *recurrence) back(rule Rule, o *Observation) (back, sure bool) {
	switch {
	case rule.Returns == Sizes:
		n, m := float64(o.size())+1, float64(r.Size)+1
		return n >= otherSize*m || m >= otherSize*n, true
	case rule.Returns == Always:
		return true, true
	case r.ID == "":
		return true, r.Self
	}
	n := r.again(o)
	return n > 0, n >= flips || n > 0 && (!rule.Varies || o.Reprobe && r.Before.Seen == 0)
}

// otherSize is how many times more or less is quite another size.
const otherSize = 3

// again is how many of the things that deviated last are here as they were, at
// the least: as many more of that answer's things as did not deviate in it.
func (r *recurrence) again(o *Observation) float64 {
	ids, ok := o.view().at(r.ID)
	if !ok || len(r.Ids) == 0 {
		return 0
	}
	here, top := 0, r.Ids[len(r.Ids)-1]
	for _, v := range ids.Values.List {
		if v.Hash <= top && slices.Contains(r.Ids, v.Hash) {
			here++
		}
	}
	as := r.Here - min(r.Odd, r.Here)
	if sampled := r.Here > float64(len(r.Ids)); sampled {
		as += r.Here / 10
	}
	return float64(here)/float64(len(r.Ids))*r.Here - as
}

// rates are at which of the checks a server that has something new may show it,
// for all we know.
var rates = [...]float64{1.0 / 50, 1.0 / 20, 1.0 / 10, 1.0 / 4, 1.0 / 2}

// odds is the logarithm of how much better the checks since the first visit
// are foretold by something new that shows at one of the rates than by content
// and accidents, which show it as rarely as was learned: Beta–Binomial. The
// first visit is why we look, and is no evidence.
func (r *recurrence) odds() float64 {
	came, of := max(float64(r.Visits-1), 0), float64(r.Of-1)
	if of <= 0 {
		return 0
	}
	before := r.Before
	if r.Sure {
		before.Of += degradedOdds
	}
	var mixed float64
	for _, rate := range rates {
		mixed += math.Exp(came*math.Log(rate)+max(of-came, 0)*math.Log1p(-rate)) / float64(len(rates))
	}
	return math.Log(max(mixed, 1e-300)) - chance(came, of, before.Seen+1+half, max(before.Of-before.Seen, 0)+half)
}

// chance is the logarithm of the probability of a sequence with so many of so
// many, when its rate is drawn from a Beta distribution.
func chance(seen, of, a, b float64) float64 {
	return logBeta(a+seen, b+max(of-seen, 0)) - logBeta(a, b)
}

func logBeta(a, b float64) float64 {
	x, _ := math.Lgamma(a)
	y, _ := math.Lgamma(b)
	z, _ := math.Lgamma(a + b)
	return x + y - z
}

// What ends the wait for another visit: odds at which it was an accident, after
// several visits even odds, and a week at one check in five minutes.
const (
	notAgain      = -4.6 // a hundred to one
	severalVisits = 3
	longestIn     = 2016 // checks
)

// waits reports whether another visit is worth waiting for.
func (r *recurrence) waits() bool {
	if r == nil || r.Visits == 0 {
		return false
	}
	odds := r.odds()
	return odds > 0 || odds > notAgain && r.Visits <= severalVisits && r.Of < longestIn
}

// count puts the numbers of all visits into the evidence of the last.
func (r *recurrence) count(e *Evidence) {
	n := r.Visits
	if r.In && r.Due {
		n++
	}
	e.Checks, e.Of, e.Since = n, max(r.Of, n), r.Since
	e.NowSeen, e.NowOf = uint64(e.Checks), uint64(e.Of)
	if e.WasSeen > 0 { // it is gone at times
		e.NowSeen = e.NowOf - e.NowSeen
	}
}

// size is the length of an answer's main list, or without one its bytes.
func (o *Observation) size() int64 {
	if o.Signals.Items >= 0 {
		return o.Signals.Items
	}
	return o.Signals.Bytes
}
