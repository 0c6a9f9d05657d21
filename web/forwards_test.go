package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/webhooks"
)

// A forwardDesk has one source, and notes what is asked of it.
type forwardDesk struct {
	probe string
	sent  []uint64
	again bool
}

func (d *forwardDesk) Sources() map[string]string { return map[string]string{"payments": d.probe} }

func (d *forwardDesk) Bound(string) webhooks.Bound {
	return webhooks.Bound{Events: 100_000, Bytes: 256 << 20}
}

func (d *forwardDesk) RuleForwards(_ context.Context, source string, chosen webhooks.Chosen, act alerting.Act) (int, error) {
	switch {
	case source != "payments":
		return 0, alerting.Unfit("no webhook %q has a forward", source)
	case len(chosen.Numbers) == 0:
		return 0, alerting.ErrNotFound
	}
	d.sent, d.again = chosen.Numbers, act.Kind == alerting.SendAgain && act.Source == source && act.Actor != "" && !act.At.IsZero()
	return len(chosen.Numbers), nil
}

// handsOn lets the first probe of a world hand events on.
func handsOn(w *world) *forwardDesk {
	now := time.Now().UTC()
	d := &forwardDesk{probe: w.probes[0].ID}
	w.forwards = d
	w.onward = webhooks.Onward{Waiting: 3, Dead: 1, Sent: 1200, Twice: 2, Last: now, Failing: now, Error: "answered 503 Service Unavailable"}
	w.dead = []webhooks.Forward{{Number: 7, ID: "evt<b>", Type: "charge.paid", At: now, Dead: now, Attempts: 4, Head: []byte("Authorization: canary\r\n\r\n"), Body: []byte(`{"card":"canary"}`), Error: "answered 422"}}
	return d
}

// TestForwards_AreShownAndSentAgain wants the dead on the page of their source
// without header and payload, and a button that sends one again.
func TestForwards_AreShownAndSentAgain(t *testing.T) {
	w := newWorld(time.Now())
	d := handsOn(w)
	p := w.probes[0]
	h := w.handler()
	ask := func(method, address, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "http://127.0.0.1"+address, strings.NewReader(body))
		r.RemoteAddr = "127.0.0.1:9"
		if body != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		return answer
	}
	page := ask(http.MethodGet, "/apis/"+url.PathEscape(p.API)+"?operation="+url.QueryEscape(p.Name), "").Body.String()
	for _, want := range []string{"1200 taken", "3 waiting", "1 given up", "4 of 100,000 events and 0 B of 268 MB that may wait", "2 may have come twice", "evt&lt;b&gt;", "answered 422", "Send event 7 again"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q on the page", want)
		}
	}
	if strings.Contains(page, "canary") {
		t.Error("a header or a payload is on the page")
	}
	if got := ask(http.MethodPost, "/forwards", "source=payments&number=7&act=send"); got.Code != http.StatusSeeOther || len(d.sent) != 1 || d.sent[0] != 7 || !d.again {
		t.Errorf("status %d, sent %v again %v", got.Code, d.sent, d.again)
	}
	for form, status := range map[string]int{"source=payments&number=x&act=send": 400, "source=payments&act=burn": 400, "source=none&act=drop": 422, "source=payments&act=drop": 404} {
		if got := ask(http.MethodPost, "/forwards", form); got.Code != status {
			t.Errorf("%s: status %d, want %d", form, got.Code, status)
		}
	}
}
