package contracts

import "math"

// The budget of false alarms. A sequential test whose score is reset at zero
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
	streams := float64(p.Streams)
	if streams <= 0 {
		streams = typicalStreams
	}
	return math.Log(max(infoOdds, streams*checksAMonth/allowed))
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

// share turns the deviating entities of one answer into one trial. A list was
// served by one build, so it is one trial however long; yet one odd entity
// among many is content, and stays on the list for as long as it is young.
func share(seen, of uint64) float64 {
	switch {
	case of == 0 || seen == 0:
		return 0
	case seen >= of || seen >= 3:
		return 1
	case seen == 2:
		return 0.8
	}
	return max(1/float64(of), 0.125)
}
