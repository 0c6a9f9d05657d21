package probes

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// What we make of absurd pauses: a vendor that says "now" gets a second, one
// that says "in ten years" is asked again tomorrow.
const (
	shortestPause = time.Second
	longestPause  = 24 * time.Hour
)

// heed notes when the vendor wants to be asked again, and keeps every probe of
// the host from asking earlier. Only refusals count: on success the header
// speaks of something else.
func (a *ask) heed(s *Sample, header http.Header) {
	if s.Status < 400 || a.client.recorded {
		return
	}
	now := time.Now()
	if pause, said := retryAfter(header, now); said {
		s.RetryAt = now.Add(pause)
		a.budget.block(s.RetryAt)
	}
}

// retryAfter reads the longest pause that a header asks for, within bounds.
// What cannot be read was not said.
func retryAfter(header http.Header, now time.Time) (pause time.Duration, said bool) {
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date // a date is meant by the vendor's clock, not by ours
	}
	for _, value := range header.Values("Retry-After") {
		if asked, ok := parsePause(strings.TrimSpace(value), now); ok {
			pause, said = max(pause, asked), true
		}
	}
	return pause, said
}

// parsePause reads seconds, which some vendors send as a fraction, or an HTTP date.
func parsePause(value string, now time.Time) (time.Duration, bool) {
	if at, err := http.ParseTime(value); err == nil {
		return clampPause(at.Sub(now).Seconds()), true
	}
	if strings.Trim(value, "+-.0123456789") != "" {
		return 0, false
	}
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil && seconds == 0 {
		return 0, false
	}
	return clampPause(seconds), true
}

func clampPause(seconds float64) time.Duration {
	switch {
	case seconds <= shortestPause.Seconds():
		return shortestPause
	case seconds >= longestPause.Seconds():
		return longestPause
	}
	return time.Duration(seconds * float64(time.Second))
}
