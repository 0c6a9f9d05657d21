package web

import (
	"context"
	"fmt"
	"sync"
	"time"

	"shapewatch/contracts"
)

// maxSeen bounds the probes whose values are remembered with when they were
// first seen; beyond it they are read anew.
const maxSeen = 64

// firstSeen is when values were first seen, by path and hash, as far as the
// parts of a baseline tell: to the hour, the day or the week.
type firstSeen map[string]map[uint64]time.Time

// A sighting is what is remembered of a probe's parts, so that each is decoded
// once.
type sighting struct {
	parts map[string]int // size by key: a part that has changed is read anew
	first firstSeen
}

// sightings are those of the probes looked at lately.
type sightings struct {
	sync.Mutex
	of map[string]*sighting
}

// firstSeen reads when the values of closed sets were first seen.
func (s *site) firstSeen(ctx context.Context, probe string, b *contracts.Baseline) (firstSeen, error) {
	parts, err := s.Source.Parts(ctx, probe)
	if err != nil {
		return nil, fmt.Errorf("parts of %s: %w", probe, err)
	}
	s.seen.Lock()
	defer s.seen.Unlock()
	known := s.seen.of[probe]
	if known == nil || known.lost(parts) {
		known = &sighting{map[string]int{}, firstSeen{}}
	}
	stretches, err := b.Stretches(known.unread(parts))
	if err != nil {
		return nil, fmt.Errorf("parts of %s: %w", probe, err)
	}
	closed := closedPaths(b)
	for _, stretch := range stretches {
		if !stretch.Held {
			known.first.add(b, stretch, closed)
		}
	}
	if len(s.seen.of) >= maxSeen {
		clear(s.seen.of)
	}
	s.seen.of[probe] = known
	return known.first, nil
}

// lost reports whether a part is no more: it became part of another one, or
// was un-learned.
func (k *sighting) lost(parts []contracts.Part) bool {
	there := 0
	for _, p := range parts {
		if size, known := k.parts[p.Key]; known && size == len(p.Bytes) {
			there++
		}
	}
	return there < len(k.parts)
}

// unread are the parts that were not read yet; from now on they are.
func (k *sighting) unread(parts []contracts.Part) (fresh []contracts.Part) {
	for _, p := range parts {
		if _, known := k.parts[p.Key]; !known {
			k.parts[p.Key] = len(p.Bytes)
			fresh = append(fresh, p)
		}
	}
	return fresh
}

// closedPaths are the places whose values are a small set.
func closedPaths(b *contracts.Baseline) map[string]bool {
	closed := map[string]bool{}
	for _, f := range b.Reading().Fields(b.Shape) {
		if f.Values.Closed {
			closed[f.Path] = true
		}
	}
	return closed
}

func (first firstSeen) add(b *contracts.Baseline, stretch contracts.Stretch, closed map[string]bool) {
	for _, f := range b.Reading().Fields(stretch.Shape) {
		if !closed[f.Path] {
			continue
		}
		at := first[f.Path]
		if at == nil {
			at = map[uint64]time.Time{}
			first[f.Path] = at
		}
		for _, v := range f.Values.List {
			if known, seen := at[v.Hash]; !seen || stretch.From.Before(known) {
				at[v.Hash] = stretch.From
			}
		}
	}
}

// date tells the values of a field when they were first seen: those that came
// with the field once, the others one by one.
func (n *node) date(first firstSeen, now time.Time) {
	at := first[n.Path]
	var start time.Time
	for _, from := range at {
		if start.IsZero() || from.Before(start) {
			start = from
		}
	}
	for i := range n.Values {
		if v := &n.Values[i]; at[v.hash].After(start) {
			v.Since = moment{at[v.hash], now}.Clock()
		}
	}
	if len(n.Values) > 0 && !start.IsZero() {
		n.Seen = moment{start, now}.Clock()
	}
	for _, kid := range n.Children {
		kid.date(first, now)
	}
}
