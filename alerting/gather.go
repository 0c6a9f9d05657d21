package alerting

import (
	"context"
	"errors"
	"time"

	"shapewatch/contracts"
)

// What makes a storm, and how often a summary is told.
const (
	stormWindow = 60 * time.Second
	stormAbove  = 10 // openings told on their own in the window
	stormLasts  = 10 * time.Minute
	sumAtOnce   = 256
	sumEvery    = time.Minute // between two versions of a summary
)

// A summing is how a lane sums up: whom it told on its own lately, the storm
// that it is in, and when each summary is told next.
type summing struct {
	opened []time.Time
	storm  string
	began  time.Time
	next   map[string]time.Time // by bulletin, when the row that waits is due
}

// crowded reports whether another opening would be one too many.
func (s *summing) crowded(now time.Time) bool {
	for len(s.opened) > 0 && now.Sub(s.opened[0]) >= stormWindow {
		s.opened = s.opened[1:]
	}
	return len(s.opened) >= stormAbove
}

// opens reports whether a step would be a new message about something wrong.
func opens(n Notice) bool {
	switch n.Transition.Kind {
	case Opened, Reopened, Unmuted, Flapped:
		return n.Receipt.Ref == "" && n.Incident.Severity > contracts.Info && !IsBulletin(n.Incident.ID)
	}
	return false
}

// bulletinOf names the summary that a step belongs into; "" when it is told on
// its own.
func (l *lane) bulletinOf(row Delivery, n Notice, now time.Time) string {
	switch {
	case l.each:
		return ""
	case row.Digest:
		return summaryID(l.notifier.Channel(), "digest", now.UTC().Format(time.DateOnly))
	case n.Receipt.Ref == "" && n.Receipt.Bulletin != "" && n.Transition.Kind != Worsened:
		return n.Receipt.Bulletin
	case !opens(n) || !l.sums.crowded(now):
		return ""
	}
	if l.sums.storm == "" || now.Sub(l.sums.began) > stormLasts {
		l.sums.began = now
		l.sums.storm = summaryID(l.notifier.Channel(), "storm", now.UTC().Format(time.RFC3339Nano))
	}
	return l.sums.storm
}

// sum takes a step, and what waits of the same kind, into a summary.
func (d *Dispatcher) sum(ctx context.Context, l *lane, id string, row Delivery, n Notice) {
	now := time.Now()
	rows, news := []Delivery{row}, []Incident{n.Incident}
	for _, h := range l.take(func(h held) bool { return h.Digest == row.Digest && !IsBulletin(h.Incident) }, sumAtOnce-1) {
		more, err := d.options.Outbox.Notice(ctx, h.Delivery)
		more.Transition = h.Transition
		if err != nil || l.bulletinOf(h.Delivery, more, now) != id {
			l.add([]held{h})
			continue
		}
		if superseded(more) {
			d.settle(ctx, h.Delivery, more.Receipt)
			continue
		}
		rows, news = append(rows, h.Delivery), append(news, more.Incident)
	}
	if err := d.gather(ctx, l, id, rows, news); err != nil {
		for _, row := range rows {
			d.failed(ctx, nil, row, err)
		}
	}
}

// gather commits the next version of a summary: the rows that are in it wait
// no more, and one row tells it.
func (d *Dispatcher) gather(ctx context.Context, l *lane, id string, rows []Delivery, news []Incident) error {
	before, err := d.options.Outbox.Notice(ctx, Delivery{Channel: l.notifier.Channel(), Incident: id})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	now := time.Now()
	bulletin, step := summarize(before.Incident, id, rows[0].Digest, news, now.UTC())
	ruling := Ruling{Bulletins: []Incident{bulletin}}
	for i, row := range rows {
		ruling.Settled = append(ruling.Settled, Settled{row, Receipt{Bulletin: id, Version: news[i].Version}})
	}
	if at, wanted := l.sums.due(id, step, now); wanted {
		ruling.Deliveries = []Delivery{{
			Channel: l.notifier.Channel(), Incident: id, Transition: step, Severity: bulletin.Severity, Created: now, NotBefore: at,
		}}
	}
	return d.options.Outbox.Rule(ctx, ruling)
}

// due is when a version of a summary is to be told; not wanted when a row waits
// that will tell it.
func (s *summing) due(id string, step Transition, now time.Time) (at time.Time, wanted bool) {
	if s.next == nil || len(s.next) > 100 {
		s.next = map[string]time.Time{}
	}
	next, told := s.next[id]
	switch {
	case step.Kind == Closed:
		return now, true
	case next.After(now):
		return next, false
	case told && next.Add(sumEvery).After(now):
		at = next.Add(sumEvery)
	default:
		at = now.Add(gatherTime)
	}
	s.next[id] = at
	return at, true
}

// closeMember tells a summary that one of its incidents, told on its own since,
// is over.
func (d *Dispatcher) closeMember(ctx context.Context, l *lane, n Notice) {
	before, err := d.options.Outbox.Notice(ctx, Delivery{Channel: l.notifier.Channel(), Incident: n.Receipt.Bulletin})
	if err != nil || !before.Incident.Open() {
		return
	}
	now := time.Now()
	bulletin, step := summarize(before.Incident, n.Receipt.Bulletin, false, []Incident{n.Incident}, now.UTC())
	ruling := Ruling{Bulletins: []Incident{bulletin}}
	if at, wanted := l.sums.due(bulletin.ID, step, now); wanted {
		ruling.Deliveries = []Delivery{{
			Channel: l.notifier.Channel(), Incident: bulletin.ID, Transition: step, Severity: bulletin.Severity, Created: now, NotBefore: at,
		}}
	}
	if err := d.options.Outbox.Rule(ctx, ruling); err != nil {
		d.options.Log.Error("a summary does not hear that one of its incidents is over", "bulletin", bulletin.ID, "err", err)
	}
}
