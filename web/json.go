package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
)

// The types below are the JSON interface. They list what may leave, field by
// field: no address, header or payload of a vendor has a place in them.

type overviewReply struct {
	Title     string          `json:"title"`
	At        time.Time       `json:"at"`
	State     state           `json:"state"`
	Verdict   string          `json:"verdict"`
	Checked   *time.Time      `json:"checked"` // last check of all; null before the first
	Counts    map[string]int  `json:"counts"`  // APIs by state
	APIs      []apiReply      `json:"apis"`    // worst first
	Incidents []incidentReply `json:"incidents"`
	Problems  []string        `json:"problems"` // our own
	Outbox    outboxReply     `json:"outbox"`
}

type outboxReply struct {
	Waiting int        `json:"waiting"`
	Dead    int        `json:"dead"`
	Oldest  *time.Time `json:"oldest"`
}

type apiReply struct {
	Name       string           `json:"name"`
	Group      string           `json:"group"`
	State      state            `json:"state"`
	Open       int              `json:"open_incidents"`
	Operations []operationReply `json:"operations"`
}

type operationReply struct {
	Name      string      `json:"name"`
	Operation string      `json:"operation"`
	State     state       `json:"state"`
	Last      *checkReply `json:"last_check"` // null before the first
}

type checkReply struct {
	At        time.Time    `json:"at"`
	Class     probes.Class `json:"class"`
	Problem   string       `json:"problem,omitempty"`
	Status    int          `json:"status"`
	LatencyMS float64      `json:"latency_ms"`
	Bytes     int64        `json:"bytes"`
	Items     *int64       `json:"items"` // null when there is no main list
	Confirmed int          `json:"confirmed"`
	Suspected int          `json:"suspected"`
}

type incidentReply struct {
	ID        string             `json:"id"`
	API       string             `json:"api"`
	Title     string             `json:"title"`
	Severity  contracts.Severity `json:"severity"`
	Condition alerting.Condition `json:"condition"`
	Handling  alerting.Handling  `json:"handling"`
	Flapping  bool               `json:"flapping"`
	Opened    time.Time          `json:"opened"`
	Changed   time.Time          `json:"changed"`
	Resolved  *time.Time         `json:"resolved"`
	Page      string             `json:"page"`               // path on this server
	Muted     alerting.Muting    `json:"muted,omitzero"`     // why it is not told now
	Requests  []requestReply     `json:"requests,omitempty"` // pull requests that would make contracts follow, oldest first
	Changes   []changeReply      `json:"changes,omitempty"`  // only of a single incident
	Timeline  []eventReply       `json:"timeline,omitempty"`
}

type requestReply struct {
	URL    string                `json:"url"`
	Branch string                `json:"branch"`
	State  alerting.RequestState `json:"state"`
	At     time.Time             `json:"at"` // since when it is known to be so
}

func newRequestReplies(all []alerting.PullRequest) (replies []requestReply) {
	for _, r := range all {
		replies = append(replies, requestReply{r.URL, r.Branch, r.State, r.At.UTC()})
	}
	return replies
}

type changeReply struct {
	Fingerprint string             `json:"fingerprint"`
	Operation   string             `json:"operation"`
	Path        string             `json:"path"`
	Kind        string             `json:"kind"`
	Severity    contracts.Severity `json:"severity"`
	Was         string             `json:"was"`
	Now         string             `json:"now"`
	Cause       string             `json:"cause,omitempty"`
	Evidence    contracts.Evidence `json:"evidence"`
	Since       time.Time          `json:"since"`
	Ended       *time.Time         `json:"ended"`
}

type eventReply struct {
	At    time.Time               `json:"at"`
	Kind  alerting.TransitionKind `json:"kind"`
	Actor string                  `json:"actor"`
	Text  string                  `json:"text"`
}

type errorReply struct {
	Error string `json:"error"`
}

// machine serves what build returns as JSON.
func (s *site) machine(build func(*http.Request) (any, error)) http.HandlerFunc {
	return s.together(s.built(build))
}

// built sends what build makes, or its error, as JSON.
func (s *site) built(build func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		reply, err := build(r)
		if err != nil {
			var text string
			if status, text = s.blame(r.Context(), err); status == http.StatusMethodNotAllowed {
				w.Header().Set("Allow", "GET, HEAD")
			}
			reply = errorReply{text}
		}
		s.reply(w, status, reply)
	}
}

// reply sends a value as JSON.
func (s *site) reply(w http.ResponseWriter, status int, reply any) {
	body, err := json.Marshal(reply)
	if err != nil { // a time beyond the year 9999, nothing else can
		s.Log.Error("json", "err", err)
		status, body = http.StatusInternalServerError, []byte(`{"error":"the answer could not be written"}`)
	}
	send(w, status, "application/json", append(body, '\n'))
}

// errMethod is a request to change what can only be read.
var errMethod = errors.New("this address only answers questions: GET or HEAD")

func (s *site) missingJSON(r *http.Request) (any, error) {
	if !asks(r) {
		return nil, errMethod
	}
	return nil, alerting.ErrNotFound
}

func (s *site) overviewJSON(r *http.Request) (any, error) {
	l, err := s.look(r.Context())
	if err != nil {
		return nil, err
	}
	reply := overviewReply{
		Title: s.Title, At: l.now.UTC(), State: l.worst(), Verdict: l.sentence(), Checked: known(l.newest),
		Counts: l.counts(), APIs: []apiReply{}, Incidents: []incidentReply{}, Problems: []string{},
		Outbox: outboxReply{l.outbox.Waiting, l.outbox.Dead, known(l.outbox.Oldest)},
	}
	for _, a := range l.apis {
		reply.APIs = append(reply.APIs, newAPIReply(a))
	}
	for _, i := range l.open {
		reply.Incidents = append(reply.Incidents, newIncidentReply(i))
	}
	reply.Problems = append(reply.Problems, l.illnesses()...)
	return reply, nil
}

func newAPIReply(a *watchedAPI) apiReply {
	reply := apiReply{Name: a.name, Group: a.group, State: a.state, Open: a.open}
	for _, p := range a.probes {
		o := operationReply{Name: p.Name, Operation: p.Operation, State: p.state}
		if p.checked {
			o.Last = newCheckReply(p.last)
		}
		reply.Operations = append(reply.Operations, o)
	}
	return reply
}

func newCheckReply(c contracts.Check) *checkReply {
	reply := &checkReply{
		At: c.At.UTC(), Class: c.Class, Problem: c.Problem, Status: c.Status, Bytes: c.Bytes,
		LatencyMS: float64(c.Latency.Microseconds()) / 1000, Confirmed: c.Confirmed, Suspected: c.Suspected,
	}
	if c.Items >= 0 {
		reply.Items = &c.Items
	}
	return reply
}

type apiPageReply struct {
	apiReply
	Incidents []incidentReply `json:"incidents"` // open first, then newest first
}

func (s *site) apiJSON(r *http.Request) (any, error) {
	l, err := s.look(r.Context())
	if err != nil {
		return nil, err
	}
	a := l.find(r.PathValue("api"))
	if a == nil {
		return nil, alerting.ErrNotFound
	}
	incidents, err := s.incidentReplies(r, a.name)
	return apiPageReply{newAPIReply(a), incidents}, err
}

func (s *site) incidentsJSON(r *http.Request) (any, error) {
	incidents, err := s.incidentReplies(r, r.URL.Query().Get("api"))
	return map[string]any{"incidents": incidents}, err
}

func (s *site) incidentReplies(r *http.Request, api string) ([]incidentReply, error) {
	incidents, err := s.Source.Incidents(r.Context(), api, maxIncidents)
	if err != nil {
		return nil, fmt.Errorf("incidents: %w", err)
	}
	replies := make([]incidentReply, 0, len(incidents))
	for _, i := range incidents {
		replies = append(replies, newIncidentReply(i))
	}
	return replies, nil
}

func newIncidentReply(i alerting.Incident) incidentReply {
	return incidentReply{
		ID: i.ID, API: i.API, Title: i.Title, Severity: i.Severity, Condition: i.Condition,
		Handling: i.Handling, Flapping: i.Flapping, Opened: i.Opened.UTC(), Changed: i.Changed.UTC(),
		Resolved: known(i.Resolved), Page: incidentLink(i.ID), Muted: i.Muted, Requests: newRequestReplies(i.Requests),
	}
}

func (s *site) incidentJSON(r *http.Request) (any, error) {
	i, err := s.Source.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, fmt.Errorf("incident: %w", err)
	}
	return wholeIncident(i), nil
}

// wholeIncident is an incident with its changes and its timeline.
func wholeIncident(i alerting.Incident) incidentReply {
	reply := newIncidentReply(i)
	for _, e := range i.Entries {
		f := e.Finding
		reply.Changes = append(reply.Changes, changeReply{
			Fingerprint: f.Fingerprint(), Operation: f.Operation, Path: f.Path, Kind: f.Kind, Severity: f.Severity,
			Was: f.Was, Now: f.Now, Cause: f.Cause, Evidence: f.Evidence, Since: e.Since.UTC(), Ended: known(e.Ended),
		})
	}
	for _, e := range i.Timeline {
		reply.Timeline = append(reply.Timeline, eventReply{e.At.UTC(), e.Kind, e.Actor, e.Text})
	}
	return reply
}

// known is a time in UTC, nil when it has not come.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
