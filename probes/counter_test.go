package probes_test

import (
	"slices"
	"sync"
	"time"
)

// A counter notes when requests arrive.
type counter struct {
	mu sync.Mutex
	at []time.Time
}

func (c *counter) note(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = append(c.at, at)
}

// busiest is the largest number of arrivals in any window of that length.
func (c *counter) busiest(window time.Duration) (most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.SortFunc(c.at, time.Time.Compare)
	for from := range c.at {
		to := from
		for to < len(c.at) && c.at[to].Sub(c.at[from]) < window {
			to++
		}
		most = max(most, to-from)
	}
	return most
}
