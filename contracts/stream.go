package contracts

import (
	"math"
	"time"
)

// A stream is the evidence about one fact that departs from the baseline, from
// the first sample that deviated until it is over.
type stream struct {
	Finding   Finding   `json:"f"`
	Rule      Rule      `json:"r"`
	Before    trials    `json:"b"` // deviations in the baseline when the run began
	Run       trials    `json:"u"`
	Score     float64   `json:"s"`
	Votes     uint8     `json:"v,omitempty"` // one bit a trial, latest lowest
	Scheduled int       `json:"d"`           // deviating checks that were no re-probe
	Clean     int       `json:"c,omitempty"` // agreeing trials in a row
	Confirmed bool      `json:"k,omitempty"`
	Shown     bool      `json:"w,omitempty"` // was among the confirmed of a verdict
	Paired    bool      `json:"p,omitempty"` // known entities changed; from then on its lasting is what counts
	Born      bool      `json:"i,omitempty"` // so far only entities deviate that may have been born so
	Odd       int       `json:"o,omitempty"` // entities that deviated in the last trial; -1 before the first
	At        time.Time `json:"t"`           // last trial
	Sides     []side    `json:"g,omitempty"` // who served answers that deviate, and others

	Several float64 `json:"m,omitempty"` // things that have deviated, about

	Return *recurrence `json:"x,omitempty"` // where it may come back
	Looks  int         `json:"l,omitempty"` // re-probes since the last visit began
	Unsure bool        `json:"h,omitempty"` // and the last one said nothing of it
	Asleep bool        `json:"z,omitempty"` // nothing is left of the suspicion but that it may come back
	Mixed  bool        `json:"y,omitempty"` // confirmed only because it comes back
	Early  bool        `json:"e,omitempty"` // confirmed only as a warning

	fingerprint string
	judged      bool // by the observation being weighed
}

func newStream(fp string, f Finding, at time.Time) *stream {
	e := f.Evidence
	s := &stream{Finding: f, Rule: e.Rule, fingerprint: fp, Odd: -1, Before: deviationsBefore(e)}
	s.Finding.Evidence.Since = at
	return s
}

// begin looks at the first answer that deviates: what entities were born with
// counts once, and against as many entities as were seen.
func (s *stream) begin(e Evidence) {
	if s.Born = e.Rule.Varies && e.Census.born(e.deviants()); !s.Born {
		return
	}
	if prior, known := e.Rule.Prior, e.Census.Known; s.Before.Seen == 0 {
		s.Before.Of = min(prior, known) + min(s.Before.Of-prior, known)
	}
}

// deviationsBefore reads the baseline's numbers as deviations: what goes away
// deviates where it was not seen, what comes where it was.
func deviationsBefore(e Evidence) trials {
	t := trials{Seen: float64(e.WasSeen), Of: float64(e.WasOf)}
	if e.falls() {
		t.Seen = t.Of - t.Seen
	}
	if t.Seen == 0 {
		t.Of += e.Rule.Prior
	}
	return t
}

// deviate counts a sample that departs from the baseline.
func (s *stream) deviate(f Finding, o *Observation) {
	if s.Odd < 0 {
		s.begin(f.Evidence)
	}
	if !o.Reprobe && (s.Clean > 0 || s.Finding.Evidence.Reprobes == 0) {
		s.Looks = 0 // it has come back, or no look has told anything yet
	}
	odd := f.Evidence.deviants()
	s.Born = s.Born && f.Evidence.Census.born(odd-float64(max(s.Odd, 0)))
	t := f.Evidence.trial(s.Odd, s.Born)
	s.count(f.Evidence.Census, s.Odd < 0)
	s.Odd = int(odd)
	if s.Paired = s.Paired || t.paired; s.Paired {
		t = trial{x: 1, weight: 1, paired: true}
	}
	s.move(t, 1)
	old := s.Finding.Evidence
	was := s.Finding.Was
	s.Finding = f
	e := &s.Finding.Evidence
	e.Since, e.Checks, e.Of, e.Reprobes = old.Since, old.Checks, old.Of, old.Reprobes
	s.visits(f, o)
	e.WasSeen, e.WasOf, e.WasSince = old.WasSeen, old.WasOf, old.WasSince
	if old.Of > 0 {
		s.Finding.Was = was
		e.NowSeen += old.NowSeen
		e.NowOf += old.NowOf
	}
	s.shows(o)
}

// shows counts an observation that has the fact.
func (s *stream) shows(o *Observation) {
	e := &s.Finding.Evidence
	e.Checks, e.Of = e.Checks+1, e.Of+1
	if o.Reprobe {
		e.Reprobes++
	} else {
		s.Scheduled++
	}
	s.Clean, s.At, s.judged = 0, o.At, true
	s.served(o, true)
}

// agree counts a sample that could have deviated and did not.
func (s *stream) agree(o *Observation) {
	s.move(trial{weight: 1}, 0)
	s.Odd = 0
	s.Finding.Evidence.Of++
	if o.Reprobe {
		s.Finding.Evidence.Reprobes++
	}
	s.Clean++
	s.served(o, false)
	s.At, s.judged = o.At, false
	s.leaves(o)
}

// visits tells the recurrence of an answer that deviates.
func (s *stream) visits(f Finding, o *Observation) {
	if s.Rule.Returns == Once || f.Evidence.Passes || s.Rule.Additive && f.Evidence.NowSeen < f.Evidence.NowOf {
		return
	}
	if s.Return == nil {
		s.Return = &recurrence{Since: o.At, Before: s.Before}
	}
	s.Return.visit(f, o)
}

// leaves tells the recurrence of an answer that does not.
func (s *stream) leaves(o *Observation) {
	if s.Return == nil {
		return
	}
	if s.Return.end(s.Rule, o); s.Return.Visits == 0 {
		s.Return = nil // content, for all we know
	}
}

// sleep forgets the suspicion, but not that it may come back.
func (s *stream) sleep() {
	quiet := newStream(s.fingerprint, s.Finding, s.Finding.Evidence.Since)
	quiet.Rule, quiet.Return, quiet.Sides, quiet.Asleep, quiet.At = s.Rule, s.Return, s.Sides, true, s.At
	quiet.Finding.Evidence = s.Finding.Evidence.plain()
	*s = *quiet
}

// wake begins the suspicion anew.
func (s *stream) wake(f Finding, at time.Time) {
	fresh := newStream(s.fingerprint, f, at)
	fresh.Return, fresh.Sides = s.Return, s.Sides
	if r := s.Return; !r.Sure { // held, and none the less a part of how it was
		fresh.Before = fresh.Before.plus(trials{float64(r.Visits), float64(r.Visits)})
	}
	fresh.Finding.Evidence.WasSince = s.Finding.Evidence.WasSince
	*s = *fresh
}

// rests counts an answer without the fact while the suspicion sleeps.
func (s *stream) rests(o *Observation) {
	s.served(o, false)
	s.At = o.At
	s.leaves(o)
}

func (s *stream) move(t trial, vote uint8) {
	pool := s.Before.plus(s.Run)
	if t.paired {
		pool.Of += pairedPrior
	}
	s.Score = max(0, s.Score+t.weight*surprise(t.x, s.Run, pool))
	s.Run = s.Run.plus(trials{t.x * t.weight, t.weight})
	s.Votes = (s.Votes<<1 | vote) & (1<<votingWindow - 1)
}

// confirm decides whether the evidence is enough.
func (s *stream) confirm(p Policy) {
	switch {
	case s.Confirmed && !s.Mixed && !s.Early:
	case s.lasts(p, s.Finding.Severity):
		s.Confirmed, s.Mixed, s.Early = true, false, false
	case s.Early:
	case s.held(p) && s.Finding.Severity > Warning && s.lasts(p, Warning):
		s.Confirmed, s.Mixed, s.Early = true, false, true
	case s.Return != nil && s.Return.odds() >= p.thresholdOnce(s.Finding.Severity):
		s.Confirmed, s.Mixed = true, true
	}
}

// lasts reports whether the evidence is that of a change that came to stay, as
// sure as it takes to tell it at a severity.
func (s *stream) lasts(p Policy, as Severity) bool {
	switch {
	case s.Finding.Evidence.Told, s.Rule.Sure:
		return true
	case p.Sensitivity == Snapshot && (!s.Rule.Votes || s.Scheduled > 0):
		return true
	case s.Rule.Votes:
		return ones(s.Votes) >= confirmVotes
	}
	return s.Score >= p.threshold(as) && s.Scheduled >= confirmChecks
}

func ones(b uint8) (n int) {
	for ; b != 0; b &= b - 1 {
		n++
	}
	return n
}

// holds reports whether a sample that deviates so must not be learned (yet).
func (s *stream) holds() bool {
	return !s.Rule.Aside && !s.Finding.Evidence.Told && !(s.Confirmed && s.Rule.Additive) && !s.watchesPath()
}

// watchesPath reports whether the stream can see by itself whether its fact
// goes on: a new key is there or not, learned or not. Keys come by the dozen
// where they are data, and must not keep the rest from being learned.
func (s *stream) watchesPath() bool { return s.Rule.Additive && s.Rule.Trial == EveryParent }

// goesOn counts a sample in which a new key, learned meanwhile, is there again.
func (s *stream) goesOn(o *Observation) {
	if s.Asleep {
		s.Asleep, s.Finding.Evidence.Since = false, o.At
	}
	if s.Return != nil {
		s.Return.sight(o)
	}
	s.move(trial{x: 1, weight: 1}, 1)
	e := &s.Finding.Evidence
	e.NowSeen, e.NowOf = e.NowSeen+1, e.NowOf+1
	s.shows(o)
}

// spoils reports whether what was held back while this was confirmed is not
// worth learning now that it is over.
func (s *stream) spoils() bool {
	return !s.Rule.Additive && !s.Rule.Aside && !s.Finding.Evidence.Told
}

// over reports whether the run has ended: a suspicion when nothing is left of
// it, a confirmed finding after as many clean trials as its rate demands.
func (s *stream) over() bool {
	switch {
	case s.Confirmed:
		return s.Clean >= s.cleanNeeded()
	case s.Rule.Votes:
		return s.Votes == 0
	case s.watchesPath() && s.Clean >= shortSuspicion:
		return true
	}
	return s.Score <= 0 || s.Finding.Evidence.Of >= longestSuspicion
}

// cleanNeeded is how many clean trials in a row would be a surprise (one in
// twenty) if the finding still held as often as it did. What shows in every
// answer is over after two.
func (s *stream) cleanNeeded() int {
	if s.Rule.Trial == EveryLook {
		return 1 // we count ourselves what comes in
	}
	checks, of := s.Finding.Evidence.Checks, s.Finding.Evidence.Of-s.Clean
	rate, most := float64(checks)/float64(max(of, checks, 1)), clearAtMost
	if s.Mixed {
		rate, most = float64(s.Return.Visits)/float64(max(s.Return.Of, 1)), clearMixed
	}
	if rate >= 0.9 {
		return clearAnswers
	}
	need := math.Ceil(math.Log(1-sureGone) / math.Log(1-rate))
	return min(max(clearAnswers, int(need)), most)
}

// told is the finding as people read it.
func (s *stream) told(p Policy) Finding {
	f := s.Finding
	f.Severity = s.severity(p)
	if s.Mixed {
		s.Return.count(&f.Evidence)
	}
	if !f.Evidence.Told {
		f.Now = onceOf(f.Now, f.Evidence.Checks, f.Evidence.Of)
	}
	f.Evidence = f.Evidence.plain()
	return f
}
