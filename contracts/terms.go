package contracts

import "time"

// Terms are what an answer says of the time to come, and under what conditions
// it was given. Zero fields were not said.
type Terms struct {
	Deprecated  bool      `json:"d,omitempty"`
	Deprecation time.Time `json:"dd,omitzero"` // since when, or from when on
	Sunset      time.Time `json:"ds,omitzero"`
	Certificate time.Time `json:"ec,omitzero"` // end of the server's certificate
	Client      time.Time `json:"em,omitzero"` // end of our client certificate
	Token       time.Time `json:"et,omitzero"` // end of the access token
	Limit       int64     `json:"l,omitempty"` // of the tightest rate limit, requests in a window
	Remaining   int64     `json:"r,omitempty"` // of Limit
	Newest      time.Time `json:"n,omitzero"`  // newest time in the answer: how fresh it is
}

// Terms of an observation, from its signals.
func (o *Observation) Terms() Terms {
	s := o.Signals
	t := Terms{
		Deprecated: s.Lifecycle.Deprecated, Deprecation: s.Lifecycle.Deprecation, Sunset: s.Lifecycle.Sunset,
		Certificate: s.Expiry.Certificate, Client: s.Expiry.Client, Token: s.Expiry.Token,
	}
	for _, stamp := range s.Stamps {
		if at := time.Unix(stamp.At, 0).UTC(); stamp.At > 0 && at.After(t.Newest) {
			t.Newest = at
		}
	}
	for _, l := range s.RateLimit {
		if l.Limit > 0 && (t.Limit == 0 || tighter(l, t)) {
			t.Limit, t.Remaining = l.Limit, max(l.Remaining, 0)
		}
	}
	return t
}

// tighter reports whether less of a limit is left than of what is known.
func tighter(l RateLimit, t Terms) bool {
	return l.Remaining >= 0 && float64(l.Remaining)*float64(t.Limit) < float64(t.Remaining)*float64(l.Limit)
}
