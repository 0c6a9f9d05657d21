package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// Sizes of an incident's page.
const (
	changesShown = 100
	eventsShown  = 100
	pastsShown   = 4  // operations whose past is looked at
	coursesShown = 12 // changes drawn over time
)

type incidentContent struct {
	incidentLine
	ID       string
	APILink  string
	Owner    string
	Groups   []operationChanges
	More     int // changes not shown
	Events   []eventRow
	CanAct   bool
	Curls    []string
	Edits    []editRow
	Periods  []period
	Requests []requestLine
}

// A requestLine is a pull request that would make a contract follow.
type requestLine struct {
	URL, Branch, State string
	At                 moment // since when it is known to be so
}

// newRequestLines are the newest first.
func newRequestLines(all []alerting.PullRequest, now time.Time) (lines []requestLine) {
	for _, r := range slices.Backward(all) {
		lines = append(lines, requestLine{r.URL, clip(80, r.Branch), clip(20, string(r.State)), moment{r.At, now}})
	}
	return lines
}

// An operationChanges is what changed in one operation.
type operationChanges struct {
	Operation string
	Link      string
	Changes   []change
	Shape     []diffLine // what was answered and what is, where they differ
	Over      bool       // all of it is over: the diff is of what was answered for a while
	ShapeMore int        // lines not shown
	Charts    []*chart   // of what is not in the body: volume, latency, limits
	probe     string
	uses      []string
}

// A change is one finding as before and after.
type change struct {
	path     string
	Where    string // the path as a person reads it
	Kind     string
	Severity string
	Was, Now string
	Cause    string
	Before   share
	After    share
	Evidence string
	Ended    moment
	Uses     []string // that it touches, of what you said that you read
	Course   *course
	passed   *passed // nil while it lasts
}

// A share is a number of answers out of all as a bar.
type share struct {
	Of      uint64
	Percent int
	Words   string
}

type eventRow struct {
	At    moment
	Kind  string
	Actor string
	Text  string
}

func (s *site) incidentPage(r *http.Request, l *look) (page, error) {
	incident, err := s.Source.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		return page{}, fmt.Errorf("incident: %w", err)
	}
	now := l.now
	c := incidentContent{
		incidentLine: newIncidentLine(incident, now), ID: incident.ID, Owner: incident.Owner,
		APILink: apiLink(incident.API), Groups: s.changes(incident, now), More: max(0, len(incident.Entries)-changesShown),
		Requests: newRequestLines(incident.Requests, now),
	}
	if err := s.fillEvidence(r.Context(), incident, c.Groups, now); err != nil {
		return page{}, err
	}
	c.Curls, c.Edits = s.reproduce(incident), s.edits(r.Context(), incident)
	c.CanAct, c.Periods = s.Desk != nil && c.Open && r.Header.Get(copyHeader) == "", periodWords
	for i := len(incident.Timeline) - 1; i >= 0 && len(c.Events) < eventsShown; i-- {
		e := incident.Timeline[i]
		c.Events = append(c.Events, eventRow{moment{e.At, now}, string(e.Kind), clip(60, e.Actor), clip(400, e.Text)})
	}
	return page{template: "incident", Here: "incidents", Name: plain(c.Title), Content: c}, nil
}

// changes puts the entries of an incident together by operation.
func (s *site) changes(i alerting.Incident, now time.Time) (groups []operationChanges) {
	at := map[string]int{}
	for _, e := range i.Entries[:min(len(i.Entries), changesShown)] {
		n, known := at[e.Finding.Operation]
		if !known {
			n = len(groups)
			at[e.Finding.Operation] = n
			groups = append(groups, operationChanges{
				Operation: clip(160, e.Finding.Operation), Link: s.operationLink(i.API, e.Probe), probe: e.Probe, uses: s.usesOf(e.Probe),
			})
		}
		c := newChange(e, now)
		c.passed = newPassed(i, e)
		c.Uses = touched(groups[n].uses, e.Finding.Path)
		groups[n].Changes = append(groups[n].Changes, c)
	}
	return groups
}

func newChange(e alerting.Entry, now time.Time) change {
	f := e.Finding
	return change{
		path: f.Path, Where: where(f.Path), Kind: f.Kind, Severity: f.Severity.String(),
		Was: clip(300, f.Was), Now: clip(300, f.Now), Cause: clip(300, f.Cause),
		Before: newShare(tally{f.Evidence.WasSeen, f.Evidence.WasOf}, "", "as now "), After: newShare(tally{f.Evidence.NowSeen, f.Evidence.NowOf}, "", ""),
		Evidence: evidence(f.Evidence, e.Ended, now), Ended: moment{e.Ended, now},
	}
}

// where names the place of a finding.
func where(path string) string {
	if path == "" {
		return "the whole answer"
	}
	return clip(200, path)
}

// newShare tells a share of so many of a unit. Both bars of a change count the
// same thing; like says so where there was none of it.
func newShare(t tally, unit, like string) share {
	words := "in " + grouped(int64(t.seen)) + " of " + grouped(int64(t.of))
	if t.seen == 0 {
		words = like + "in none of " + grouped(int64(t.of))
	}
	if unit != "" {
		words += " " + unit
	}
	return share{Of: t.of, Percent: int(100 * min(t.seen, t.of) / max(t.of, 1)), Words: words}
}

// tell has the bars of a change say what its picture says: one fact, one count.
func (c *change) tell(drawn *course) {
	c.Before, c.After = newShare(drawn.before, drawn.unit, ""), newShare(drawn.after, drawn.unit, "")
}

// evidence says how sure it is, beside the bars that tell in how many: "For 30
// days as it was, since 14:05 as it is now, confirmed by 3 re-probes".
func evidence(e contracts.Evidence, ended, now time.Time) string {
	if e.Told || e.Since.IsZero() {
		return sentence(capital(e.Sentence(func(t time.Time) string { return moment{t, now}.Clock() })))
	}
	var parts []string
	if lasted := e.Since.Sub(e.WasSince); !e.WasSince.IsZero() && lasted >= 2*time.Minute {
		parts = append(parts, "for "+span(lasted)+" as it was")
	}
	if ended.IsZero() {
		parts = append(parts, "since "+moment{e.Since, now}.Clock()+" as it is now")
	} else {
		parts = append(parts, "from "+moment{e.Since, now}.Clock()+" to "+moment{ended, now}.Clock()+" otherwise")
	}
	if e.Reprobes > 0 {
		parts = append(parts, "confirmed by "+count(e.Reprobes, "re-probe"))
	}
	return sentence(capital(strings.Join(parts, ", ")))
}

// An incidentLine is an incident in short.
type incidentLine struct {
	Title, API string
	Link       string
	State      state
	Severity   string
	Open       bool
	Flapping   bool
	Handling   string
	Opened     moment
	Resolved   moment
	Lasted     string
	Scope      string // "3 changes in 2 operations"
}

func newIncidentLine(i alerting.Incident, now time.Time) incidentLine {
	line := incidentLine{
		Title: capital(clip(160, i.Title)), API: i.API, Link: incidentLink(i.ID),
		State: severityState(i.Severity), Severity: i.Severity.String(),
		Open: i.Open(), Flapping: i.Flapping,
		Opened: moment{i.Opened, now}, Resolved: moment{i.Resolved, now}, Scope: scope(i.Entries),
	}
	if i.Handling != alerting.New {
		line.Handling = string(i.Handling)
	}
	end := now
	if !line.Open {
		end = i.Resolved
	}
	line.Lasted = span(max(end.Sub(i.Opened), 0)) // clocks are set, and an older release kept what it was told
	return line
}

// scope says how far an incident reaches.
func scope(entries []alerting.Entry) string {
	operations := map[string]bool{}
	for _, e := range entries {
		operations[e.Finding.Operation] = true
	}
	return count(len(entries), "change") + " in " + count(len(operations), "operation")
}
