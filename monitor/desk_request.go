package monitor

import (
	"context"

	"shapewatch/alerting"
)

// Requested notes how the pull request about an incident stands, with words
// where its state does not say it all, and what is to be told of it. What is
// noted already changes nothing.
func (d *Desk) Requested(ctx context.Context, incident string, r alerting.PullRequest, words string) error {
	return again(func() error {
		inc, err := d.Store.Incident(ctx, incident)
		if err != nil {
			return err
		}
		after, steps, differs := alerting.Request(inc, r, words, d.policy(ctx, r.At))
		if !differs {
			return nil
		}
		return d.rule(ctx, alerting.Ruling{Incidents: []alerting.Incident{after}}, steps, r.At)
	})
}
