package alerting

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"shapewatch/contracts"
)

// sickAfter is how long a channel may fail before the others are told.
const sickAfter = 5 * time.Minute

// An illness is what is wrong with a lane's channel.
type illness struct {
	since     time.Time // of the first failure in a row
	last      string
	announced bool
	asked     bool // whether an earlier process has announced it
}

// Sick says in one sentence each which channels take nothing, for the page.
func (d *Dispatcher) Sick() (words []string) {
	for _, l := range d.lanes {
		if at, why := l.illSince(); !at.IsZero() && (time.Since(at) > sickAfter || l.hopeless()) {
			words = append(words, "channel "+l.notifier.Channel()+" has taken nothing since "+clock(at)+": "+why)
		}
	}
	slices.Sort(words)
	return words
}

func (l *lane) illSince() (time.Time, string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ill.since, l.ill.last
}

func (l *lane) hopeless() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ill.announced
}

// sickens notes a failure and reports whether the others are to be told.
func (l *lane) sickens(why string, hopeless bool, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ill.since.IsZero() {
		l.ill.since = now
	}
	l.ill.last = why
	if l.ill.announced || !hopeless && now.Sub(l.ill.since) < sickAfter {
		return false
	}
	l.ill.announced = true
	return true
}

// recovers notes a success and reports whether the others may have been told
// that there was none.
func (l *lane) recovers() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	told := l.ill.announced || !l.ill.asked
	l.ill = illness{asked: true}
	return told
}

// announce tells the other channels how one does.
func (d *Dispatcher) announce(ctx context.Context, l *lane, sick bool, why string) {
	channel := l.notifier.Channel()
	sum := sha256.Sum256([]byte(channel))
	id := "self_channel_" + hex.EncodeToString(sum[:4])
	before, err := d.options.Outbox.Notice(ctx, Delivery{Channel: channel, Incident: id})
	if err != nil && !errors.Is(err, ErrNotFound) || sick == (before.Incident.Version > 0 && before.Incident.Open()) {
		return
	}
	now := time.Now().UTC()
	a := Announcement{At: now, Open: sick, Severity: contracts.Warning, Was: "told", Now: why,
		Title: "channel " + channel + " takes nothing", Reason: "what is to be told there waits, or is told here instead: " + why}
	if !sick {
		if before.Incident.Version == 0 {
			return
		}
		a.Title, a.Reason = "channel "+channel+" takes messages again", "what waited for it is told now"
	}
	bulletin, step := Announce(before.Incident, id, a)
	ruling := Ruling{Bulletins: []Incident{bulletin}}
	for other := range d.lanes {
		if other != channel {
			ruling.Deliveries = append(ruling.Deliveries, Delivery{Channel: other, Incident: id, Transition: step, Severity: a.Severity, Created: now, NotBefore: now})
		}
	}
	slices.SortFunc(ruling.Deliveries, func(a, b Delivery) int { return strings.Compare(a.Channel, b.Channel) })
	if err := d.options.Outbox.Rule(ctx, ruling); err != nil {
		d.options.Log.Error("the other channels cannot be told of a sick one", "channel", channel, "err", err)
		return
	}
	d.Wake()
}

// bury gives a row up; with a fallback channel it is told there instead, in
// the same transaction.
func (d *Dispatcher) bury(ctx context.Context, row Delivery) error {
	fallback := d.options.Fallback
	if d.lanes[fallback] == nil || fallback == row.Channel {
		return d.options.Outbox.PostponeDelivery(ctx, row)
	}
	instead := Delivery{
		Channel: fallback, Incident: row.Incident, Transition: row.Transition, Severity: row.Severity,
		Created: time.Now().UTC(), NotBefore: time.Now().UTC(),
	}
	err := d.options.Outbox.Rule(ctx, Ruling{Dead: []Delivery{row}, Deliveries: []Delivery{instead}})
	if err == nil {
		d.Wake()
	}
	return err
}
