package storetest

import (
	"testing"
	"time"

	"shapewatch/heartbeats"
	"shapewatch/probes"
)

// deafness are the promises about times in which we did not listen.
var deafness = map[string]func(*testing.T, Store){
	"what lies between two notes that we listen is a deaf stretch": func(t *testing.T, s Store) {
		at := start()
		listened := func(minutes int) { must(t, s.Listened(t.Context(), at.Add(time.Duration(minutes)*time.Minute))) }
		for _, minutes := range []int{0, 1, 3, 63, 64, 50, 51, 60} {
			listened(minutes)
		}
		got, err := s.Deaf(t.Context())
		must(t, err)
		same(t, []probes.Deaf{
			{From: at.Add(3 * time.Minute), Until: at.Add(63 * time.Minute)},
			{From: at.Add(51 * time.Minute), Until: at.Add(60 * time.Minute)},
		}, got)
	},
	"of deaf stretches the last are kept": func(t *testing.T, s Store) {
		at := start().AddDate(-1, 0, 0)
		for i := range probes.DeafKept + 10 {
			must(t, s.Listened(t.Context(), at.Add(time.Duration(i)*time.Hour)))
		}
		got, err := s.Deaf(t.Context())
		must(t, err)
		same(t, probes.DeafKept, len(got))
		same(t, at.Add((probes.DeafKept+9)*time.Hour), got[len(got)-1].Until)
		must(t, s.Listened(t.Context(), start()))
		got, err = s.Deaf(t.Context())
		must(t, err)
		same(t, 1, len(got))
	},
	"a store in which nobody listens notes nothing": func(t *testing.T, s Store) {
		must(t, s.KeepBeat(t.Context(), "jobs/export", heartbeats.Beat{At: start(), Kind: heartbeats.Success}))
		got, err := s.Deaf(t.Context())
		must(t, err)
		same(t, 0, len(got))
	},
}
