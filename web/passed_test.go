package web_test

import (
	"strings"
	"testing"
	"time"

	"shapewatch/alerting"
)

// passedWorld is one in which an operation changed for a while, and answers as
// before again.
func passedWorld(t testing.TB, now time.Time) (w *world, incident string) {
	t.Helper()
	w = newWorld(now)
	known := len(w.incidents)
	was, meanwhile := orders(false), orders(true)
	w.live(t, now, 2, 5*oneDay, was, func(i int) string {
		if i < 710 { // of 720, of which the last three hours are 18
			return meanwhile(i)
		}
		return was(i)
	})
	if len(w.incidents) != known+1 || w.incidents[0].Open() {
		t.Fatalf("%d incidents told, %v; want one that is over", len(w.incidents)-known, w.incidents[0].Condition)
	}
	return w, w.incidents[0].ID
}

// TestIncident_ThatIsOverStillShowsWhatItWas has what was answered for a while
// be forgotten, as it is, and wants the diff and the pictures all the same.
func TestIncident_ThatIsOverStillShowsWhatItWas(t *testing.T) {
	t.Parallel()
	w, id := passedWorld(t, time.Now())
	body := page(t, w.handler(), "/incidents/"+id)
	for _, want := range []string{
		"as it was and is again, and while it lasted", "<h4>Meanwhile</h4>",
		`<del><span aria-hidden="true">−</span>      customer: string (slug), always</del>`,
		`<del><span aria-hidden="true">−</span>      total: integer, always`, `<ins><span aria-hidden="true">+</span>      total: string`,
		`customer: objects that have it`, `100 % before (`, `, 0 % from `, `, 100 % since (`, `total: how often it was so`,
		`<title>as before again</title>`, `For 4 d`, ` otherwise`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the incident does not show %s", want)
		}
	}
	if strings.Contains(body, `</span>      customer: string, `) || strings.Contains(body, "ord_") {
		t.Error("a field that went is said to have come, or a payload is shown")
	}
	if t.Failed() {
		t.Log(body[strings.Index(body, "What changed"):])
	}
	w.incidents[0].Handling = alerting.Accepted
	if body := page(t, w.handler(), "/incidents/"+id); strings.Contains(body, "while it lasted") {
		t.Error("what was accepted is said to have passed")
	}
}
