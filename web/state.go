package web

import (
	"fmt"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// A state is what one look at a probe or an API tells, mildest first.
type state uint8

// The states.
const (
	waiting   state = iota // not checked yet
	agreed                 // answers as agreed or learned
	learning               // too few answers yet to judge by
	suspected              // something deviates; being looked at twice
	drifted                // confirmed change that may hurt
	failing                // no valid answer
	breaking               // confirmed change that breaks an integration
	numStates
)

var stateNames = [numStates]string{"waiting", "agreed", "learning", "suspected", "drifted", "failing", "breaking"}

var stateWords = [numStates]string{
	"no check yet", "as agreed", "learning", "looking twice", "drifted", "no valid answer", "breaking change",
}

// String returns the state's key in JSON and style sheets: "agreed".
func (s state) String() string { return stateNames[min(s, numStates-1)] }

// Word returns the state as a person reads it: "as agreed".
func (s state) Word() string { return stateWords[min(s, numStates-1)] }

// MarshalText writes the state's key.
func (s state) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// stateOf judges a probe by its last check alone.
func stateOf(c contracts.Check) state {
	switch {
	case c.Class != probes.Valid:
		return failing
	case c.Confirmed > 0 && c.Worst > contracts.Info:
		return severityState(c.Worst)
	case c.Suspected > 0:
		return suspected
	}
	return agreed
}

// severityState is the state that an open incident of a severity gives its API.
func severityState(s contracts.Severity) state {
	switch s {
	case contracts.Breaking:
		return breaking
	case contracts.Warning:
		return drifted
	}
	return agreed
}

// hourState judges an hour by the worst that happened in it.
func hourState(h contracts.Hour) state {
	switch {
	case h.Checks == 0:
		return waiting
	case h.Drifted > 0 && h.Worst == contracts.Breaking:
		return breaking
	case h.Failed > 0:
		return failing
	case h.Drifted > 0:
		return drifted
	}
	return agreed
}

// UnmarshalText reads a state's key.
func (s *state) UnmarshalText(text []byte) error {
	for i, name := range stateNames {
		if name == string(text) {
			*s = state(i)
			return nil
		}
	}
	return fmt.Errorf("state %.40q", text)
}
