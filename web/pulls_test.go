package web_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/alerting/pullrequest"
)

// pulls is a desk of pull requests that says what it is told.
type pulls struct {
	wishes   []pullrequest.Wish
	outcomes []pullrequest.Outcome
	err      error
	kept     int
}

func (p *pulls) Wishes(context.Context) ([]pullrequest.Wish, error) { return p.wishes, p.err }

func (p *pulls) Keep(ctx context.Context) ([]pullrequest.Outcome, error) {
	p.kept++
	return p.outcomes, errors.Join(p.err, ctx.Err())
}

// requesting is a desk at which one request stands, one is unknown, and one
// failed.
func requesting() *pulls {
	return &pulls{
		wishes: []pullrequest.Wish{
			{Branch: "shapewatch/stripe", Title: "fix(contract): amount changed type", Body: "words\n", Labels: []string{"breaking"}, Draft: true, Files: []pullrequest.File{{Path: "contracts/stripe.yaml"}}},
			{Branch: "shapewatch/ups", Over: "it says already what the API answers"},
			{Branch: "shapewatch/dhl", Unknown: errors.New("dhl.yaml: not there")},
		},
		outcomes: []pullrequest.Outcome{
			{Branch: "shapewatch/stripe", Did: pullrequest.Opened, Request: pullrequest.Request{URL: "https://forge.example/1"}},
			{Branch: "shapewatch/dhl", Words: "no", Err: errors.New("dhl.yaml: not there")},
		},
	}
}

// posted asks for something about pull requests.
func posted(w *world, body string) *httptest.ResponseRecorder {
	r := here("POST", "/api/v1/pull-requests", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return send(w.handler(), r)
}

func TestPulls_AreShownAndKept(t *testing.T) {
	w := newWorld(time.Now())
	desk := requesting()
	w.pulls = desk
	const wishes = `{"wishes":[{"branch":"shapewatch/stripe","title":"fix(contract): amount changed type","labels":["breaking"],"draft":true,"files":["contracts/stripe.yaml"],"body":"words\n"}],"error":"dhl.yaml: not there"}` + "\n"
	if got := get(w.handler(), "GET", "/api/v1/pull-requests"); got.Code != 200 || got.Body.String() != wishes {
		t.Errorf("%d %s, want %s", got.Code, got.Body, wishes)
	}
	desk.err = errors.New("dhl.yaml: not there")
	const outcomes = `{"outcomes":[{"branch":"shapewatch/stripe","did":"opened","url":"https://forge.example/1"},{"branch":"shapewatch/dhl","did":"","words":"no","error":"dhl.yaml: not there"}],"error":"dhl.yaml: not there"}` + "\n"
	if got := posted(w, `{"act":"sync"}`); got.Code != 200 || got.Body.String() != outcomes {
		t.Errorf("%d %s, want %s", got.Code, got.Body, outcomes)
	}
	if got := posted(w, `{"act":"merge"}`); got.Code != 400 || desk.kept != 1 {
		t.Errorf("%d %s, asked %d times", got.Code, got.Body, desk.kept)
	}
	desk.err = alerting.Unfit("pr.mode is off")
	for _, got := range []int{posted(w, `{"act":"sync"}`).Code, get(w.handler(), "GET", "/api/v1/pull-requests").Code} {
		if got != 422 {
			t.Errorf("answered %d where there are none", got)
		}
	}
}
