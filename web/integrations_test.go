package web_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"shapewatch/contracts"
	"shapewatch/heartbeats"
	"shapewatch/probes"
	"shapewatch/webhooks"
	"shapewatch/workflows"
)

// operationPage is the page of the first probe of a world.
func operationPage(t *testing.T, w *world) string {
	t.Helper()
	p := w.probes[0]
	answer := httptest.NewRecorder()
	request := httptest.NewRequest("GET", "http://127.0.0.1/apis/"+url.PathEscape(p.API)+"?operation="+url.QueryEscape(p.Name), nil)
	request.RemoteAddr = "127.0.0.1:9"
	w.handler().ServeHTTP(answer, request)
	if answer.Code != 200 {
		t.Fatalf("status %d: %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

func wantsAll(t *testing.T, page string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
}

// TestWalk_MarksTheStepAtWhichItStopped wants every step in its place, each
// with an icon and a word, and nothing a vendor said taken for a page.
func TestWalk_MarksTheStepAtWhichItStopped(t *testing.T) {
	w := newWorld(time.Now())
	flow := workflows.Workflow{
		Steps:   []workflows.Step{{Name: "create"}, {Name: "packed"}, {Name: "billed"}},
		Cleanup: []workflows.Step{{Name: "find"}, {Name: "remove"}},
	}
	run := probes.Run{
		Name: "shapewatch-1", Failed: "packed", Problem: "never within 2m: <b>", Made: []string{"order 4711<b>"}, Cleanup: probes.CleanedUp,
		Steps: []probes.StepTaken{
			{Name: "create", Operation: "POST /orders", Status: 201, Took: 81 * time.Millisecond, Tries: 1},
			{Name: "packed", Operation: "GET /parcels", Status: 200, Took: 2 * time.Second, Tries: 9, Problem: "never within 2m: <b>"},
			{Name: "remove", Operation: "DELETE /orders/{id}", Status: 204, Took: 12 * time.Millisecond, Tries: 1},
		},
	}
	w.ledgers = map[string][]byte{w.probes[0].ID: flow.Remember(&run, time.Now())}
	page := operationPage(t, w)
	wantsAll(t, page, "1 of 3 steps done, stopped at packed, clean-up done.", "<title>packed: stopped here</title>", "<title>billed: not reached</title>",
		"not needed", "POST /orders", "81 ms", "order 4711&lt;b&gt;", "never within 2m: &lt;b&gt;")
	if n := strings.Count(page, `class="breaking" x=`); n != 1 {
		t.Errorf("%d steps are marked as the one that failed", n)
	}
}

// TestShifts_ShowsRunsOfAJob wants bars of different form and a table.
func TestShifts_ShowsRunsOfAJob(t *testing.T) {
	now := time.Now()
	w := newWorld(now)
	said := func(ago time.Duration, kind heartbeats.Kind, run string) heartbeats.Beat {
		return heartbeats.Beat{At: now.Add(-ago), Kind: kind, Run: run, Items: -1}
	}
	failed := said(20*time.Minute, heartbeats.Failure, "b")
	failed.Attempt, failed.Error = 3, "disk full <b>"
	good := said(59*time.Minute, heartbeats.Success, "a")
	good.Items = 1200
	w.beats = map[string][]heartbeats.Beat{w.probes[0].ID: {
		said(time.Hour, heartbeats.Start, "a"), good, said(30*time.Minute, heartbeats.Start, "b"), failed, said(time.Minute, heartbeats.Start, "c"),
	}}
	page := operationPage(t, w)
	wantsAll(t, page, "1 good, 1 failed, 1 running.", `href="#h-agreed" x="0"`, `href="#h-breaking" x="10"`, `href="#h-waiting" x="20"`, "disk full &lt;b&gt;", "1,200", "60.0 s")
}

// TestShifts_ListsThirtyRunsAndWhenTheyBegan has a job that never tells its end.
func TestShifts_ListsThirtyRunsAndWhenTheyBegan(t *testing.T) {
	now := time.Now()
	w := newWorld(now)
	var beats []heartbeats.Beat
	for n := range 40 {
		beats = append(beats, heartbeats.Beat{At: now.Add(time.Duration(n-40) * time.Minute), Kind: heartbeats.Start, Items: -1})
	}
	w.beats = map[string][]heartbeats.Beat{w.probes[0].ID: beats}
	page := operationPage(t, w)
	wantsAll(t, page, "0 good, 29 failed, 1 running.")
	if n := strings.Count(page, "never told how it ended"); n != 29 || strings.Contains(page, "0001-01-01") {
		t.Errorf("%d runs are listed as never ended", n)
	}
}

// TestFlow_DrawsTheWeek wants an hour's events as the size of its dot, quiet
// hours told by another form, and what is silent in words.
func TestFlow_DrawsTheWeek(t *testing.T) {
	now := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	w := newWorld(time.Now())
	id := w.probes[0].ID
	b := contracts.NewBaseline()
	rhythm := webhooks.Rhythm{Type: "payout.paid"}
	for day := range 14 {
		for hour := 8; hour < 18; hour++ {
			at := now.AddDate(0, 0, day-20).Truncate(24 * time.Hour).Add(time.Duration(hour) * time.Hour)
			o := contracts.Observe(probes.Sample{At: at, Class: probes.Valid, Status: 200, MediaType: "application/json", Body: []byte(`{"payout.paid":{"id":"x"}}`)}, nil)
			b.Learn(&o, contracts.Verdict{Learned: true})
			rhythm.Add(at, time.Time{})
		}
	}
	encoded, err := b.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	w.baselines[id] = encoded
	w.rhythms = map[string][]webhooks.Rhythm{id: {rhythm, {Type: "new<b>", Last: now, Count: 1}}}
	page := operationPage(t, w)
	wantsAll(t, page, "98 of the 168 hours of the week have always been quiet.", "Mon 08:00 · 2 events", "Mon 03:00 · 0 events: always quiet", "payout.paid", "silent for", "15 h", "new&lt;b&gt;", "not known yet")
	if dots := len(regexp.MustCompile(`<circle cx="\d+" cy="\d+" r="[0-9.]+"><title>`).FindAllString(page, -1)); dots != 70 {
		t.Errorf("%d hours have a dot, want 70", dots)
	}
}

// TestWalk_IsNoReconciliation wants what is remembered of one kind never taken
// for the other.
func TestWalk_IsNoReconciliation(t *testing.T) {
	raw := (&workflows.Workflow{Steps: []workflows.Step{{Name: "create"}}}).Remember(&probes.Run{}, time.Now())
	if workflows.Recall(raw) == nil || workflows.Recall([]byte(`{"runs":3,"last":{}}`)) != nil || workflows.Recall([]byte("?")) != nil {
		t.Errorf("recalled wrongly from %s", raw)
	}
	if !json.Valid(raw) || (*workflows.Workflow)(nil).Remember(nil, time.Now()) != nil {
		t.Error("remembered what was none")
	}
}
