package web

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/http"
	"sync"
	"time"
)

// Bounds of the event streams.
const (
	maxStreams   = 200              // at a time; a page without one still works
	pulseEvery   = 2 * time.Second  // the store is asked for news at most this often, for all streams together
	streamFor    = 15 * time.Minute // then the browser connects again by itself
	streamPatrol = 10 * time.Second // one write may take this long
)

// A pulse is a token that changes when anything on the pages may have.
type pulse struct {
	mu    sync.Mutex
	at    time.Time
	token string
}

// token reads the store at most every [pulseEvery], however many ask.
func (s *site) token(ctx context.Context) (string, error) {
	s.pulse.mu.Lock()
	defer s.pulse.mu.Unlock()
	if s.pulse.token != "" && time.Since(s.pulse.at) < pulseEvery {
		return s.pulse.token, nil
	}
	latest, err := s.Source.Latest(ctx)
	if err != nil {
		return "", fmt.Errorf("latest checks: %w", err)
	}
	incidents, err := s.Source.Incidents(ctx, "", fewIncidents) // what changes further down changes with a check
	if err != nil {
		return "", fmt.Errorf("incidents: %w", err)
	}
	sum := fnv.New64a()
	for _, c := range latest {
		fmt.Fprintf(sum, "%s %d\n", c.Probe, c.At.UnixNano())
	}
	for _, i := range incidents {
		fmt.Fprintf(sum, "%s %d\n", i.ID, i.Version)
	}
	fmt.Fprintln(sum, s.Problems())
	s.pulse.token, s.pulse.at = fmt.Sprintf("%016x", sum.Sum64()), time.Now()
	return s.pulse.token, nil
}

// events tells a page that there is something new to fetch; it carries no
// content, so that there is one way only in which a page is drawn.
func (s *site) events(w http.ResponseWriter, r *http.Request) {
	select {
	case s.seats <- struct{}{}:
		defer func() { <-s.seats }()
	default:
		w.Header().Set("Retry-After", "60")
		http.Error(w, "Too many live pages; this one shows what it has.", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), streamFor)
	defer cancel()
	s.stream(ctx, w)
}

// stream writes one event for each change until the reader, the server or the
// time is up. A stream that the store fails ends; the browser tries again.
func (s *site) stream(ctx context.Context, w http.ResponseWriter) {
	out := http.NewResponseController(w)
	tick := time.NewTicker(pulseEvery)
	defer tick.Stop()
	last := ""
	for {
		token, err := s.token(ctx)
		if err != nil {
			return
		}
		line := ": still here\n\n"
		if token != last {
			line = "event: news\ndata: " + token + "\n\n"
		}
		last = token
		_ = out.SetWriteDeadline(time.Now().Add(streamPatrol)) // not every writer has one; the server's limit holds then
		if _, err := fmt.Fprint(w, line); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		case <-closing(ctx):
			return
		}
	}
}
