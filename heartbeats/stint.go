package heartbeats

import "time"

// A Stint is one run of a job from its start to its end, as its beats tell it.
type Stint struct {
	Run     string
	Began   time.Time // zero when no start was told
	Ended   time.Time // zero while it runs, and when no end was told
	Kind    Kind      // Start while it runs, else how it ended
	Attempt int
	Items   int64 // -1 when not said
	Error   string
}

// Took is how long it took; 0 when that is not known.
func (s Stint) Took() time.Duration {
	if s.Began.IsZero() || s.Ended.IsZero() {
		return 0
	}
	return s.Ended.Sub(s.Began)
}

// neverEnded is the error of a run that began again without an end.
const neverEnded = "never told how it ended"

// Stints are the runs that beats tell of, oldest first; beats are in the order
// of time. An end without a start is a run of its own; one that begins again
// without an end has failed.
func Stints(beats []Beat) (all []Stint) {
	open := map[string]int{} // index in all, by the name of the run
	for _, b := range beats {
		switch b.Kind {
		case Start:
			if i, running := open[b.Run]; running {
				all[i].Kind, all[i].Error = Failure, neverEnded
			}
			open[b.Run] = len(all)
			all = append(all, Stint{Run: b.Run, Began: b.At, Kind: Start, Items: -1, Attempt: b.Attempt})
		case Success, Failure:
			i, running := open[b.Run]
			if !running {
				i, all = len(all), append(all, Stint{Run: b.Run})
			}
			delete(open, b.Run)
			s := &all[i]
			s.Ended, s.Kind, s.Items, s.Error = b.At, b.Kind, b.Items, b.Error
			s.Attempt = max(s.Attempt, b.Attempt)
		}
	}
	return all
}
