package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
)

// Sizes of an API's page.
const (
	checksShown   = 20
	checksDrawn   = 120 // while there are too few hours to draw
	chartDays     = 7
	incidentsOnce = 10
	rowsOfProbes  = 200
)

type apiContent struct {
	Name, Group, Owner string
	State              state
	Word               string
	Day                day
	History            history90
	Operations         []operationRow
	MoreOperations     int
	Incidents          []incidentLine
	Chosen             operation
}

// An operationRow is one probe in the table of its API.
type operationRow struct {
	Name, Operation string
	Link            string
	Chosen          bool
	State           state
	Word            string
	Checked         moment
	Next            string
	Items, Latency  string
	Size            string
}

// An operation is the probe whose details the page shows.
type operation struct {
	Name, Operation string
	Checks          []checkRow
	Charts          []*chart
	History         string // address of more of the same …
	HistoryDays     int    // … of so many days
	Tree            *tree
	Known           []mismatch // with the contract
	Reconciliation  *reconciliation
	HandedOn        *handedOnView
	Walk            *walk   // of a workflow
	Shifts          *shifts // of a job
	Flow            *flow   // of a source of webhooks
	Intake          *intakeView
	Unreadable      bool // what was learned could not be decoded
	Learning        string
	Settled         bool
	Waits           string // for what, when it has not settled
	Since           moment // first answer learned; zero when there is none
}

// A checkRow is one check as a table row.
type checkRow struct {
	At      moment
	State   state
	Word    string
	Problem string
	Status  string
	Latency string
	Size    string
	Items   string
	Reprobe bool
}

func (s *site) apiPage(r *http.Request, l *look) (page, error) {
	a := l.find(r.PathValue("api"))
	if a == nil {
		return missing("No API of this name is watched", "It may have been renamed or removed in the configuration. Its past incidents are still in the history."), nil
	}
	c, err := s.apiContent(r.Context(), a, l.now, r.URL.Query().Get("operation"))
	c.Chosen.HistoryDays = daysShown
	if r.Header.Get(copyHeader) != "" {
		c.Chosen.Reconciliation = c.Chosen.Reconciliation.without() // a copy goes who knows where
		c.Chosen.HandedOn, c.Chosen.Intake, c.Chosen.HistoryDays = nil, nil, daysCopied
		c.Chosen.Walk = c.Chosen.Walk.without()
	}
	c.Chosen.History = zoomLink(a.name, c.Chosen.Name, c.Chosen.HistoryDays)
	return page{template: "api", Here: "overview", Name: a.name, Content: c}, err
}

func (s *site) apiContent(ctx context.Context, a *watchedAPI, now time.Time, chosen string) (apiContent, error) {
	c := apiContent{Name: a.name, Group: a.group, Owner: a.owner, State: a.state, Word: a.word()}
	var err error
	if c.Day, err = s.day(ctx, a, now); err != nil {
		return c, err
	}
	if c.History, err = s.history90(ctx, a, now); err != nil {
		return c, err
	}
	incidents, err := s.Source.Incidents(ctx, a.name, fewIncidents)
	if err != nil {
		return c, fmt.Errorf("incidents of %s: %w", a.name, err)
	}
	for _, i := range incidents[:min(len(incidents), incidentsOnce)] {
		c.Incidents = append(c.Incidents, newIncidentLine(i, now))
	}
	p := a.choose(chosen)
	for _, w := range a.probes[:min(len(a.probes), rowsOfProbes)] {
		c.Operations = append(c.Operations, newOperationRow(a, w, now, w == p))
	}
	c.MoreOperations = len(a.probes) - len(c.Operations)
	c.Chosen, err = s.operation(ctx, a, p, incidents, now)
	return c, err
}

// day is the last day of an API, hour by hour.
func (s *site) day(ctx context.Context, a *watchedAPI, now time.Time) (day, error) {
	var hours []contracts.Hour
	for _, p := range a.probes {
		h, err := s.Source.Hours(ctx, p.ID, now.UTC().Truncate(time.Hour).Add(-(dayHours-1)*time.Hour))
		if err != nil {
			return day{}, fmt.Errorf("hours of %s: %w", p.ID, err)
		}
		hours = append(hours, h...)
	}
	return newDay(now, hours), nil
}

// choose returns the probe of a name, the worst one without.
func (a *watchedAPI) choose(name string) *watchedProbe {
	worst := a.probes[0]
	for _, p := range a.probes {
		if p.Name == name {
			return p
		}
		if p.state > worst.state {
			worst = p
		}
	}
	return worst
}

func newOperationRow(a *watchedAPI, p *watchedProbe, now time.Time, chosen bool) operationRow {
	row := operationRow{
		Name: clip(120, p.Name), Operation: clip(160, p.Operation), Chosen: chosen,
		Link:  operationLink(a.name, p.Name),
		State: p.state, Word: p.state.Word(), Next: p.next(now),
	}
	if !p.checked {
		return row
	}
	row.Checked = moment{p.last.At, now}
	if p.state == failing && !p.last.Class.Answered() {
		row.Word = "unreachable"
	}
	if p.last.Class.Answered() {
		row.Latency, row.Size = latency(p.last.Latency), size(p.last.Bytes)
	}
	if p.last.Class == probes.Valid && p.last.Items >= 0 {
		row.Items = grouped(p.last.Items)
	}
	return row
}

// next says when a probe is checked again, as far as the schedule tells.
func (p *watchedProbe) next(now time.Time) string {
	if p.Schedule.Cron != "" {
		zone := p.Schedule.Timezone
		if zone == "" {
			zone = "UTC"
		}
		return "cron " + p.Schedule.Cron + " (" + zone + ")"
	}
	every := "every " + span(p.Schedule.Every)
	if !p.checked {
		return every
	}
	due := p.last.At.Add(p.Schedule.Every)
	if due.Before(now.Add(2 * time.Second)) {
		return every + ", due now"
	}
	return every + ", " + moment{due, now}.Ago()
}

func (s *site) operation(ctx context.Context, a *watchedAPI, p *watchedProbe, incidents []alerting.Incident, now time.Time) (operation, error) {
	o := operation{Name: p.Name, Operation: clip(160, p.Operation)}
	since := now.UTC().Truncate(time.Hour).Add(-chartDays * 24 * time.Hour)
	checks, err := s.Source.Checks(ctx, p.ID, since, checksDrawn)
	if err != nil {
		return o, fmt.Errorf("checks of %s: %w", p.ID, err)
	}
	hours, err := s.Source.Hours(ctx, p.ID, since)
	if err != nil {
		return o, fmt.Errorf("hours of %s: %w", p.ID, err)
	}
	for _, c := range checks[:min(len(checks), checksShown)] {
		o.Checks = append(o.Checks, newCheckRow(c, now))
	}
	if p.state == learning {
		o.Learning = fmt.Sprintf("Learning: %d of about %d answers seen. Until then a difference is only noted, not told.", p.valid, learnedAfter)
	}
	baseline, err := s.fillLearned(ctx, a, p, &o, now)
	if err != nil {
		return o, err
	}
	if o.Reconciliation, err = s.reconciliationOf(ctx, p.ID, now); err != nil {
		return o, err
	}
	if o.HandedOn, err = s.handedOnOf(ctx, p.ID, now); err != nil {
		return o, err
	}
	if o.Walk, err = s.walkOf(ctx, p.ID, baseline.Habits, now); err != nil {
		return o, err
	}
	if o.Shifts, err = s.shiftsOf(ctx, p.ID, now); err != nil {
		return o, err
	}
	o.Intake = s.intakeOf(p.ID, now)
	if o.Flow, err = s.flowOf(ctx, p.ID, baseline, now); err != nil {
		return o, err
	}
	for _, m := range measures {
		c := newChart(m, checks, hours, incidents, now)
		if c == nil {
			continue
		}
		c.learned(m, rangeOf(m, baseline.Habits))
		o.Charts = append(o.Charts, c)
	}
	return o, nil
}

// fillLearned reads what was learned. A baseline that cannot be decoded is said
// on the page, which has more to show.
func (s *site) fillLearned(ctx context.Context, a *watchedAPI, p *watchedProbe, o *operation, now time.Time) (*contracts.Baseline, error) {
	memory, err := s.Source.Recall(ctx, a.name, p.ID)
	if err != nil {
		return nil, fmt.Errorf("memory of %s: %w", p.ID, err)
	}
	baseline, err := learned(memory)
	if err != nil {
		s.Log.Error("page", "probe", p.ID, "err", err)
		o.Unreadable = true
	}
	if baseline.Shape != nil {
		o.Tree = newTree(baseline.Shape.Fields(), s.agreedOn(p.ID, baseline.Habits))
		first, err := s.firstSeen(ctx, p.ID, baseline)
		if err != nil {
			s.unreadable(ctx, "page", err)
		}
		if o.Tree != nil {
			o.Tree.Root.date(first, now)
		}
	}
	if baseline.Answers() > 0 {
		o.Settled, o.Waits = baseline.Settled()
		o.Since = moment{baseline.Since, now}
	}
	o.Known = mismatches(baseline)
	return baseline, nil
}

// agreedOn is the schema that valid answers of a probe are held against; nil
// without a contract.
func (s *site) agreedOn(probe string, h contracts.Habits) *contracts.Schema {
	if s.Contract == nil {
		return nil
	}
	status, _, _ := contracts.Usual(h.Statuses)
	media, _, _ := contracts.Usual(h.MediaTypes)
	if status == 0 { // of a baseline that knows no signals yet
		status = http.StatusOK
	}
	return s.Contract(probe).For(status, media)
}

func newCheckRow(c contracts.Check, now time.Time) checkRow {
	row := checkRow{
		At: moment{c.At, now}, State: stateOf(c), Problem: clip(300, c.Problem), Reprobe: c.Reprobe,
		Status: "–", Latency: "–", Size: "–", Items: "–",
	}
	row.Word = row.State.Word()
	if c.Class != probes.Valid {
		row.Word = classWord(c.Class)
	}
	if c.Class.Answered() {
		row.Latency, row.Size = latency(c.Latency), size(c.Bytes)
	}
	if c.Status > 0 {
		row.Status = fmt.Sprint(c.Status)
	}
	if c.Class == probes.Valid && c.Items >= 0 {
		row.Items = grouped(c.Items)
	}
	return row
}

// classWord is a class as a person reads it.
func classWord(c probes.Class) string {
	switch c {
	case probes.Unreachable:
		return "unreachable"
	case probes.Protocol:
		return "broken response"
	case probes.Status:
		return "unexpected status"
	case probes.NotJSON:
		return "not JSON"
	case probes.InvalidJSON:
		return "invalid JSON"
	case probes.OverLimit:
		return "over our limits"
	case probes.ErrorEnvelope:
		return "error under a success status"
	case probes.Unreadable:
		return "unreadable document"
	case probes.PartialData:
		return "data with errors beside it"
	case probes.Valid:
		return "valid"
	}
	return clip(40, string(c))
}
