package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// A silenceRequest begins a silence: until a time, for a period, or until what
// it hushes changes.
type silenceRequest struct {
	Matcher     matcherReply `json:"matcher"`
	Until       *time.Time   `json:"until"`
	For         string       `json:"for"`
	UntilChange bool         `json:"until_change"`
	Reason      string       `json:"reason"`
}

type matcherReply struct {
	API       string              `json:"api,omitempty"`
	Group     string              `json:"group,omitempty"`
	Owner     string              `json:"owner,omitempty"`
	Operation string              `json:"operation,omitempty"`
	Kind      string              `json:"kind,omitempty"`
	Incident  string              `json:"incident,omitempty"`
	Labels    map[string]string   `json:"labels,omitempty"`
	Below     *contracts.Severity `json:"below,omitempty"`
}

type silenceReply struct {
	ID          string       `json:"id"`
	Matcher     matcherReply `json:"matcher"`
	From        time.Time    `json:"from"`
	Until       *time.Time   `json:"until"`
	UntilChange bool         `json:"until_change"`
	Actor       string       `json:"actor"`
	Through     string       `json:"through"`
	Reason      string       `json:"reason"`
	Ended       *time.Time   `json:"ended"`
}

type silencesReply struct {
	Silences []silenceReply `json:"silences"`
}

func newSilenceReply(s alerting.Silence) silenceReply {
	return silenceReply{
		ID: s.ID, Matcher: matcherReply(s.Matcher), From: s.From.UTC(), Until: known(s.Until), UntilChange: s.UntilChange,
		Actor: s.Actor, Through: s.Through, Reason: s.Reason, Ended: known(s.Ended),
	}
}

func (s *site) silences(ctx context.Context) ([]alerting.Silence, error) {
	if s.Desk == nil {
		return nil, nil
	}
	all, err := s.Desk.Silences(ctx)
	if err != nil {
		return nil, fmt.Errorf("silences: %w", err)
	}
	return all, nil
}

// silencesJSON is GET /api/v1/silences.
func (s *site) silencesJSON(r *http.Request) (any, error) {
	reply := silencesReply{Silences: []silenceReply{}}
	all, err := s.silences(r.Context())
	for _, one := range all {
		reply.Silences = append(reply.Silences, newSilenceReply(one))
	}
	return reply, err
}

// silenceJSON is POST /api/v1/silences.
func (s *site) silenceJSON(r *http.Request) (any, error) {
	var ask silenceRequest
	if err := readJSON(r, &ask); err != nil {
		return nil, err
	}
	silence, err := s.hush(r, ask)
	return newSilenceReply(silence), err
}

// hush begins a silence.
func (s *site) hush(r *http.Request, ask silenceRequest) (alerting.Silence, error) {
	silence := alerting.Silence{Matcher: alerting.Matcher(ask.Matcher), UntilChange: ask.UntilChange, Reason: strings.TrimSpace(ask.Reason)}
	silence.Actor, silence.Through = signed(r)
	switch {
	case s.Desk == nil:
		return silence, badRequest("this page only shows: nothing can be done here")
	case len([]rune(silence.Reason)) > maxReason:
		return silence, badRequest(fmt.Sprintf("a reason has at most %d characters", maxReason))
	case ask.Until != nil && ask.For != "":
		return silence, badRequest("say until or for, not both")
	case ask.Until != nil:
		silence.Until = *ask.Until
	case ask.For != "":
		if err := lasting(&silence, ask.For, time.Now()); err != nil {
			return silence, err
		}
	}
	return s.Desk.Silence(r.Context(), silence)
}

// unsilenceJSON is DELETE /api/v1/silences/{id}; the reason may come as a
// parameter.
func (s *site) unsilenceJSON(r *http.Request) (any, error) {
	return struct{}{}, s.unhush(r, r.URL.Query().Get("reason"))
}

func (s *site) unhush(r *http.Request, reason string) error {
	if s.Desk == nil {
		return badRequest("this page only shows: nothing can be done here")
	}
	if len([]rune(reason)) > maxReason {
		return badRequest(fmt.Sprintf("a reason has at most %d characters", maxReason))
	}
	actor, through := signed(r)
	id := r.PathValue("id")
	return s.Desk.Unsilence(r.Context(), id, alerting.Act{
		Kind: alerting.Unhush, Silence: id, Actor: actor, Through: through, At: time.Now(), Reason: strings.TrimSpace(reason),
	})
}

// silenceForm begins a silence from the page.
func (s *site) silenceForm(w http.ResponseWriter, r *http.Request) {
	ask := silenceRequest{For: r.PostFormValue("for"), Reason: r.PostFormValue("reason"), Matcher: matcherReply{
		API: r.PostFormValue("api"), Group: r.PostFormValue("group"), Operation: r.PostFormValue("operation"), Kind: r.PostFormValue("kind"),
	}}
	if _, err := s.hush(r, ask); err != nil {
		s.draw(w, r, s.undone(r.Context(), err))
		return
	}
	http.Redirect(w, r, "/silences", http.StatusSeeOther)
}

// unsilenceForm ends a silence from the page.
func (s *site) unsilenceForm(w http.ResponseWriter, r *http.Request) {
	if err := s.unhush(r, r.PostFormValue("reason")); err != nil {
		s.draw(w, r, s.undone(r.Context(), err))
		return
	}
	http.Redirect(w, r, "/silences", http.StatusSeeOther)
}

type silencesContent struct {
	InForce, Ended []silenceLine
	Periods        []period
	Audit          []auditLine
}

// A period is one choice of how long a silence lasts.
type period struct{ Value, Words string }

var periodWords = []period{
	{"1h", "an hour"}, {"8h", "8 hours"}, {"24h", "a day"}, {"7d", "a week"}, {"30d", "30 days"}, {"change", "until it changes"},
}

type silenceLine struct {
	ID, About, Link    string
	Actor, Reason      string
	From, Until, Ended moment
	UntilChange        bool
}

type auditLine struct {
	At                     moment
	Act, Actor, Through    string
	Incident, Link, Reason string
	Source                 string // of events that were not handed on, with how many
}

func (s *site) silencesPage(r *http.Request, l *look) (page, error) {
	all, err := s.silences(r.Context())
	if err != nil {
		return page{}, err
	}
	c := silencesContent{Periods: periodWords}
	for _, one := range all {
		line := newSilenceLine(one, l.now)
		if one.Ended.IsZero() {
			c.InForce = append(c.InForce, line)
		} else {
			c.Ended = append(c.Ended, line)
		}
	}
	acts, err := s.audit(r.Context(), "", 50)
	for _, a := range acts {
		c.Audit = append(c.Audit, newAuditLine(a, l.now))
	}
	return page{template: "silences", Here: "silences", Name: "Silences", Content: c}, err
}

func newAuditLine(a alerting.Act, now time.Time) auditLine {
	line := auditLine{
		At: moment{a.At, now}, Act: clip(20, string(a.Kind)), Actor: clip(80, a.Actor), Through: clip(20, a.Through),
		Incident: a.Incident, Reason: clip(200, a.Reason),
	}
	if a.Source != "" {
		line.Source = count(a.Events, "event") + " of " + clip(80, a.Source)
	}
	if a.Incident != "" {
		line.Link = incidentLink(a.Incident)
	}
	return line
}

func newSilenceLine(s alerting.Silence, now time.Time) silenceLine {
	line := silenceLine{
		ID: s.ID, About: about(s.Matcher), Actor: clip(80, s.Actor), Reason: clip(200, s.Reason), UntilChange: s.UntilChange,
		From: moment{s.From, now}, Until: moment{s.Until, now}, Ended: moment{s.Ended, now},
	}
	if s.Matcher.Incident != "" {
		line.Link = incidentLink(s.Matcher.Incident)
	}
	return line
}

// about says in words what a silence hushes.
func about(m alerting.Matcher) string {
	var parts []string
	for _, f := range []struct{ name, value string }{
		{"incident", m.Incident}, {"API", m.API}, {"group", m.Group}, {"owner", m.Owner}, {"operation", m.Operation}, {"kind", m.Kind},
	} {
		if f.value != "" {
			parts = append(parts, f.name+" "+clip(60, f.value))
		}
	}
	for name, value := range sorted(m.Labels) {
		parts = append(parts, clip(40, name)+"="+clip(40, value))
	}
	if m.Below != nil {
		parts = append(parts, "below "+m.Below.String())
	}
	return list(parts)
}
