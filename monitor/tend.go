package monitor

import (
	"context"
	"errors"
	"time"

	"shapewatch/alerting"
)

// tendMost is the longest between two looks at what time alone brings, and
// tendBatch how many incidents are ruled on in one transaction.
const (
	tendMost  = time.Minute
	tendBatch = 256
)

// tend does what time alone brings, until ctx is done: reminders, the ends of
// silences and of maintenance.
func (m *Monitor) tend(ctx context.Context) {
	var failures int
	for ctx.Err() == nil {
		next, err := m.desk.tend(ctx)
		if err != nil && ctx.Err() == nil {
			if failures++; failures&(failures-1) == 0 {
				m.Log.Error("reminders and silences cannot be looked after", "err", err, "failures", failures)
			}
		} else {
			failures = 0
		}
		pause := tendMost
		if err == nil && !next.IsZero() {
			pause = max(min(pause, time.Until(next)), time.Second)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// tend rules once on everything that is due, and says when more will be.
func (d *Desk) tend(ctx context.Context) (next time.Time, err error) {
	now := time.Now().UTC()
	err = again(func() (err error) {
		next, err = d.endSilences(ctx, now)
		return err
	})
	for more := true; more && err == nil; {
		err = again(func() error {
			due, later, err := d.Store.DueIncidents(ctx, now, tendBatch)
			if err != nil {
				return err
			}
			next, more = earliest(next, later), len(due) == tendBatch
			changed, steps := alerting.Tend(due, now, d.policy(ctx, now))
			if len(changed) == 0 {
				more = false
				return nil
			}
			return d.rule(ctx, alerting.Ruling{Incidents: changed}, steps, now)
		})
	}
	return next, err
}

// endSilences ends what is over by time, or because nothing is as it was when
// it began; next is when the next is over.
func (d *Desk) endSilences(ctx context.Context, now time.Time) (next time.Time, err error) {
	all, err := d.Store.Silences(ctx)
	if err != nil {
		return next, err
	}
	hushing, err := d.hushing(ctx, all, now)
	if err != nil {
		return next, err
	}
	var over []alerting.Silence
	var acts []alerting.Act
	for _, s := range all {
		switch {
		case !s.Ended.IsZero():
		case s.InForce(now) && (!s.UntilChange || hushing[s.ID]):
			if !s.Until.IsZero() {
				next = earliest(next, s.Until)
			}
		case !now.Before(s.From):
			over = append(over, s)
			acts = append(acts, alerting.Act{Kind: alerting.Unhush, Silence: s.ID, Incident: s.Matcher.Incident,
				Actor: alerting.Actor, Through: "time", At: now, Reason: ending(s, now)})
		}
	}
	if len(over) == 0 {
		return next, nil
	}
	return next, d.end(ctx, over, acts, now)
}

func ending(s alerting.Silence, now time.Time) string {
	if s.InForce(now) {
		return "what it hushed got worse, different, or is over"
	}
	return "its time is over"
}

// hushing are the silences that still hush something, where that matters.
func (d *Desk) hushing(ctx context.Context, all []alerting.Silence, now time.Time) (map[string]bool, error) {
	hushing := map[string]bool{}
	matters := false
	for _, s := range all {
		matters = matters || s.UntilChange && s.InForce(now)
	}
	if !matters {
		return hushing, nil
	}
	open, err := d.Store.Incidents(ctx, "", maxOpen)
	for _, inc := range open {
		for _, s := range all {
			if inc.Open() && s.UntilChange && s.Hushes(inc, now) {
				hushing[s.ID] = true
			}
		}
	}
	return hushing, err
}

// earliest returns the earlier of two times, where zero means never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// retire ends what probes have found that nobody asks any more, and says so.
func (d *Desk) retire(ctx context.Context, watched map[string]*post) error {
	open, err := d.Store.Incidents(ctx, "", maxOpen)
	if err != nil {
		return err
	}
	gone := map[string]string{} // API by probe
	for _, inc := range open {
		for _, e := range inc.Entries {
			if inc.Open() && e.Ended.IsZero() && watched[e.Probe] == nil {
				gone[e.Probe] = inc.API
			}
		}
	}
	for probe, api := range gone {
		if err := again(func() error { return d.retireProbe(ctx, api, probe) }); err != nil && !errors.Is(err, alerting.ErrConflict) {
			return err
		}
	}
	return nil
}

func (d *Desk) retireProbe(ctx context.Context, api, probe string) error {
	memory, err := d.Store.Recall(ctx, api, probe)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	changed, steps := alerting.Fold(memory.Incidents, alerting.Update{
		API: api, Probe: probe, At: now, Retired: true, Policy: d.Alerts().policy(memory.Silences, now),
	})
	if len(changed) == 0 {
		return nil
	}
	return d.rule(ctx, alerting.Ruling{Incidents: changed}, steps, now)
}
