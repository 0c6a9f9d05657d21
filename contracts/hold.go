package contracts

import "time"

// What a vendor's bad quarter of an hour looks like: one of the services behind
// the API is down, and what it would have filled in is absent, null or empty.
const (
	holdChecks = 6 // scheduled ones
	holdFor    = 30 * time.Minute
)

// severity is how bad a confirmed finding is told to be for now. What is missing may
// be back when they are up, and of many things one may have been edited: until
// it has lasted, and has shown in several things where there are several, it is
// one degree milder than it will be. Types, forms and statuses do not pass so.
func (s *stream) severity(p Policy) Severity {
	worst := s.Finding.Severity
	if s.Mixed || s.Early { // no call to get up for, while most answers are as they were, or few were seen
		worst = min(worst, Warning)
	}
	if !s.held(p) || !s.Confirmed {
		return worst
	}
	lasted := s.Scheduled >= holdChecks || s.At.Sub(s.Finding.Evidence.Since) >= holdFor
	switch {
	case s.Several > 0 && s.Several < flips && worst > Info:
		return worst - 1
	case !lasted:
		return min(worst, Warning)
	}
	return worst
}

// held reports whether the fact is held before it pages: then it is first told as
// a warning, and is sure enough for one when it would do as a warning.
func (s *stream) held(p Policy) bool {
	return (p.Sensitivity == Calm || p.Sensitivity == "") && s.Rule.Varies
}

// count counts the things that deviate, where ids tell several apart.
func (s *stream) count(n Census, first bool) {
	switch {
	case n.Known == 0:
		s.Several = 0
	case first:
		s.Several = max(n.Places, 1)
	default:
		s.Several += n.Fresh * n.Places
	}
}
