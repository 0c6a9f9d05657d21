package forwarding

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"shapewatch/webhooks"
)

// The pauses between attempts.
const (
	firstPause    = time.Second
	longestPause  = 5 * time.Minute
	maxRetryAfter = time.Hour
)

// An answer is how one attempt ended.
type answer struct {
	status  int           // 0 when there was none
	problem string        // one sentence, free of secrets; empty when it was taken
	unsure  bool          // the receiver may have taken it all the same
	wait    time.Duration // that it asked for
}

// hopeless are the statuses by which a receiver says that it will never take
// this very event. All others may be a deployment, a login or a limit.
var hopeless = map[int]bool{
	http.StatusBadRequest: true, http.StatusMethodNotAllowed: true, http.StatusNotAcceptable: true, http.StatusGone: true,
	http.StatusLengthRequired: true, http.StatusRequestEntityTooLarge: true, http.StatusRequestURITooLong: true,
	http.StatusUnsupportedMediaType: true, http.StatusUnprocessableEntity: true, http.StatusRequestHeaderFieldsTooLarge: true,
}

// gaveUp are the statuses of something in between that heard no answer of the
// receiver itself.
var gaveUp = map[int]bool{http.StatusBadGateway: true, http.StatusGatewayTimeout: true}

// fate is what an attempt that ended so means for its event.
func (a answer) fate(f webhooks.Forward, now time.Time, giveUp time.Duration) webhooks.Fated {
	if !a.unsure && a.problem != "" {
		f.Answered++
	}
	f.Error = a.problem
	switch {
	case a.problem == "":
		return webhooks.Fated{Forward: f, Fate: webhooks.Delivered}
	case hopeless[a.status] || now.Sub(f.Begun()) >= giveUp:
		f.Dead = now.UTC()
		return webhooks.Fated{Forward: f, Fate: webhooks.GivenUp}
	}
	wait := min(a.wait, maxRetryAfter)
	if wait <= 0 {
		wait = pause(f.Attempts)
	}
	f.NotBefore = now.Add(wait).UTC()
	return webhooks.Fated{Forward: f, Fate: webhooks.Later}
}

// pause doubles from a second to five minutes, a fifth more or less so that
// many do not come back together.
func pause(attempt int) time.Duration {
	d := firstPause << min(max(attempt-1, 0), 10)
	d = min(d, longestPause)
	return d - d/5 + rand.N(2*d/5)
}

// retryAfter reads the header of this name: seconds, or a date.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
