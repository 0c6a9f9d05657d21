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
		none, err := s.Beats(t.Context(), "jobs/unknown")
		must(t, err)
		same(t, 0, len(none))
	},
}
