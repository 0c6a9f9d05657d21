package heartbeats

import (
	"slices"
	"time"

	"shapewatch/probes"
)

// A history is what beats amount to.
type history struct {
	open      map[string]time.Time // runs under way, by name
	took      []time.Duration      // of runs whose start and end were told
	items     []int64              // of successes, -1 where nothing was said
	success   time.Time
	successes []time.Time
	deaf      []probes.Deaf
	failures  int
	attempt   int
	prints    map[uint64]bool
	lastError string
}

// add takes one beat into account. An end without a run's name ends the run
// that began without one.
func (h *history) add(b Beat) {
	if h.open == nil {
		h.open = map[string]time.Time{}
	}
	h.attempt = max(h.attempt, b.Attempt)
	switch b.Kind {
	case Start:
		if len(h.open) < Kept {
			h.open[b.Run] = b.At
		}
	case Success:
		h.end(b)
		h.success, h.items = b.At, append(h.items, b.Items)
		h.successes = append(h.successes, b.At)
		h.failures, h.attempt, h.prints, h.lastError = 0, 0, nil, ""
	case Failure:
		h.end(b)
		h.failures++
		if h.prints == nil {
			h.prints = map[uint64]bool{}
		}
		h.prints[b.Print], h.lastError = true, b.Error
	}
}

func (h *history) end(b Beat) {
	if began, running := h.open[b.Run]; running {
		delete(h.open, b.Run)
		if b.Run != "" || heardWhole(h.deaf, began, b.At) { // else it may be the end of another that began meanwhile
			h.took = append(h.took, b.At.Sub(began))
		}
	}
}

func (h *history) facts(now time.Time) probes.Job {
	job := probes.Job{
		LastSuccess: h.success, Open: len(h.open), Successes: len(h.items),
		Failures: h.failures, Attempt: h.attempt, SameWay: len(h.prints) == 1, Error: h.lastError,
		Items: -1, UsualItems: -1,
	}
	for _, began := range h.open {
		job.RunningFor = max(job.RunningFor, now.Sub(began))
	}
	if n := len(h.items); n > 0 {
		job.Items, job.UsualItems = h.items[n-1], usual(h.items[:n-1])
	}
	return job
}

// usual is the median of what successes said they had done, when enough did
// and hardly any had done nothing.
func usual(items []int64) int64 {
	items = slices.DeleteFunc(slices.Clone(lastOf(items)), func(n int64) bool { return n < 0 })
	if len(items) < habit {
		return -1
	}
	slices.Sort(items)
	if items[len(items)/10] == 0 {
		return -1
	}
	return items[len(items)/2]
}

func lastOf[T any](all []T) []T { return all[max(0, len(all)-remembered):] }

func longest(took []time.Duration) time.Duration { return slices.Max(took) }
