package driftbench

import (
	"time"
)

// A spell is a vendor's bad moment: ten to twenty minutes about once a month
// in which it fails, or answers in part with a straight face; and one answer
// in two thousand that goes wrong for no reason.
type spell struct {
	until time.Time
	kind  int
	bad   bool // the last answer was marred
}

const (
	spellsAMonth = 1.0
	hiccups      = 0.0005
)

// step may begin a spell.
func (s *spell) step(v *vendor, hours float64) {
	if !v.calm && v.now.After(s.until) && v.rng.Float64() < spellsAMonth*hours/720 {
		s.until, s.kind = v.now.Add(time.Duration(10+v.rng.IntN(11))*time.Minute), v.rng.IntN(5)
	}
}

// mar spoils an answer while a spell lasts.
func (s *spell) mar(v *vendor, a *answer, rows []object) {
	kind := s.kind
	s.bad = !v.calm && v.now.Before(s.until)
	if !s.bad && !v.calm && v.rng.Float64() < hiccups {
		s.bad, kind = true, v.rng.IntN(5)
	}
	if !s.bad {
		return
	}
	switch kind {
	case 0:
		a.status, a.body = 503, object{"message": "Service Unavailable"}
	case 1:
		a.lost = true
	case 2:
		a.status, a.body = 502, "<html><h1>502 Bad Gateway</h1></html>"
		a.header.Set("Content-Type", "text/html")
	case 3: // one upstream is down: its part of each row is missing
		for _, row := range rows {
			delete(row, "customer")
		}
	case 4: // an upstream is slow: its values are null
		for _, row := range rows {
			row["score"], row["price"] = nil, nil
		}
	}
}

// outage reports whether a kind of finding tells no more than that a vendor
// was down, which in a spell is the truth.
func outage(kind string) bool {
	return kind == "status-changed" || kind == "unreachable" || kind == "not-json"
}
