package web_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"shapewatch/alerting"
)

// TestActs_OverJSON does everything that can be done, and what cannot.
func TestActs_OverJSON(t *testing.T) {
	w := newWorld(time.Now())
	h := w.handler()
	const open, over = "/api/v1/incidents/inc_00000000000000b2/acts", "/api/v1/incidents/inc_00000000000000c3/acts"
	for _, c := range []struct {
		method, address, body string
		status                int
		says                  string
	}{
		{"POST", open, `{"act":"acknowledge","reason":"on it"}`, 200, `"handling":"acknowledged"`},
		{"POST", open, `{"act":"reject","reason":"not agreed"}`, 200, `"handling":"rejected"`},
		{"POST", open, `{"act":"accept"}`, 200, `"handling":"accepted"`},
		{"POST", open, `{"act":"silence","reason":"known","for":"8h"}`, 200, `"id":"inc_00000000000000b2"`},
		{"POST", open, `{"act":"silence","for":"change"}`, 200, `"id":"inc_00000000000000b2"`},
		{"POST", open, `{"act":"silence"}`, 400, `for is one of 1h`},
		{"POST", open, `{"act":"explode"}`, 400, `act is one of acknowledge`},
		{"POST", open, `{"act":"unsilence"}`, 400, `act is one of`},
		{"POST", open, `{"act":"accept","actor":"the boss"}`, 400, `unknown field`},
		{"POST", open, `{"act":"accept"}{}`, 400, `more than one value`},
		{"POST", open, `not json`, 400, `cannot be read`},
		{"POST", open, `{"act":"accept","reason":"` + strings.Repeat("x", 501) + `"}`, 400, `at most 500`},
		{"POST", open, `{"act":"accept","reason":"` + strings.Repeat("x", 20_000) + `"}`, 413, `too large`},
		{"POST", over, `{"act":"accept"}`, 422, `it is over`},
		{"POST", "/api/v1/incidents/inc_0/acts", `{"act":"accept"}`, 404, `not found`},
		{"POST", open, `{"act":"resolve","reason":"gone"}`, 200, `"condition":"resolved"`},
		{"POST", "/api/v1/silences", `{"matcher":{"api":"acme-*","below":"breaking"},"for":"7d","reason":"migration"}`, 200, `"until_change":false`},
		{"POST", "/api/v1/silences", `{"matcher":{"api":"acme-*"},"until":"2999-01-01T00:00:00Z"}`, 200, `"until":"2999-01-01T00:00:00Z"`},
		{"POST", "/api/v1/silences", `{"matcher":{"api":"acme-*"},"for":"8h","until":"2999-01-01T00:00:00Z"}`, 400, `not both`},
		{"POST", "/api/v1/silences", `{"matcher":{"api":"acme-*"}}`, 422, `without end`},
		{"GET", "/api/v1/silences", "", 200, `"reason":"migration"`},
		{"DELETE", "/api/v1/silences/sil_0000000000000001?reason=over", "", 200, `{}`},
		{"DELETE", "/api/v1/silences/sil_none", "", 404, `not found`},
		{"GET", "/api/v1/audit", "", 200, `"act":"unsilence","silence":"sil_0000000000000001"`},
		{"GET", "/api/v1/audit?incident=inc_00000000000000b2", "", 200, `"reason":"not agreed"`},
	} {
		r := here(c.method, c.address, strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("User-Agent", "shapewatch/v1.2.3")
		got := send(h, r)
		if got.Code != c.status || !strings.Contains(got.Body.String(), c.says) {
			t.Errorf("%s %s %.60s: %d, want %d with %q:\n%.300s", c.method, c.address, c.body, got.Code, c.status, c.says, got.Body)
		}
		if c.status != 413 && !json.Valid(got.Body.Bytes()) {
			t.Errorf("%s %s: no JSON: %s", c.method, c.address, got.Body)
		}
	}
	for _, act := range w.desk.acts {
		if act.Through != "command" || act.Actor != "somebody at this machine" || act.At.IsZero() {
			t.Errorf("signed %+v", act)
		}
	}
	if s := w.desk.silences[0]; s.Matcher.Incident != "inc_00000000000000b2" || time.Until(s.Until) < 7*time.Hour {
		t.Errorf("silence %+v", s)
	}
}

// TestActs_ByForm presses the buttons as a browser without JavaScript does.
func TestActs_ByForm(t *testing.T) {
	w := newWorld(time.Now())
	h := w.handler()
	for _, c := range []struct {
		address, form string
		status        int
		says          string
	}{
		{"/incidents/inc_00000000000000a1/acts", "act=accept&reason=as+agreed", 303, ""},
		{"/incidents/inc_00000000000000c3/acts", "act=accept", 422, "That was not done"},
		{"/incidents/inc_0/acts", "act=accept", 404, "That was not done"},
		{"/incidents/inc_00000000000000a1/acts", "act=%3Cscript%3E", 400, "act is one of"},
		{"/silences", "api=stripe&for=1h&reason=x", 303, ""},
		{"/silences", "api=stripe&for=1y", 400, "for is one of"},
		{"/silences/sil_0000000000000001/end", "reason=done", 303, ""},
		{"/silences/sil_none/end", "", 404, "That was not done"},
	} {
		r := here("POST", c.address, strings.NewReader(c.form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		got := send(h, r)
		if got.Code != c.status || !strings.Contains(got.Body.String(), c.says) {
			t.Errorf("%s %s: %d, want %d with %q:\n%.300s", c.address, c.form, got.Code, c.status, c.says, got.Body)
		}
	}
	if w.incidents[0].Handling != alerting.Accepted || w.desk.silences[0].Ended.IsZero() {
		t.Errorf("handling %s, silences %+v", w.incidents[0].Handling, w.desk.silences)
	}
	body := get(h, "GET", "/silences").Body.String()
	for _, want := range []string{"as agreed", "somebody at this machine", "Ended in the last week", "unsilence"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page of silences does not say %q", want)
		}
	}
}
