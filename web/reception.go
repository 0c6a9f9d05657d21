package web

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"time"

	"shapewatch/webhooks"
)

// A Reception says what comes to the addresses of sources.
type Reception interface {
	// Receiving are the sources: the probe of each, by its name.
	Receiving() map[string]string
	// Times say on whose clocks the source of a probe lives.
	Times(probe string) webhooks.Times
	// Intake is what came to the source of a probe since the start.
	Intake(probe string) webhooks.Intake
	// Strays is how many came to an address that no source has, since the start.
	Strays() uint64
}

// A Received is what came to one source: no header and no payload has a place
// in it.
type Received struct {
	Source   string                     `json:"source"`
	Probe    string                     `json:"probe"`
	Accepted uint64                     `json:"accepted"` // since the start, as are the next two
	Again    uint64                     `json:"again"`    // accepted before
	Refused  map[webhooks.Reason]uint64 `json:"refused"`  // by why
	Last     *time.Time                 `json:"last_refused"`
	Types    []ReceivedType             `json:"types"` // by name
}

// A ReceivedType is how the events of one type come.
type ReceivedType struct {
	Type   string     `json:"type"`
	Events uint64     `json:"events"` // ever
	Again  uint64     `json:"again"`  // ever
	Last   time.Time  `json:"last"`
	Pause  *float64   `json:"longest_pause_seconds"` // usual; null before it is known
	Busy   uint64     `json:"busiest_hour"`          // events
	Silent *time.Time `json:"silent_since"`          // null when it comes as usual
	Usual  *float64   `json:"usual_by_now"`          // events that usually come from the last one until now, by the hours of its week; null before those are known
	Told   *time.Time `json:"silence_told_from"`     // when silence is told if nothing comes until then; null while too little is known
	Flood  uint64     `json:"flood"`                 // events in this hour, when that is unusual; else 0
	Late   float64    `json:"late_seconds"`          // from event to arrival, when that is unusual; else 0
}

type webhooksReply struct {
	Unknown uint64     `json:"unknown"` // requests to an address that no source has, since the start
	Sources []Received `json:"sources"`
}

// webhooksJSON is GET /api/v1/webhooks.
func (s *site) webhooksJSON(r *http.Request) (any, error) {
	reply := webhooksReply{Sources: []Received{}}
	if s.Reception == nil {
		return reply, nil
	}
	reply.Unknown = s.Reception.Strays()
	sources := s.Reception.Receiving()
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		one, err := s.received(r.Context(), name, sources[name], time.Now())
		if err != nil {
			return nil, err
		}
		reply.Sources = append(reply.Sources, one)
	}
	return reply, nil
}

func (s *site) received(ctx context.Context, name, probe string, now time.Time) (Received, error) {
	in := s.Reception.Intake(probe)
	one := Received{
		Source: name, Probe: probe, Accepted: in.Accepted, Again: in.Again, Refused: in.Refused,
		Last: known(in.Last), Types: []ReceivedType{},
	}
	if one.Refused == nil {
		one.Refused = map[webhooks.Reason]uint64{}
	}
	rhythms, err := s.Source.Rhythms(ctx, probe)
	if err != nil {
		return one, fmt.Errorf("rhythms of %s: %w", probe, err)
	}
	ear := webhooks.Listen(rhythms, s.Reception.Times(probe))
	if ear.Deaf, err = s.Source.Deaf(ctx); err != nil {
		return one, fmt.Errorf("when we did not listen: %w", err)
	}
	for i := range rhythms {
		one.Types = append(one.Types, newReceivedType(ear, i, now))
	}
	return one, nil
}

func newReceivedType(ear *webhooks.Ear, i int, now time.Time) ReceivedType {
	r, hush := &ear.Rhythms[i], ear.Hush(i)
	t := ReceivedType{
		Type: clip(200, r.Type), Events: r.Count, Again: r.Retries, Last: r.Last.UTC(),
		Busy: r.Busiest(), Flood: r.Flood(now), Late: r.Delay(now).Seconds(),
	}
	if pause := r.LongestPause(); pause > 0 {
		seconds := pause.Seconds()
		t.Pause = &seconds
	}
	if hush.Silent(r.Last, now) > 0 {
		t.Silent = known(r.Last)
	}
	if usual, ok := ear.ByNow(i, now); ok {
		rounded := math.Round(10*usual) / 10
		t.Usual = &rounded
	}
	t.Told = known(hush.Told)
	return t
}

// An intakeView is what the page of a source says of what came to it.
type intakeView struct {
	Accepted, Again string
	Refused         []refusedRow // the most first
	Last            moment
}

type refusedRow struct {
	Why string
	N   int
}

// intakeOf is what came to a source; nil for a probe that is none.
func (s *site) intakeOf(probe string, now time.Time) *intakeView {
	if s.Reception == nil || !slices.Contains(slices.Collect(maps.Values(s.Reception.Receiving())), probe) {
		return nil
	}
	in := s.Reception.Intake(probe)
	v := &intakeView{Accepted: grouped(int64(in.Accepted)), Again: grouped(int64(in.Again)), Last: moment{in.Last, now}}
	for why, n := range in.Refused {
		v.Refused = append(v.Refused, refusedRow{why.Words(), int(n)})
	}
	slices.SortFunc(v.Refused, func(a, b refusedRow) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Why, b.Why))
	})
	return v
}
