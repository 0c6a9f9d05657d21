package contracts

import (
	"slices"
	"time"
)

// maxTallies bounds how many different values of a signal are remembered. All
// that one answer may state must find room, or it would be new for ever.
const maxTallies = maxRateLimits

// Habits are what the signals of a probe's valid answers usually are.
type Habits struct {
	Answers      uint64          `json:"n"`
	Items        Scale           `json:"i,omitzero"`
	Bytes        Scale           `json:"b,omitzero"`
	Limits       []LimitHabit    `json:"l,omitempty"`
	LimitHeaders []Tally[string] `json:"lh,omitempty"` // of the rate-limit family
	Statuses     []Tally[int]    `json:"s,omitempty"`
	MediaTypes   []Tally[string] `json:"m,omitempty"`
	Versions     []Tally[string] `json:"v,omitempty"`
	Lists        []Tally[string] `json:"p,omitempty"` // where the main list was
	Pages        []Tally[int64]  `json:"g,omitempty"` // lengths of the main list
	Week         Rhythm          `json:"w,omitempty"` // length of the main list, or without one the bytes, by hour of the week
	Totals       Scale           `json:"t,omitzero"`  // how many there are in all, as answers say
	Latency      Scale           `json:"y,omitzero"`  // milliseconds
	Lags         []Lag           `json:"d,omitempty"` // how old the newest times in an answer are
	Scopes       []Tally[string] `json:"o,omitempty"` // of the credential
	TokenLives   []Tally[int64]  `json:"e,omitempty"` // seconds that a token lasts
	Says         []Tally[string] `json:"a,omitempty"` // what the provider says of the end: "deprecation", "sunset" …
	Steps        []StepHabit     `json:"q,omitempty"` // of a workflow
	Paces        []Pace          `json:"c,omitempty"` // how far sequences move
}

// A Tally counts how often a value was seen.
type Tally[T comparable] struct {
	Value T      `json:"v"`
	Count uint64 `json:"n"`
}

// A LimitHabit is one rate limit as the vendor usually states it.
type LimitHabit struct {
	Name    string                 `json:"n,omitempty"`
	Seen    uint64                 `json:"c"` // answers that stated it
	Headers []Tally[string]        `json:"h"`
	Limits  []Tally[int64]         `json:"l,omitempty"`
	Windows []Tally[time.Duration] `json:"w,omitempty"`
}

func tally[T comparable](ts []Tally[T], value T, n uint64) []Tally[T] {
	for i := range ts {
		if ts[i].Value == value {
			ts[i].Count += n
			return ts
		}
	}
	if len(ts) >= maxTallies {
		return ts
	}
	return append(ts, Tally[T]{value, n})
}

// Usual returns the most frequent value, how often it was seen, and how often
// any was. Of equals the first one learned wins.
func Usual[T comparable](ts []Tally[T]) (value T, seen, of uint64) {
	for _, t := range ts {
		of += t.Count
		if t.Count > seen {
			value, seen = t.Value, t.Count
		}
	}
	return value, seen, of
}

// Count is how often a value was seen.
func Count[T comparable](ts []Tally[T], value T) uint64 {
	for _, t := range ts {
		if t.Value == value {
			return t.Count
		}
	}
	return 0
}

func (h *Habits) add(o *Observation) {
	s := o.Signals
	h.Answers++
	if s.Items >= 0 {
		h.Items.Add(s.Items)
		h.Lists = tally(h.Lists, s.ItemsPath, 1)
	}
	if s.Items >= 0 {
		h.Pages = tally(h.Pages, s.Items, 1)
		h.Week.Add(o.At, s.Items)
	} else {
		h.Week.Add(o.At, s.Bytes)
	}
	h.addMore(o)
	h.Bytes.Add(s.Bytes)
	h.Statuses = tally(h.Statuses, s.Status, 1)
	h.MediaTypes = tally(h.MediaTypes, s.MediaType, 1)
	if s.Version != "" {
		h.Versions = tally(h.Versions, s.Version, 1)
	}
	for _, name := range s.LimitHeaders {
		h.LimitHeaders = tally(h.LimitHeaders, name, 1)
	}
	for _, l := range s.RateLimit {
		h.limit(l.Name).add(l)
	}
}

// limit finds the habit of a name, or starts one; beyond the bound, a scratch
// one that is forgotten.
func (h *Habits) limit(name string) *LimitHabit {
	i := slices.IndexFunc(h.Limits, func(l LimitHabit) bool { return l.Name == name })
	if i >= 0 {
		return &h.Limits[i]
	}
	if len(h.Limits) >= maxTallies {
		return &LimitHabit{}
	}
	h.Limits = append(h.Limits, LimitHabit{Name: name})
	return &h.Limits[len(h.Limits)-1]
}

func (l *LimitHabit) add(r RateLimit) {
	l.Seen++
	l.Headers = tally(l.Headers, r.Header, 1)
	if r.Limit >= 0 {
		l.Limits = tally(l.Limits, r.Limit, 1)
	}
	if r.Window > 0 {
		l.Windows = tally(l.Windows, r.Window, 1)
	}
}

func (h *Habits) merge(o Habits) {
	h.Answers += o.Answers
	h.Items.merge(o.Items)
	h.Bytes.merge(o.Bytes)
	h.LimitHeaders = mergeTallies(h.LimitHeaders, o.LimitHeaders)
	h.Statuses = mergeTallies(h.Statuses, o.Statuses)
	h.MediaTypes = mergeTallies(h.MediaTypes, o.MediaTypes)
	h.Versions = mergeTallies(h.Versions, o.Versions)
	h.Lists = mergeTallies(h.Lists, o.Lists)
	h.mergeMore(o)
	for _, l := range o.Limits {
		mine := h.limit(l.Name)
		mine.Seen += l.Seen
		mine.Headers = mergeTallies(mine.Headers, l.Headers)
		mine.Limits = mergeTallies(mine.Limits, l.Limits)
		mine.Windows = mergeTallies(mine.Windows, l.Windows)
	}
}

func mergeTallies[T comparable](a, b []Tally[T]) []Tally[T] {
	for _, t := range b {
		a = tally(a, t.Value, t.Count)
	}
	return a
}
