package storetest

import (
	"testing"
	"time"

	"shapewatch/heartbeats"
)

// beats are the promises to jobs.
var beats = map[string]func(*testing.T, Store){
	"the last beats of a job are remembered, oldest first": func(t *testing.T, s Store) {
		first := start()
		for i := range heartbeats.Kept + 10 {
			must(t, s.KeepBeat(t.Context(), "jobs/export", heartbeats.Beat{At: first.Add(time.Duration(i) * time.Second), Kind: heartbeats.Success, Items: int64(i)}))
		}
		register(t, s, first.Add(time.Hour), "jobs/export2")
		must(t, s.KeepBeat(t.Context(), "jobs/export2", heartbeats.Beat{At: first, Kind: heartbeats.Start, Items: -1}))
		kept, err := s.Beats(t.Context(), "jobs/export")
		must(t, err)
		if len(kept) != heartbeats.Kept || kept[0].Items != 10 || kept[len(kept)-1].Items != heartbeats.Kept+9 {
			t.Errorf("%d beats, from %d to %d", len(kept), kept[0].Items, kept[len(kept)-1].Items)
		}
		same(t, first.Add(10*time.Second), kept[0].At)
		other, err := s.Beats(t.Context(), "jobs/export2")
		must(t, err)
		same(t, []heartbeats.Beat{{At: first, Kind: heartbeats.Start, Items: -1}}, other)
		if claims, _ := claim(t, s, first, 9); len(claims) != 1 || claims[0].Probe != "jobs/export2" {
			t.Errorf("due at once: %v", claims)
		}
		none, err := s.Beats(t.Context(), "jobs/unknown")
		must(t, err)
		same(t, 0, len(none))
	},
}
