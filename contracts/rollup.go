package contracts

import (
	"slices"
	"strings"
	"time"
)

// Crowded reports whether parts have become old enough to be rolled up: once a
// day. The caller then reads all parts of the probe and passes them to
// [Baseline.RollUp].
func (b *Baseline) Crowded() bool {
	k := &b.buckets
	return k.on && k.hour != nil && k.at.Truncate(24*time.Hour).After(k.rolled)
}

// RollUp merges hours into days, days into weeks and weeks into what lies
// before, as they age, and returns the parts that change: new ones and, with
// nil bytes, those that are no more. Merging is exact: what the parts add up
// to stays the same.
func (b *Baseline) RollUp(parts []Part) (changed []Part, err error) {
	now := b.buckets.at
	r := roll{parts: map[string][]byte{}, merged: map[string]*piece{}}
	for _, p := range parts {
		r.parts[p.Key] = p.Bytes
	}
	steps := []struct {
		kind   string
		before time.Time
		into   func(time.Time) piece
	}{
		{"h", now.Add(-hoursFor).Truncate(24 * time.Hour), dayOf},
		{"d", monday(now.Add(-daysFor)), weekOf},
		{"w", monday(now.Add(-weeksFor)), func(time.Time) piece { return piece{key: olderKey} }},
	}
	for _, s := range steps {
		if err := r.roll(s.kind, s.before, s.into); err != nil {
			return nil, err
		}
	}
	b.buckets.rolled, b.keeping.moved = now.Truncate(24*time.Hour), true
	return r.changes()
}

// A roll is one call of RollUp.
type roll struct {
	parts  map[string][]byte // as kept
	merged map[string]*piece // changed or new, by key; nil for what is gone
}

// roll merges all parts of a kind that began before a time.
func (r *roll) roll(kind string, before time.Time, into func(time.Time) piece) error {
	for _, key := range r.keys(kind) {
		start, ok := partStart(key)
		if !ok || !start.Before(before) {
			continue
		}
		old, err := r.take(key)
		if err != nil {
			return err
		}
		if err := r.add(into(start), old); err != nil {
			return err
		}
	}
	return nil
}

func (r *roll) keys(kind string) (keys []string) {
	for key := range r.parts {
		if _, changed := r.merged[key]; !changed && strings.HasPrefix(key, kind) {
			keys = append(keys, key)
		}
	}
	for key, b := range r.merged {
		if b != nil && strings.HasPrefix(key, kind) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func (r *roll) take(key string) (piece, error) {
	if b := r.merged[key]; b != nil {
		r.merged[key] = nil
		return *b, nil
	}
	r.merged[key] = nil
	return decodePart(Part{key, r.parts[key]})
}

// add merges a piece into a larger one, which is begun if there is none.
func (r *roll) add(into, b piece) error {
	key := into.key
	have := r.merged[key]
	if have == nil && r.parts[key] != nil {
		decoded, err := decodePart(Part{key, r.parts[key]})
		if err != nil {
			return err
		}
		have = &decoded
	}
	if have == nil {
		into.memory = *newMemory()
		if key == olderKey {
			into.from, into.to = b.from, b.to
		}
		have = &into
	}
	have.merge(&b.memory)
	if key == olderKey {
		have.from, have.to = earliest(have.from, b.from), latest(have.to, b.to)
	}
	r.merged[key] = have
	return nil
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (r *roll) changes() (changed []Part, err error) {
	for key, b := range r.merged {
		p := Part{Key: key}
		if b != nil {
			if p, err = b.encode(); err != nil {
				return nil, err
			}
		} else if r.parts[key] == nil {
			continue
		}
		changed = append(changed, p)
	}
	slices.SortFunc(changed, func(a, b Part) int { return strings.Compare(a.Key, b.Key) })
	return changed, nil
}
