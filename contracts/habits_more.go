package contracts

import "slices"

// A Lag is how old the newest time at a path of an answer usually is, in
// seconds.
type Lag struct {
	Path string `json:"p"`
	Ages Scale  `json:"a"`
}

// addMore counts what says nothing of a list or a limit.
func (h *Habits) addMore(o *Observation) {
	s := o.Signals
	h.Latency.Add(s.Latency.Milliseconds())
	h.addSteps(o.Run)
	h.addPaces(o.strides)
	if s.TotalPath != "" {
		h.Totals.Add(s.Total)
	}
	for _, stamp := range s.Stamps {
		if l := h.lag(stamp.Path); l != nil {
			l.Ages.Add(o.At.Unix() - stamp.At)
		}
	}
	for _, scope := range s.Scopes {
		h.Scopes = tally(h.Scopes, scope, 1)
	}
	if s.TokenLife > 0 {
		h.TokenLives = tally(h.TokenLives, s.TokenLife, 1)
	}
	for _, said := range s.Lifecycle.Says() {
		h.Says = tally(h.Says, said, 1)
	}
}

// Says names what is stated: "deprecation", "sunset", "warning", "link".
func (l Lifecycle) Says() (names []string) {
	if l.Deprecated {
		names = append(names, "deprecation")
	}
	if !l.Sunset.IsZero() {
		names = append(names, "sunset")
	}
	if l.Warning != "" {
		names = append(names, "warning")
	}
	if len(l.Links) > 0 {
		names = append(names, "link")
	}
	return names
}

// lag finds the lag of a path, or starts one; nil beyond the bound.
func (h *Habits) lag(path string) *Lag {
	if i := slices.IndexFunc(h.Lags, func(l Lag) bool { return l.Path == path }); i >= 0 {
		return &h.Lags[i]
	}
	if len(h.Lags) >= maxStamps {
		return nil
	}
	h.Lags = append(h.Lags, Lag{Path: path})
	return &h.Lags[len(h.Lags)-1]
}

func (h *Habits) mergeMore(o Habits) {
	h.Pages = mergeTallies(h.Pages, o.Pages)
	h.Week.merge(o.Week)
	h.Totals.merge(o.Totals)
	h.Latency.merge(o.Latency)
	h.mergeSteps(o.Steps)
	h.mergePaces(o.Paces)
	for _, l := range o.Lags {
		if mine := h.lag(l.Path); mine != nil {
			mine.Ages.merge(l.Ages)
		}
	}
	h.Scopes = mergeTallies(h.Scopes, o.Scopes)
	h.TokenLives = mergeTallies(h.TokenLives, o.TokenLives)
	h.Says = mergeTallies(h.Says, o.Says)
}
