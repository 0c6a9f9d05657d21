package web_test

import (
	"strings"
	"testing"
	"time"

	"shapewatch/webhooks"
)

// A reception has the first probe of a world as a source.
type reception struct {
	probe string
	in    webhooks.Intake
}

func (r reception) Receiving() map[string]string        { return map[string]string{"payments": r.probe} }
func (r reception) Intake(probe string) webhooks.Intake { return r.in }
func (r reception) Times(string) webhooks.Times         { return webhooks.Times{} }
func (r reception) Strays() uint64                      { return 12 }

func receives(w *world) {
	w.reception = reception{w.probes[0].ID, webhooks.Intake{
		Accepted: 1204, Again: 3, Last: time.Now().Add(-3 * time.Minute),
		Refused: map[webhooks.Reason]uint64{webhooks.TooLarge: 2, webhooks.Forged: 5},
	}}
}

// TestReception_IsShownEverywhere: what was refused is on the page of the
// source, in the metrics and in JSON; what nobody was asked for is, too.
func TestReception_IsShownEverywhere(t *testing.T) {
	w := newWorld(time.Now())
	receives(w)
	wantsAll(t, operationPage(t, w), "1,204 accepted, 3 came again; refused and never learned from: 5 wrong signature, 2 too large")
	h := w.handler()
	wantsAll(t, get(h, "GET", "/metrics").Body.String(),
		`outcome="signature"} 5`, `outcome="too_large"} 2`, `outcome="accepted"} 1204`, `outcome="again"} 3`, "shapewatch_webhook_unknown_requests_total 12")
	wantsAll(t, get(h, "GET", "/api/v1/webhooks").Body.String(), `"unknown":12`, `"refused":{"signature":5,"too_large":2}`, `"accepted":1204`)
	wantsAll(t, get(h, "GET", "/about").Body.String(), "Requests to no webhook</dt><dd>12</dd>")
}

// TestFlow_DrawsWhichTypeFellSilent: the silent type comes first, with the
// hours that it missed; one that comes as usual has none.
func TestFlow_DrawsWhichTypeFellSilent(t *testing.T) {
	w := newWorld(time.Now())
	now := time.Now().UTC().Truncate(time.Hour)
	usual, silent := webhooks.Rhythm{Type: "a.usual"}, webhooks.Rhythm{Type: "z.silent"}
	for at := now.AddDate(0, 0, -12); at.Before(now); at = at.Add(time.Hour) {
		usual.Add(at, at)
		if at.Before(now.Add(-5 * time.Hour)) {
			silent.Add(at, at)
		}
	}
	w.rhythms = map[string][]webhooks.Rhythm{w.probes[0].ID: {usual, silent, {Type: "before", Last: now, Count: 3}}}
	page := operationPage(t, w)
	first, second := strings.Index(page, "z.silent"), strings.Index(page, "a.usual")
	if first < 0 || second < first {
		t.Errorf("the silent type is at %d, the other at %d", first, second)
	}
	if n := strings.Count(page, `class="miss"`); n != 1 {
		t.Errorf("%d weeks have hours that were missed, want 1", n)
	}
	wantsAll(t, page, `of the 168 hours of the week; since the last one, `, `such hours passed in which they use to come`, "red are the hours")
	if n := strings.Count(page, `class="strip"`); n != 2 {
		t.Errorf("%d weeks are drawn, want 2: of one, hours were never counted", n)
	}
	wantsAll(t, page, "Silence told", "Usual since")
	w.reception = nil
	w.rhythms = map[string][]webhooks.Rhythm{w.probes[0].ID: {usual}}
	if page := operationPage(t, w); strings.Contains(page, "red are the hours") || strings.Contains(page, "What came to its address") {
		t.Error("a legend of what is not there")
	}
}

// TestFlow_SaysWhatIsUsualByNow: of a type of which three weeks are known, how
// many events usually came since the last, and when its silence is told.
func TestFlow_SaysWhatIsUsualByNow(t *testing.T) {
	w := newWorld(time.Now())
	receives(w)
	now := time.Now().UTC()
	r := webhooks.Rhythm{Type: "order.created"}
	for at := now.Add(-30*24*time.Hour - 5*time.Hour); !at.After(now.Add(-5 * time.Hour)); at = at.Add(20 * time.Minute) {
		r.Add(at, at)
	}
	w.rhythms = map[string][]webhooks.Rhythm{w.probes[0].ID: {r}}
	wantsAll(t, operationPage(t, w), `silent for 5 h`, `<td class="n">15</td><td><time datetime="`)
	told := get(w.handler(), "GET", "/api/v1/webhooks").Body.String()
	wantsAll(t, told, `"usual_by_now":15`, `"silence_told_from":"`, `"silent_since":"`)
}

// TestFlow_SaysThatNothingComesAtAll: of two types that take turns, the source
// as a whole is missed first.
func TestFlow_SaysThatNothingComesAtAll(t *testing.T) {
	w := newWorld(time.Now())
	receives(w)
	now := time.Now().UTC()
	rhythms := []webhooks.Rhythm{{Type: "a"}, {Type: "b"}}
	for n, at := 0, now.Add(-30*24*time.Hour-40*time.Minute); !at.After(now.Add(-40 * time.Minute)); n, at = n+1, at.Add(10*time.Minute) {
		rhythms[n%2].Add(at, at)
	}
	w.rhythms = map[string][]webhooks.Rhythm{w.probes[0].ID: rhythms}
	wantsAll(t, operationPage(t, w), "Nothing has come for 40 min: ", " events are usual until ")
	rhythms[0].Add(now, now)
	wantsAll(t, operationPage(t, w), "If nothing comes at all, that is told at ")
}
