package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"shapewatch/alerting"
)

// Bounds of what people say.
const (
	maxReason   = 500 // characters
	auditListed = 200
)

// incidentActs are what a person may do about an incident, in the order of the
// buttons.
var incidentActs = []alerting.ActKind{alerting.Acknowledge, alerting.Accept, alerting.Reject, alerting.Resolve, alerting.Hush}

// periods are how long a silence from the page may last.
var periods = []string{"1h", "8h", "24h", "7d", "30d", "change"}

// An actRequest is one act as a form or as JSON.
type actRequest struct {
	Act    alerting.ActKind `json:"act"`
	Reason string           `json:"reason"`
	For    string           `json:"for"` // of a silence: 1h, 8h, 24h, 7d, 30d, or change
}

// A badRequest is an error of whoever asks; its text is for them.
type badRequest string

func (e badRequest) Error() string { return string(e) }

// signed says who does something, and by what.
func signed(r *http.Request) (actor, through string) {
	through = "api"
	switch {
	case strings.HasPrefix(r.UserAgent(), "shapewatch/"):
		through = "command"
	case !strings.HasPrefix(r.URL.Path, "/api/"):
		through = "page"
	}
	return visiting(r.Context()).name, through
}

// act carries out what a request asks for an incident.
func (s *site) act(r *http.Request, ask actRequest) (alerting.Incident, error) {
	if s.Desk == nil {
		return alerting.Incident{}, badRequest("this page only shows: nothing can be done here")
	}
	id := r.PathValue("id")
	reason := strings.TrimSpace(ask.Reason)
	switch {
	case !slices.Contains(incidentActs, ask.Act):
		return alerting.Incident{}, badRequest("act is one of acknowledge, accept, reject, resolve, silence")
	case len([]rune(reason)) > maxReason:
		return alerting.Incident{}, badRequest(fmt.Sprintf("a reason has at most %d characters", maxReason))
	}
	actor, through := signed(r)
	now := time.Now()
	if ask.Act != alerting.Hush {
		return s.Desk.Act(r.Context(), alerting.Act{Kind: ask.Act, Incident: id, Actor: actor, Through: through, At: now, Reason: reason})
	}
	silence := alerting.Silence{Matcher: alerting.Matcher{Incident: id}, Actor: actor, Through: through, Reason: reason}
	if err := lasting(&silence, ask.For, now); err != nil {
		return alerting.Incident{}, err
	}
	if _, err := s.Desk.Silence(r.Context(), silence); err != nil {
		return alerting.Incident{}, err
	}
	return s.Source.Incident(r.Context(), id)
}

// lasting ends a silence after a period, or with the next change.
func lasting(s *alerting.Silence, period string, now time.Time) error {
	if !slices.Contains(periods, period) {
		return badRequest("for is one of " + strings.Join(periods, ", "))
	}
	if period == "change" {
		s.UntilChange = true
		return nil
	}
	hours := map[string]time.Duration{"1h": 1, "8h": 8, "24h": 24, "7d": 7 * 24, "30d": 30 * 24}
	s.Until = now.Add(hours[period] * time.Hour)
	return nil
}

// actJSON is POST /api/v1/incidents/{id}/acts.
func (s *site) actJSON(r *http.Request) (any, error) {
	var ask actRequest
	if err := readJSON(r, &ask); err != nil {
		return nil, err
	}
	incident, err := s.act(r, ask)
	if err != nil {
		return nil, err
	}
	return wholeIncident(incident), nil
}

// actForm is what the buttons of an incident's page send.
func (s *site) actForm(w http.ResponseWriter, r *http.Request) {
	ask := actRequest{Act: alerting.ActKind(r.PostFormValue("act")), Reason: r.PostFormValue("reason"), For: r.PostFormValue("for")}
	if _, err := s.act(r, ask); err != nil {
		s.draw(w, r, s.undone(r.Context(), err))
		return
	}
	http.Redirect(w, r, incidentLink(r.PathValue("id")), http.StatusSeeOther)
}

// undone is the page for an act that was not carried out.
func (s *site) undone(ctx context.Context, err error) page {
	status, text := s.blame(ctx, err)
	return unfit(status, "That was not done", sentence(text))
}

// blame finds the status of an error and what may be said of it.
func (s *site) blame(ctx context.Context, err error) (status int, text string) {
	var bad badRequest
	switch {
	case errors.As(err, &bad):
		return http.StatusBadRequest, bad.Error()
	case errors.Is(err, errMethod):
		return http.StatusMethodNotAllowed, err.Error()
	case errors.Is(err, alerting.ErrNotFound):
		return http.StatusNotFound, "not found"
	case errors.Is(err, alerting.ErrConflict):
		return http.StatusConflict, "it has changed meanwhile: look again"
	case errors.Is(err, alerting.ErrUnfit):
		return http.StatusUnprocessableEntity, clip(300, err.Error())
	}
	s.unreadable(ctx, "page", err)
	return http.StatusServiceUnavailable, "the store cannot be read"
}

// readJSON reads the body of a request into a value, strictly.
func readJSON(r *http.Request, into any) error {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return badRequest("the body must be JSON, with Content-Type: application/json")
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return badRequest("the body cannot be read: " + clip(120, err.Error()))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badRequest("the body holds more than one value")
	}
	return nil
}

// An actReply is one line of the audit trail.
type actReply struct {
	Act      alerting.ActKind `json:"act"`
	Incident string           `json:"incident,omitempty"`
	Silence  string           `json:"silence,omitempty"`
	Source   string           `json:"source,omitempty"`
	Events   int              `json:"events,omitempty"`
	Actor    string           `json:"actor"`
	Through  string           `json:"through"`
	At       time.Time        `json:"at"`
	Reason   string           `json:"reason,omitempty"`
}

type auditReply struct {
	Acts []actReply `json:"acts"` // newest first
}

// auditJSON is GET /api/v1/audit.
func (s *site) auditJSON(r *http.Request) (any, error) {
	reply := auditReply{Acts: []actReply{}}
	acts, err := s.audit(r.Context(), r.URL.Query().Get("incident"), auditListed)
	for _, a := range acts {
		reply.Acts = append(reply.Acts, actReply{a.Kind, a.Incident, a.Silence, a.Source, a.Events, a.Actor, a.Through, a.At.UTC(), a.Reason})
	}
	return reply, err
}

func (s *site) audit(ctx context.Context, incident string, most int) ([]alerting.Act, error) {
	if s.Desk == nil {
		return nil, nil
	}
	acts, err := s.Desk.Audit(ctx, incident, most)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	return acts, nil
}
