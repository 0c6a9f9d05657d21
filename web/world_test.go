package web_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/contracts/shape"
	"shapewatch/heartbeats"
	"shapewatch/probes"
	"shapewatch/web"
	"shapewatch/webhooks"
)

// A world is a Source with everything a page can meet, built around one
// instant and the same for the same instant.
type world struct {
	mu        sync.Mutex
	probes    []probes.Probe
	checks    map[string][]contracts.Check // newest first
	hours     map[string][]contracts.Hour
	incidents []alerting.Incident
	baselines map[string][]byte
	parts     map[string][]contracts.Part
	uses      map[string][]string
	ledgers   map[string][]byte
	edits     []web.Edit
	proposals web.Proposals
	pulls     web.PullDesk
	outbox    alerting.OutboxHealth
	used      int64
	problems  []string
	desk      *desk
	access    web.Access
	url       string
	contract  func(string) *contracts.Contract
	onward    webhooks.Onward
	dead      []webhooks.Forward
	holding   []string
	beats     map[string][]heartbeats.Beat
	rhythms   map[string][]webhooks.Rhythm
	forwards  web.ForwardDesk
	reception web.Reception
	err       error // of every question
}

func (w *world) Latest(context.Context) (latest []contracts.Check, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, checks := range w.checks {
		latest = append(latest, checks[0])
	}
	return latest, w.err
}

func (w *world) Checks(_ context.Context, probe string, since time.Time, limit int) ([]contracts.Check, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	checks := w.checks[probe]
	for i, c := range checks {
		if i == limit || c.At.Before(since) {
			return checks[:i], w.err
		}
	}
	return checks, w.err
}

func (w *world) Hours(_ context.Context, probe string, since time.Time) ([]contracts.Hour, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	hours := w.hours[probe]
	from, _ := slices.BinarySearchFunc(hours, since, func(h contracts.Hour, t time.Time) int { return h.Start.Compare(t) })
	return hours[from:], w.err
}

func (w *world) Incidents(_ context.Context, api string, limit int) (found []alerting.Incident, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, i := range w.incidents {
		if (api == "" || i.API == api) && len(found) < limit {
			found = append(found, i)
		}
	}
	return found, w.err
}

func (w *world) Incident(_ context.Context, id string) (alerting.Incident, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, i := range w.incidents {
		if i.ID == id {
			return i, w.err
		}
	}
	return alerting.Incident{}, alerting.ErrNotFound
}

func (w *world) Recall(_ context.Context, _, probe string) (alerting.Memory, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return alerting.Memory{Baseline: w.baselines[probe]}, w.err
}

func (w *world) Parts(_ context.Context, probe string) ([]contracts.Part, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.parts[probe], w.err
}

func (w *world) Ledger(_ context.Context, probe string) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ledgers[probe], w.err
}

func (w *world) Deaf(context.Context) ([]probes.Deaf, error) { return nil, nil }

func (w *world) Beats(_ context.Context, probe string) ([]heartbeats.Beat, error) {
	return w.beats[probe], w.err
}

func (w *world) Rhythms(_ context.Context, probe string) ([]webhooks.Rhythm, error) {
	return w.rhythms[probe], w.err
}

func (w *world) Onward(context.Context, string) (webhooks.Onward, error) { return w.onward, w.err }

func (w *world) Holding(context.Context) ([]string, error) { return w.holding, w.err }

func (w *world) Forwards(context.Context, string, bool, int) ([]webhooks.Forward, error) {
	return w.dead, w.err
}

func (w *world) OutboxHealth(context.Context) (alerting.OutboxHealth, error) {
	return w.outbox, w.err
}

func (w *world) Size(context.Context) (used, limit int64, err error) { return w.used, 1 << 30, w.err }

// change alters a world that is being read.
func (w *world) change(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
}

// handler shows the world.
func (w *world) handler() http.Handler {
	return web.New(web.Options{
		Source: w, Title: "Acme integrations", Version: "v1.2.3",
		Probes:   func() []probes.Probe { return w.probes },
		Edits:    func(context.Context, alerting.Incident) ([]web.Edit, error) { return w.edits, w.err },
		Uses:     func(probe string) []string { return w.uses[probe] },
		Problems: func() []string { return w.problems }, Contract: w.contract, Access: w.access, URL: w.url, Desk: w.takes(), Forwards: w.forwards, Reception: w.reception, Unlearn: w.forgets, Proposals: w.proposals, Pulls: w.pulls,
		Log: slog.New(slog.DiscardHandler),
	})
}

// forgets un-learns an hour's worth of whatever it is asked for, and nothing of
// what has not been asked by a name.
func (w *world) forgets(_ context.Context, p probes.Probe, from, to time.Time, by contracts.Acceptance) (contracts.Move, error) {
	if w.err != nil {
		return contracts.Move{}, w.err
	}
	if !strings.HasPrefix(p.ID, "stripe") {
		return contracts.Move{}, contracts.ErrNothingLearned
	}
	return contracts.Move{Acceptance: by, From: from, To: to, Answers: 12}, nil
}

// A history says how a probe of the world has answered.
type history struct {
	api, group, owner, operation string
	every                        time.Duration
	count                        int // checks so far
	latency                      time.Duration
	items                        int64
	spoil                        func(age int, c *contracts.Check) // age 0 is the newest check
}

func (w *world) add(now time.Time, h history) {
	p := probes.Probe{
		ID: h.api + "/" + h.operation, API: h.api, Name: h.operation, Operation: h.operation, Group: h.group,
		Owner: h.owner, URL: "https://secret.internal.example/v1?key=hunter2", Schedule: probes.Schedule{Every: h.every},
	}
	w.probes = append(w.probes, p)
	for age := range h.count {
		wave := time.Duration(age*age%17+age%5) * time.Millisecond
		c := contracts.Check{
			Probe: p.ID, At: now.Add(-40*time.Second - time.Duration(age)*h.every), Class: probes.Valid,
			Status: 200, Latency: h.latency + wave*(1+h.latency/(60*time.Millisecond)),
			Bytes: 2100 + 17*int64(age%23), Items: h.items,
		}
		if h.items > 3 {
			c.Items += int64(age % 3)
		}
		if h.spoil != nil {
			h.spoil(age, &c)
		}
		w.checks[p.ID] = append(w.checks[p.ID], c)
	}
	for _, c := range slices.Backward(w.checks[p.ID]) {
		hours := w.hours[p.ID]
		if n := len(hours); n == 0 || !hours[n-1].Start.Equal(c.At.UTC().Truncate(time.Hour)) {
			hours = append(hours, contracts.Hour{})
		}
		hours[len(hours)-1].Add(c)
		w.hours[p.ID] = hours
	}
}

func newWorld(now time.Time) *world {
	w := &world{checks: map[string][]contracts.Check{}, hours: map[string][]contracts.Hour{}, baselines: map[string][]byte{}, parts: map[string][]contracts.Part{}, used: 1500 << 10}
	w.add(now, history{
		api: "stripe", group: "Payments", owner: "team-billing", operation: "GET /v1/charges", every: 5 * time.Minute, count: 1500,
		latency: 182 * time.Millisecond, items: 25, spoil: func(age int, c *contracts.Check) {
			if age < 37 {
				c.Confirmed, c.Worst = 2, contracts.Breaking
			}
		},
	})
	w.add(now, history{
		api: "stripe", group: "Payments", owner: "team-billing", operation: "GET /v1/charges/{id}", every: 5 * time.Minute, count: 1500,
		latency: 121 * time.Millisecond, items: -1, spoil: func(age int, c *contracts.Check) {
			if age < 36 {
				c.Confirmed, c.Worst = 1, contracts.Breaking
			}
		},
	})
	w.add(now, history{api: "adyen", group: "Payments", operation: "GET /v71/payments", every: 5 * time.Minute, count: 1200, latency: 240 * time.Millisecond, items: 100})
	w.add(now, history{
		api: "dhl", group: "Shipping", owner: "team-fulfilment", operation: "GET /track/shipments", every: 10 * time.Minute, count: 800,
		latency: 410 * time.Millisecond, items: 1, spoil: func(age int, c *contracts.Check) {
			if age < 9 || age > 60 && age < 63 {
				c.Class, c.Status, c.Items, c.Bytes, c.Latency = probes.Unreachable, 0, -1, 0, 10*time.Second
				c.Problem = "connecting to api-eu.dhl.example timed out after 10 s"
			}
		},
	})
	w.add(now, history{
		api: "ups", group: "Shipping", operation: "GET /rating/v2403/shop", every: 15 * time.Minute, count: 600,
		latency: 655 * time.Millisecond, items: 12, spoil: func(age int, c *contracts.Check) {
			if age < 14 {
				c.Confirmed, c.Worst = 1, contracts.Warning
			}
		},
	})
	w.add(now, history{api: "shippo", group: "Shipping", operation: "GET /shipments", every: 5 * time.Minute, count: 500, latency: 95 * time.Millisecond, items: 25})
	w.add(now, history{
		api: "github", operation: "GET /repos/{owner}/{repo}/issues", every: 5 * time.Minute, count: 700, latency: 210 * time.Millisecond, items: 30,
		spoil: func(age int, c *contracts.Check) {
			if age == 0 {
				c.Suspected = 1
			}
		},
	})
	w.add(now, history{api: "openweather", operation: "GET /data/2.5/forecast", every: time.Hour, count: 3, latency: 88 * time.Millisecond, items: 40})
	w.add(now, history{api: "fresh", operation: "GET /v1/things", every: time.Hour})
	w.incidents = worldIncidents(now)
	return w
}

func worldIncidents(now time.Time) []alerting.Incident {
	opened := now.Add(-3*time.Hour - 4*time.Minute)
	was := contracts.Evidence{WasSeen: 412, WasOf: 412, NowSeen: 0, NowOf: 37, Since: opened, Checks: 37, Of: 37, Reprobes: 3}
	entry := func(operation, path, kind string, s contracts.Severity, was, is string, e contracts.Evidence) alerting.Entry {
		return alerting.Entry{Probe: "stripe/" + operation, Since: e.Since, Finding: contracts.Finding{
			API: "stripe", Operation: operation, Path: path, Kind: kind, Severity: s, Was: was, Now: is, Evidence: e,
		}}
	}
	renamed := entry("GET /v1/charges", "/data/[]/customer", "field-removed", contracts.Breaking,
		"string, in all of 412 answers", "missing from all of 37 answers", was)
	renamed.Finding.Cause = "`customer` was renamed `customer_id`: same values, same place."
	retyped := entry("GET /v1/charges", "/data/[]/amount", "type-changed", contracts.Breaking, "integer", "string", was)
	single := entry("GET /v1/charges/{id}", "/customer", "field-removed", contracts.Breaking,
		"string, in all of 398 answers", "missing from all of 36 answers",
		contracts.Evidence{WasSeen: 398, WasOf: 398, NowSeen: 0, NowOf: 36, Since: opened.Add(time.Minute), Checks: 36, Of: 36, Reprobes: 3})
	return []alerting.Incident{
		{
			ID: "inc_00000000000000a1", API: "stripe", Group: "Payments", Owner: "team-billing", Severity: contracts.Breaking,
			Title:     "`customer` was renamed `customer_id` in 2 operations, and `amount` is now a string",
			Condition: alerting.Firing, Handling: alerting.Acknowledged, Opened: opened, Changed: opened.Add(time.Minute), Version: 3,
			Entries: []alerting.Entry{renamed, retyped, single},
			Timeline: []alerting.Event{
				{At: opened, Kind: alerting.Opened, Actor: "shapewatch", Text: "`customer` is gone from GET /v1/charges: in 412 of 412 answers before, in 0 of 4 now."},
				{At: opened.Add(time.Minute), Kind: alerting.Updated, Actor: "shapewatch", Text: "GET /v1/charges/{id} is affected too."},
				{At: opened.Add(22 * time.Minute), Kind: alerting.Updated, Actor: "ana", Text: "Acknowledged: the vendor confirms, a fix is on its way."},
			},
			Requests: []alerting.PullRequest{
				{URL: "https://github.com/acme/contracts/pull/6", Branch: "shapewatch/stripe", State: alerting.RequestClosed, At: opened.Add(23 * time.Minute)},
				{URL: "https://github.com/acme/contracts/pull/7", Branch: "shapewatch/stripe", State: alerting.RequestOpen, At: opened.Add(25 * time.Minute)},
			},
		},
		{
			ID: "inc_00000000000000b2", API: "ups", Group: "Shipping", Severity: contracts.Warning, Title: "The rate limit fell from 5,000 to 500 requests an hour",
			Condition: alerting.Firing, Handling: alerting.New, Opened: now.Add(-3*time.Hour - 20*time.Minute), Changed: now.Add(-3 * time.Hour), Version: 1,
			Entries: []alerting.Entry{{Probe: "ups/GET /rating/v2403/shop", Since: now.Add(-3*time.Hour - 20*time.Minute), Finding: contracts.Finding{
				API: "ups", Operation: "GET /rating/v2403/shop", Path: "header:x-ratelimit-limit", Kind: "rate-limit-lowered", Severity: contracts.Warning,
				Was: "5,000 requests an hour", Now: "500 requests an hour", Evidence: contracts.Evidence{Told: true},
			}}},
		},
		{
			ID: "inc_00000000000000c3", API: "github", Severity: contracts.Info, Title: "New field `sub_issues_summary` on each item",
			Condition: alerting.Resolved, Handling: alerting.Accepted, Opened: now.Add(-50 * time.Hour), Changed: now.Add(-50 * time.Hour), Resolved: now.Add(-50 * time.Hour), Version: 1,
			Entries: []alerting.Entry{{Probe: "github/GET /repos/{owner}/{repo}/issues", Since: now.Add(-50 * time.Hour), Ended: now.Add(-50 * time.Hour), Finding: contracts.Finding{
				API: "github", Operation: "GET /repos/{owner}/{repo}/issues", Path: "/[]/sub_issues_summary", Kind: "field-added", Severity: contracts.Info, Was: "not there", Now: "object",
			}}},
			Timeline: []alerting.Event{{At: now.Add(-50 * time.Hour), Kind: alerting.Noted, Actor: "shapewatch", Text: "A new field; nothing to do."}},
		},
		{
			ID: "inc_00000000000000d4", API: "dhl", Group: "Shipping", Severity: contracts.Breaking, Title: "`status` was null in every answer",
			Condition: alerting.Resolved, Handling: alerting.New, Flapping: true, Opened: now.Add(-40 * 24 * time.Hour), Changed: now.Add(-39 * 24 * time.Hour), Resolved: now.Add(-39 * 24 * time.Hour), Version: 2,
		},
	}
}

// teach gives a probe of the world a baseline that was really learned.
func (w *world) teach(t testing.TB, now time.Time, probe string, answers int) {
	t.Helper()
	b := contracts.NewBaseline()
	for i := range answers {
		at := now.Add(-time.Duration(answers-i) * time.Minute)
		s := shape.New(shape.Limits{})
		if err := s.Observe([]byte(charges(i)), at); err != nil {
			t.Fatal(err)
		}
		b.Learn(&contracts.Observation{At: at, Class: probes.Valid, Shape: s}, contracts.Verdict{Learned: true})
	}
	b.Known = []contracts.Mismatch{{Finding: contracts.Finding{
		Path: "/data/[]/refunded", Kind: "contract-mismatch", Was: "boolean in the contract", Now: "<i>string</i> or null",
		Evidence: contracts.Evidence{Since: now.Add(-time.Duration(answers) * time.Minute)},
	}}}
	encoded, err := b.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if err := new(contracts.Baseline).UnmarshalBinary(encoded); err != nil {
		t.Fatal(err)
	}
	w.baselines[probe] = encoded
}

// charges is the i-th answer of a list that varies as real ones do.
func charges(i int) string {
	states := []string{"succeeded", "pending", "failed"}
	refund := "null"
	if i%4 == 0 {
		refund = `{"id":"re_` + fmt.Sprint(1000+i) + `","reason":"requested_by_customer"}`
	}
	note := ""
	if i%3 != 0 {
		note = `,"description":"order ` + fmt.Sprint(i) + `"`
	}
	item := func(k int) string {
		return fmt.Sprintf(`{"id":"ch_%06d","amount":%d,"currency":"eur","status":%q,"created":%d,"created_at":"2026-11-%02dT10:%02d:00Z","paid":%t,"refund":%s,"metadata":{"k%d":"v"}%s}`,
			i*7+k, 100+i*13+k, states[(i+k)%3], 1790000000+i*60, 1+i%28, k, k%2 == 0, refund, i%50, note)
	}
	return `{"object":"list","has_more":` + fmt.Sprint(i%2 == 0) + `,"url":"/v1/charges","data":[` + item(0) + "," + item(1) + "," + item(2) + `]}`
}
