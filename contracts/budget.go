package contracts

import "math"

// The budget of false alarms of an API in a month. A sequential test whose score is reset at zero
// runs on average c checks to a false alarm when it alarms at log c; with
// many facts watched at once, c grows with their number.
const (
	checksAMonth   = 8640 // at one check in five minutes
	typicalStreams = 1200 // facts of a probe of a middling API
	infoOdds       = 1e3  // the digest may err now and then
	warningsAMonth = 1.0
	breakingsMonth = 0.1
)

// threshold is the score at which a finding is confirmed.
func (p Policy) threshold(s Severity) float64 {
	allowed := warningsAMonth
	switch s {
	case Info:
		return math.Log(infoOdds)
	case Breaking:
		allowed = breakingsMonth
	}
	if p.Sensitivity == Alert {
		allowed *= 10
	}
	checks := float64(p.Checks)
	if checks <= 0 {
		checks = checksAMonth
	}
	return math.Log(max(infoOdds, p.streams()*checks/allowed))
}

// thresholdOnce is the score at which something that comes back is told. Its
// test is begun once for a fact and not at every check, and never reset, so
// that it errs once in c facts.
func (p Policy) thresholdOnce(s Severity) float64 {
	if s == Info {
		return math.Log(infoOdds)
	}
	allowed := warningsAMonth
	if p.Sensitivity == Alert {
		allowed *= 10
	}
	return math.Log(max(infoOdds, p.streams()/allowed))
}

func (p Policy) streams() float64 {
	if p.Streams <= 0 {
		return typicalStreams
	}
	return float64(p.Streams)
}

// half is the Krichevsky–Trofimov prior: half an observation of each outcome.
const half = 0.5

// surprise is the logarithm of how much better an outcome x (1 deviates,
// 0 agrees, anything between for a share) is foretold by the run since the
// deviation began than by the run pooled with all that was learned. The pool
// keeps learning from the run, so that a mere fluctuation dies by itself.
func surprise(x float64, run, pool trials) float64 {
	p, q := run.rate(), pool.rate()
	return x*math.Log(p/q) + (1-x)*math.Log((1-p)/(1-q))
}

// trials counts how often something was so.
type trials struct {
	Seen float64 `json:"s"`
	Of   float64 `json:"n"`
}

func (t trials) rate() float64 { return (t.Seen + half) / (t.Of + 2*half) }

func (t trials) plus(u trials) trials { return trials{t.Seen + u.Seen, t.Of + u.Of} }

// A trial is one answer as evidence: x is how much of it deviates, weight how
// much of it was not already counted with the answers before.
type trial struct {
	x, weight float64
	paired    bool // entities that were as they should be changed under our eyes
}

// How many known entities must change at once before it is no content: one or
// two were edited, three and an eighth of the list were not.
const (
	flips     = 3
	flipShare = 0.125
)

// pairedPrior is added to the baseline for paired evidence, which content
// hardly ever gives.
const pairedPrior = 200

// trial turns the entities of one answer into one trial. A list was served by
// one build, so it is one trial however long. When only some entities deviate,
// they may be new ones that were born so and stay listed: then only those not
// seen before count, at the rate at which they deviate. Known says how many
// deviated in the answer before, or -1 when this is the first that does.
func (e Evidence) trial(known int, born bool) trial {
	odd, of := float64(e.odd()), float64(e.NowOf)
	switch {
	case born && odd >= of:
		return trial{x: 1, weight: min(1, e.Census.Fresh*max(e.Census.Places, 1))}
	case odd >= of:
		return trial{x: 1, weight: 1}
	case odd >= float64(max(known, 0))+e.Fresh*of+max(flips, flipShare*of):
		return trial{x: 1, weight: 1, paired: true}
	case known < 0:
		return trial{x: odd / of, weight: 1}
	}
	return trial{x: odd / of, weight: e.Fresh}
}

// odd is how many entities of the answer deviate.
func (e Evidence) odd() uint64 {
	if e.falls() {
		return e.NowOf - e.NowSeen
	}
	return e.NowSeen
}

// deviants is how many entities of the answer deviate, also where a fact is
// told of the answer as a whole.
func (e Evidence) deviants() float64 {
	odd := e.odd()
	if odd >= e.NowOf {
		return max(e.Census.Places, float64(odd))
	}
	return float64(odd)
}

// plain is the evidence without what only Weigh reads.
func (e Evidence) plain() Evidence {
	e.Rule, e.Fresh, e.Census, e.Passes = Rule{}, 0, Census{}, false
	return e
}

// falls reports whether the fact became rarer.
func (e Evidence) falls() bool {
	return e.WasOf > 0 && e.NowOf > 0 && e.NowSeen*e.WasOf < e.WasSeen*e.NowOf
}
