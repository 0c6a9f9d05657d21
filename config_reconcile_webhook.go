package main

import (
	"maps"
	"slices"

	"shapewatch/monitor"
	"shapewatch/reconcile"
	"shapewatch/reconcile/sides"
)

// A bookOf is what a reconciliation wants to have kept of a webhook's events.
type bookOf struct {
	source leaf[string]
	keeps  sides.WebhookOptions
}

// announces says which events of a webhook are rows of a side.
func (s *sideBlock) announces(probe string, r *reconcile.Reconciliation, right bool) sides.WebhookOptions {
	return sides.WebhookOptions{
		Probe: probe, Right: right, Columns: r.Columns(right), Rules: r.Rules(), Keys: len(r.Keys), Updated: r.Updated != nil,
		List: s.items.value, Types: texts(s.types), Deletes: texts(s.deletes), Window: s.window.value, All: s.all.value, Lag: r.Allowed(),
	}
}

// announced notes which webhooks a reconciliation compares.
func (m *assembly) announced(probe string, r *reconcile.Reconciliation, c *reconcileBlock) {
	for i, s := range []*sideBlock{&c.left, &c.right} {
		if s.webhook.text == "" {
			continue
		}
		if s.all.value && r.Updated == nil {
			m.problem(s.all.at, "add updated: { … } to the reconciliation", "announces_all without updated: nothing says what changed since")
		}
		m.books = append(m.books, bookOf{s.webhook, s.announces(probe, r, i == 1)})
	}
}

// giveBooks tells each webhook what reconciliations want to have kept of it.
func (m *assembly) giveBooks(watches []monitor.Watch) {
	sources := map[string]*monitor.Source{}
	for _, w := range watches {
		if w.Source != nil {
			sources[w.Source.Name] = w.Source
		}
	}
	for _, b := range m.books {
		source := sources[b.source.value]
		if source == nil {
			hint := "add to probes: - webhook: { name: " + b.source.value + ", signed: … }"
			if len(sources) > 0 {
				hint = didYouMean(b.source.value, slices.Sorted(maps.Keys(sources)))
			}
			m.problem(b.source.at, hint, "no webhook is called %q", b.source.value)
			continue
		}
		source.Books = append(source.Books, b.keeps)
	}
}
