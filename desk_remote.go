package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
	"shapewatch/web"
)

// remote acts at a running server, through its JSON interface.
type remote struct {
	base   string
	access web.Access // how it lets us in: its token, or else its password
	client *http.Client
}

var _ counter = remote{}

func newRemote(base string, access web.Access) (remote, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return remote{}, usageError(fmt.Errorf("--server %q: want a URL: http://127.0.0.1:8080", base))
	}
	return remote{strings.TrimRight(base, "/"), access, newHTTPClient()}, nil
}

// alive reports whether a server answers there. The error is that of one that
// does, and does not let us in.
func (r remote) alive(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	err := r.call(ctx, http.MethodGet, "/api/v1/overview", nil, nil)
	if errors.Is(err, alerting.ErrUnfit) {
		return false, usageError(err)
	}
	return err == nil, nil
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 32 << 20

// call sends a request and reads its answer into a value; nil reads nothing.
func (r remote) call(ctx context.Context, method, path string, body, into any) error {
	var text io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		text = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, r.base+path, text)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", userAgent())
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	identify(request, r.access)
	response, err := r.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return r.refusal(response.StatusCode, raw)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("server %s: its answer is not one of shapewatch: %w", r.base, err)
	}
	return nil
}

// refusal is what the server says to a request that it does not carry out.
func (r remote) refusal(status int, raw []byte) error {
	var reply struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(raw, &reply) != nil || reply.Error == "" {
		reply.Error = http.StatusText(status)
	}
	words := plainText(reply.Error)
	switch status {
	case http.StatusNotFound:
		return fmt.Errorf("server %s: %w", r.base, alerting.ErrNotFound)
	case http.StatusConflict:
		return fmt.Errorf("server %s: %w", r.base, alerting.ErrConflict)
	case http.StatusUnauthorized, http.StatusForbidden:
		return alerting.Unfit("server %s: %s; %s", r.base, words, r.wayIn())
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return alerting.Unfit("server %s: %s", r.base, words)
	}
	return fmt.Errorf("server %s: %s", r.base, words)
}

// wayIn says what lets a command in that was refused.
func (r remote) wayIn() string {
	if r.access.Token == "" && r.access.User == "" && (r.access.OIDC.Issuer != "" || r.access.Proxy.Header != "") {
		return "commands cannot log in as people do: add page.token to its configuration, beside page.oidc or page.proxy, and restart it"
	}
	return fmt.Sprintf("set %s to its page.token; a page without one needs it beside page.oidc or page.proxy", tokenVariable)
}

// A toldIncident is an incident as the JSON interface spells it.
type toldIncident struct {
	alerting.Incident
	Changes []struct {
		Operation string             `json:"operation"`
		Path      string             `json:"path"`
		Kind      string             `json:"kind"`
		Severity  contracts.Severity `json:"severity"`
		Was       string             `json:"was"`
		Now       string             `json:"now"`
		Evidence  contracts.Evidence `json:"evidence"`
		Since     time.Time          `json:"since"`
		Ended     time.Time          `json:"ended"`
	} `json:"changes"`
}

func (t toldIncident) incident() alerting.Incident {
	for _, c := range t.Changes {
		t.Entries = append(t.Entries, alerting.Entry{Since: c.Since, Ended: c.Ended, Finding: contracts.Finding{
			API: t.API, Operation: c.Operation, Path: c.Path, Kind: c.Kind, Severity: c.Severity, Was: c.Was, Now: c.Now, Evidence: c.Evidence,
		}})
	}
	return t.Incident
}

// Incidents lists incidents, open ones first.
func (r remote) Incidents(ctx context.Context, api string, max int) (all []alerting.Incident, err error) {
	var reply struct {
		Incidents []toldIncident `json:"incidents"`
	}
	path := "/api/v1/incidents"
	if api != "" {
		path += "?api=" + url.QueryEscape(api)
	}
	err = r.call(ctx, http.MethodGet, path, nil, &reply)
	for _, t := range reply.Incidents[:min(max, len(reply.Incidents))] {
		all = append(all, t.incident())
	}
	return all, err
}

// Incident returns one.
func (r remote) Incident(ctx context.Context, id string) (alerting.Incident, error) {
	var reply toldIncident
	err := r.call(ctx, http.MethodGet, "/api/v1/incidents/"+url.PathEscape(id), nil, &reply)
	return reply.incident(), err
}

// Act carries out an act; the server knows by the token who does it.
func (r remote) Act(ctx context.Context, act alerting.Act) (alerting.Incident, error) {
	var reply toldIncident
	ask := map[string]any{"act": act.Kind, "reason": act.Reason}
	err := r.call(ctx, http.MethodPost, "/api/v1/incidents/"+url.PathEscape(act.Incident)+"/acts", ask, &reply)
	return reply.incident(), err
}

// Forget un-learns what a probe learned in a time; the server knows by the
// token who does it.
func (r remote) Forget(ctx context.Context, p probes.Probe, from, to time.Time, by contracts.Acceptance) (m contracts.Move, err error) {
	var reply struct {
		Forgotten []contracts.Move `json:"forgotten"`
	}
	ask := map[string]any{"probes": []string{p.ID}, "from": from, "to": to, "reason": by.Why}
	if err := r.call(ctx, http.MethodPost, "/api/v1/apis/"+url.PathEscape(p.API)+"/forget", ask, &reply); err != nil {
		return m, err
	}
	if len(reply.Forgotten) != 1 || reply.Forgotten[0].Answers == 0 {
		return m, contracts.ErrNothingLearned
	}
	return reply.Forgotten[0], nil
}

// Silence begins a silence.
func (r remote) Silence(ctx context.Context, s alerting.Silence) (begun alerting.Silence, err error) {
	ask := map[string]any{"matcher": s.Matcher, "reason": s.Reason}
	if s.UntilChange {
		ask["until_change"] = true
	}
	if !s.Until.IsZero() {
		ask["until"] = s.Until
	}
	err = r.call(ctx, http.MethodPost, "/api/v1/silences", ask, &begun)
	return begun, err
}

// Unsilence ends one.
func (r remote) Unsilence(ctx context.Context, id string, act alerting.Act) error {
	return r.call(ctx, http.MethodDelete, "/api/v1/silences/"+url.PathEscape(id)+"?reason="+url.QueryEscape(act.Reason), nil, nil)
}

// Silences lists silences, newest first.
func (r remote) Silences(ctx context.Context) ([]alerting.Silence, error) {
	var reply struct {
		Silences []alerting.Silence `json:"silences"`
	}
	err := r.call(ctx, http.MethodGet, "/api/v1/silences", nil, &reply)
	return reply.Silences, err
}

// Audit lists acts, newest first.
func (r remote) Audit(ctx context.Context, incident string, max int) ([]alerting.Act, error) {
	var reply struct {
		Acts []alerting.Act `json:"acts"`
	}
	path := "/api/v1/audit"
	if incident != "" {
		path += "?incident=" + url.QueryEscape(incident)
	}
	err := r.call(ctx, http.MethodGet, path, nil, &reply)
	return reply.Acts[:min(max, len(reply.Acts))], err
}

// Close does nothing: there is nothing to give back.
func (r remote) Close() error { return nil }
