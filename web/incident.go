package web

import (
	"fmt"
	"net/http"
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
	ID      string
	APILink string
	Owner   string
	Groups  []operationChanges
	More    int // changes not shown
	Events  []eventRow
	CanAct  bool
	Curls   []string
	Edits   []editRow
	Periods []period
}

// An operationChanges is what changed in one operation.
type operationChanges struct {
	Operation string
	Link      string
	Changes   []change
	Shape     []diffLine // what was answered and what is, where they differ
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
		c.Uses = touched(groups[n].uses, e.Finding.Path)
		groups[n].Changes = append(groups[n].Changes, c)
	}
	return groups
}

func newChange(e alerting.Entry, now time.Time) change {
	f, like := e.Finding, ""
	if f.Evidence.WasSeen == 0 {
		like = "as now: " // what came is counted, not what was
	}
	return change{
		path: f.Path, Where: where(f.Path), Kind: f.Kind, Severity: f.Severity.String(),
		Was: clip(300, f.Was), Now: clip(300, f.Now), Cause: clip(300, f.Cause),
		Before: newShare(f.Evidence.WasSeen, f.Evidence.WasOf, like), After: newShare(f.Evidence.NowSeen, f.Evidence.NowOf, ""),
		Evidence: evidence(f.Evidence, now), Ended: moment{e.Ended, now},
	}
}

// where names the place of a finding.
func where(path string) string {
	if path == "" {
		return "the whole answer"
	}
	return clip(200, path)
}

func newShare(seen, of uint64, like string) share {
	return share{
		Of: of, Percent: int(100 * min(seen, of) / max(of, 1)),
		Words: like + fmt.Sprintf("in %s of %s", grouped(int64(seen)), grouped(int64(of))),
	}
}

// evidence says how sure it is: "In 412 of 412 for 30 days, in 0 of 37 since
// 14:05, confirmed by 3 re-probes."
func evidence(e contracts.Evidence, now time.Time) string {
	return sentence(e.Sentence(func(t time.Time) string { return moment{t, now}.Clock() }))
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
		Title: clip(160, i.Title), API: i.API, Link: incidentLink(i.ID),
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
	line.Lasted = span(end.Sub(i.Opened))
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
