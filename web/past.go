package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

// A past is what one operation answered before a change and since, as far as
// it is remembered.
type past struct {
	stretches []contracts.Stretch
	fields    []fieldSet // of the stretches
	view      shape.View
	since     time.Time
	before    fieldSet           // all that was learned before the change
	passed    map[string]*passed // changes that are over, by path
	after     fieldSet           // what is held since, or was learned since; empty when it is not remembered
}

// A fieldSet is the fields of a shape by path.
type fieldSet map[string]shape.Field

func readFields(v shape.View, s *shape.Shape) fieldSet {
	set := fieldSet{}
	if s == nil {
		return set
	}
	for _, f := range v.Fields(s) {
		set[f.Path] = f
	}
	return set
}

// pastOf reads what a probe answered before a time and since.
func (s *site) pastOf(ctx context.Context, api, probe string, since time.Time) (*past, error) {
	memory, err := s.Source.Recall(ctx, api, probe)
	if err != nil {
		return nil, fmt.Errorf("memory of %s: %w", probe, err)
	}
	parts, err := s.Source.Parts(ctx, probe)
	if err != nil {
		return nil, fmt.Errorf("parts of %s: %w", probe, err)
	}
	b, err := learned(memory)
	if err != nil {
		return nil, err
	}
	stretches, err := b.Stretches(parts)
	if err != nil {
		return nil, fmt.Errorf("parts of %s: %w", probe, err)
	}
	return newPast(b, stretches, since), nil
}

func newPast(b *contracts.Baseline, stretches []contracts.Stretch, since time.Time) *past {
	p := &past{stretches: stretches, view: b.Reading(), since: since}
	var before, after *shape.Shape
	for _, s := range stretches {
		p.fields = append(p.fields, readFields(p.view, s.Shape))
		if p.isAfter(s) {
			after = grown(after, s.Shape)
		} else {
			before = grown(before, s.Shape)
		}
	}
	p.before, p.after = readFields(p.view, before), readFields(p.view, after)
	return p
}

// isAfter reports whether a stretch lies after the change. The hour in which it
// began counts as before, because most of it may be.
func (p *past) isAfter(s contracts.Stretch) bool { return s.Held || !s.From.Before(p.since) }

// grown adds a shape to a sum, which is begun with a copy.
func grown(sum, s *shape.Shape) *shape.Shape {
	if sum == nil {
		return s.Clone()
	}
	sum.Merge(s)
	return sum
}

// parentOf is the path above a path.
func parentOf(path string) string { return path[:max(0, strings.LastIndexByte(path, '/'))] }

// nameOf is the last segment of a path as a person reads it.
func nameOf(path string) string {
	f := shape.Field{Path: path, Name: unescapePath(path[strings.LastIndexByte(path, '/')+1:])}
	return fieldName(f)
}

var pathUnescaper = strings.NewReplacer("~1", "/", "~0", "~")

func unescapePath(name string) string { return pathUnescaper.Replace(name) }

// sinceOf is when the first of the findings at a probe began.
func sinceOf(i alerting.Incident, probe string) (since time.Time) {
	for _, e := range i.Entries {
		at := e.Finding.Evidence.Since
		if at.IsZero() {
			at = e.Since
		}
		if e.Probe == probe && (since.IsZero() || at.Before(since)) {
			since = at
		}
	}
	return since
}

// has reports whether any of the paths lies in the body of an answer.
func has(paths []string) bool {
	return slices.ContainsFunc(paths, func(path string) bool { return strings.HasPrefix(path, "/") })
}
