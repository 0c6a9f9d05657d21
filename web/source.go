package web

import (
	"context"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/heartbeats"
	"shapewatch/probes"
	"shapewatch/webhooks"
)

// A Source is what the page reads. It copies out: nothing it returns holds a
// transaction open.
type Source interface {
	// Latest returns the last check of every probe.
	Latest(ctx context.Context) ([]contracts.Check, error)
	// Checks returns up to max checks of a probe since a time, newest first.
	Checks(ctx context.Context, probe string, since time.Time, max int) ([]contracts.Check, error)
	// Hours returns the hourly sums of a probe since a time, oldest first.
	Hours(ctx context.Context, probe string, since time.Time) ([]contracts.Hour, error)
	// Incidents returns incidents, open ones first, then newest first; api ""
	// means all APIs.
	Incidents(ctx context.Context, api string, max int) ([]alerting.Incident, error)
	// Incident returns one; alerting.ErrNotFound if there is none.
	Incident(ctx context.Context, id string) (alerting.Incident, error)
	// Recall returns what is remembered of a probe.
	Recall(ctx context.Context, api, probe string) (alerting.Memory, error)
	// Parts returns the parts of a probe's baseline by key.
	Parts(ctx context.Context, probe string) ([]contracts.Part, error)
	// Ledger returns what is remembered of a reconciliation, or of the last run
	// of a workflow, encoded; nil for a probe that is neither.
	Ledger(ctx context.Context, probe string) ([]byte, error)
	// Onward says how handing on the events of a source goes.
	Onward(ctx context.Context, source string) (webhooks.Onward, error)
	// Beats returns what a job said lately, oldest first.
	Beats(ctx context.Context, probe string) ([]heartbeats.Beat, error)
	// Rhythms returns how the events of each type of a source come.
	Rhythms(ctx context.Context, source string) ([]webhooks.Rhythm, error)
	// Deaf returns the last stretches in which we did not listen, oldest first.
	Deaf(ctx context.Context) ([]probes.Deaf, error)
	// Holding are the sources of which events wait to be handed on, or are dead.
	Holding(ctx context.Context) ([]string, error)
	// Forwards lists up to max events of a source that wait to be handed on, or
	// the dead, by number; without headers and bodies.
	Forwards(ctx context.Context, source string, dead bool, max int) ([]webhooks.Forward, error)
	// OutboxHealth says whether alerts get through.
	OutboxHealth(ctx context.Context) (alerting.OutboxHealth, error)
	// Size returns how many bytes are used, of how many that may be; 0 of 0 in
	// memory, where nothing outlives the process.
	Size(ctx context.Context) (used, limit int64, err error)
}
