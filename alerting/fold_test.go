package alerting_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// found is a confirmed finding of the API "shop".
func found(operation, path, kind string, severity contracts.Severity) contracts.Finding {
	return contracts.Finding{
		API: "shop", Operation: operation, Path: path, Kind: kind, Severity: severity,
		Was: "integer in 412 of 412 answers", Now: "string in 3 of 3 answers",
		Evidence: contracts.Evidence{WasSeen: 412, WasOf: 412, NowSeen: 3, NowOf: 3, Since: noon.Add(-time.Minute), Checks: 3, Of: 3},
	}
}

// checked is a valid check of an operation that confirms findings.
func checked(operation string, at time.Time, confirmed ...contracts.Finding) alerting.Update {
	return alerting.Update{
		API: "shop", Group: "payments", Owner: "@ana", Labels: map[string]string{"tier": "1"},
		Probe: "shop/" + operation, Operation: operation, At: at, Class: probes.Valid,
		Verdict: contracts.Verdict{Confirmed: confirmed},
	}
}

// A world keeps incidents as a store would.
type world struct {
	t         *testing.T
	incidents []alerting.Incident
}

// fold folds and keeps; it returns the kinds of the steps.
func (w *world) fold(u alerting.Update) (kinds []alerting.TransitionKind) {
	w.t.Helper()
	changed, steps := alerting.Fold(w.incidents, u)
	for _, inc := range changed {
		i := slices.IndexFunc(w.incidents, func(old alerting.Incident) bool { return old.ID == inc.ID })
		if i < 0 {
			w.incidents = append(w.incidents, inc)
		} else {
			w.incidents[i] = inc
		}
	}
	for _, step := range steps {
		kinds = append(kinds, step.Kind)
	}
	return kinds
}

// wants folds and compares the steps.
func (w *world) wants(u alerting.Update, want ...alerting.TransitionKind) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.fold(u)); diff != "" {
		w.t.Fatalf("steps (-want +got):\n%s", diff)
	}
}

func minutes(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

func TestFold_MakesOneIncidentOfARename(t *testing.T) {
	gone, came := found("GET /orders", "/customer", "field-removed", contracts.Breaking), found("GET /orders", "/customer_id", "field-new", contracts.Info)
	gone.Cause = "`customer` was renamed `customer_id`"
	came.Cause = gone.Cause
	w := &world{t: t}
	w.wants(checked("GET /orders", noon, came, gone), alerting.Opened)
	if len(w.incidents) != 1 || w.incidents[0].Title != "`customer` was renamed `customer_id` in GET /orders" {
		t.Fatalf("incidents: %+v", w.incidents)
	}
	again := gone
	again.Operation = "GET /orders/{id}"
	w.wants(checked("GET /orders/{id}", minutes(1), again), alerting.Updated)
	if got := w.incidents[0].Title; got != "`customer` was renamed `customer_id` in 2 operations" {
		t.Errorf("title %q", got)
	}
}

func TestFold_ResolvesWhenEveryProbeIsClean(t *testing.T) {
	w := &world{t: t}
	list := found("GET /orders", "/[]/amount", "kind-changed", contracts.Breaking)
	one := found("GET /orders/{id}", "/amount", "kind-changed", contracts.Breaking)
	w.wants(checked("GET /orders", noon, list), alerting.Opened)
	w.wants(checked("GET /orders/{id}", minutes(1), one), alerting.Updated)
	w.wants(checked("GET /orders", minutes(5)), alerting.Updated) // one of two is over
	w.wants(checked("GET /orders", minutes(6)))
	w.wants(checked("GET /orders/{id}", minutes(7)), alerting.Closed)
	inc := w.incidents[0]
	if inc.Condition != alerting.Resolved || !inc.Resolved.Equal(minutes(7)) || inc.Version != 4 {
		t.Errorf("incident: %+v", inc)
	}
	w.wants(checked("GET /orders/{id}", minutes(8)))
}

func TestFold_NeitherConfirmsNorEndsWithoutAnAnswer(t *testing.T) {
	w := &world{t: t}
	drift := found("GET /orders", "/amount", "kind-changed", contracts.Breaking)
	w.wants(checked("GET /orders", noon, drift), alerting.Opened)
	down := checked("GET /orders", minutes(5), found("GET /orders", "", "unreachable", contracts.Warning))
	down.Class = probes.Unreachable
	w.wants(down, alerting.Opened)
	if len(w.incidents) != 2 || w.incidents[0].Condition != alerting.Firing {
		t.Fatalf("want the drift open beside an incident of its own: %+v", w.incidents)
	}
	if got := w.incidents[1].Title; got != "GET /orders could not be reached" {
		t.Errorf("title %q", got)
	}
	w.wants(checked("GET /orders", minutes(10), drift), alerting.Closed)
	if w.incidents[1].Condition != alerting.Resolved || w.incidents[0].Condition != alerting.Firing {
		t.Errorf("want only the outage over: %+v", w.incidents)
	}
}

func TestFold_KeepsOneIncidentWhileTroubleChangesItsFace(t *testing.T) {
	w := &world{t: t}
	down := found("GET /orders", "", "unreachable", contracts.Warning)
	u := checked("GET /orders", noon, down)
	u.Class = probes.Unreachable
	w.wants(u, alerting.Opened)
	forbidden := checked("GET /orders", minutes(5), found("GET /orders", "", "status-changed", contracts.Breaking))
	forbidden.Class, forbidden.Verdict.Cleared = probes.Status, []string{down.Fingerprint()}
	w.wants(forbidden, alerting.Worsened)
	if e := w.incidents[0].Entries; len(w.incidents) != 1 || len(e) != 2 || e[0].Ended.IsZero() || !e[1].Ended.IsZero() {
		t.Errorf("want one incident, its first entry ended by a bad answer: %+v", w.incidents)
	}
}

func TestFold_KeepsASuspectedEntry(t *testing.T) {
	w := &world{t: t}
	drift := found("GET /orders", "/amount", "kind-changed", contracts.Breaking)
	w.wants(checked("GET /orders", noon, drift), alerting.Opened)
	u := checked("GET /orders", minutes(5))
	u.Verdict.Suspected = []contracts.Finding{drift}
	w.wants(u)
}

func TestFold_ReopensWithinSevenDays(t *testing.T) {
	for _, c := range []struct {
		after     time.Duration
		want      alerting.TransitionKind
		incidents int
	}{
		{7 * 24 * time.Hour, alerting.Reopened, 1},
		{7*24*time.Hour + time.Second, alerting.Opened, 2},
	} {
		t.Run(c.after.String(), func(t *testing.T) {
			w := &world{t: t}
			drift := found("GET /orders", "/amount", "kind-changed", contracts.Breaking)
			w.wants(checked("GET /orders", noon, drift), alerting.Opened)
			w.wants(checked("GET /orders", minutes(10)), alerting.Closed)
			w.wants(checked("GET /orders", minutes(10).Add(c.after), drift), c.want)
			if len(w.incidents) != c.incidents {
				t.Errorf("%d incidents, want %d", len(w.incidents), c.incidents)
			}
		})
	}
}

func TestFold_JoinsTheSameCauseForSevenDaysOnly(t *testing.T) {
	cut := func(operation string) contracts.Finding {
		f := found(operation, "header:x-ratelimit-limit", "rate-limit", contracts.Breaking)
		f.Was, f.Now = "5,000 requests per hour in 90 of 90 answers", "500 requests per hour in 3 of 3 answers"
		return f
	}
	w := &world{t: t}
	w.wants(checked("GET /orders", noon, cut("GET /orders")), alerting.Opened)
	if got := w.incidents[0].Title; got != "rate limit cut from 5,000 to 500 requests per hour on GET /orders" {
		t.Errorf("title %q", got)
	}
	w.wants(checked("GET /refunds", noon.Add(7*24*time.Hour), cut("GET /refunds")), alerting.Updated)
	w.wants(checked("GET /events", noon.Add(8*24*time.Hour), cut("GET /events")), alerting.Opened)
}

func TestFold_TiesWhatBeganWithTheSameSample(t *testing.T) {
	w := &world{t: t}
	w.wants(checked("GET /orders", noon, found("GET /orders", "/a", "field-removed", contracts.Breaking)), alerting.Opened)
	slower := found("GET /orders", "/b", "enum-new", contracts.Warning)
	w.wants(checked("GET /orders", minutes(10), found("GET /orders", "/a", "field-removed", contracts.Breaking), slower), alerting.Updated)
	other := found("GET /orders", "/c", "enum-new", contracts.Warning)
	other.Evidence.Since = minutes(19)
	w.wants(checked("GET /orders", minutes(20), found("GET /orders", "/a", "field-removed", contracts.Breaking), slower, other), alerting.Opened)
	if got := w.incidents[0].Title; got != "`a` is gone from GET /orders, and 1 more" {
		t.Errorf("title %q", got)
	}
}

func TestFold_NotesAndAcceptsWhatIsAdditive(t *testing.T) {
	w := &world{t: t}
	w.wants(checked("GET /orders", noon, found("GET /orders", "/nickname", "field-new", contracts.Info)), alerting.Noted)
	inc := w.incidents[0]
	if inc.Handling != alerting.Accepted || inc.Title != "`nickname` is new in GET /orders" {
		t.Errorf("incident: %+v", inc)
	}
	w.wants(checked("GET /orders", minutes(5))) // learned: over without a word
	if w.incidents[0].Condition != alerting.Resolved {
		t.Errorf("condition %s", w.incidents[0].Condition)
	}
}

func TestFold_TellsWorseningAndForgetsTheAcknowledgement(t *testing.T) {
	w := &world{t: t}
	drift := found("GET /orders", "/amount", "null-new", contracts.Warning)
	w.wants(checked("GET /orders", noon, drift), alerting.Opened)
	w.incidents[0].Handling = alerting.Acknowledged
	drift.Severity = contracts.Breaking
	w.wants(checked("GET /orders", minutes(5), drift), alerting.Worsened)
	if inc := w.incidents[0]; inc.Severity != contracts.Breaking || inc.Handling != alerting.New {
		t.Errorf("incident: %+v", inc)
	}
}

func TestFold_EndsWhatIsAsWrongAsItWasOnTheFirstDay(t *testing.T) {
	worse := found("GET /orders", "/owner", "contract-mismatch", contracts.Breaking)
	worse.Was, worse.Now = "contract: required", "missing"
	asEver := worse
	asEver.Now, asEver.Severity, asEver.Evidence = "missing in places", contracts.Info, contracts.Evidence{Since: noon}
	w := &world{t: t}
	w.wants(checked("GET /orders", noon, worse), alerting.Opened)
	after := checked("GET /orders", minutes(10), asEver)
	after.Verdict.Cleared = []string{worse.Fingerprint()}
	w.wants(after, alerting.Closed)
}

func TestFold_LeavesParkedMismatchesAlone(t *testing.T) {
	known := found("GET /orders", "/amount", "contract-mismatch", contracts.Info)
	known.Evidence = contracts.Evidence{Since: noon}
	(&world{t: t}).wants(checked("GET /orders", noon, known))
}

func TestFold_TellsMovementOncePerHourAndNotEveryNumber(t *testing.T) {
	w := &world{t: t}
	at := func(n int, now string) alerting.Update {
		f := found("GET /orders", "/items", "volume", contracts.Warning)
		f.Now = now
		return checked("GET /orders", minutes(n), f)
	}
	w.wants(at(0, "4,000 items in 3 of 3 answers"), alerting.Opened)
	w.wants(at(5, "4,012 items in 4 of 4 answers"))
	w.wants(at(10, "9,000 items in 5 of 5 answers"), alerting.Updated)
	w.wants(at(15, "20,000 items in 6 of 6 answers"))
	w.wants(at(80, "90,000 items in 7 of 7 answers"), alerting.Updated)
}

func TestFold_TellsFlappingOnceThenWhatHoldsWhenSteady(t *testing.T) {
	w := &world{t: t}
	drift := found("GET /orders", "/amount", "kind-changed", contracts.Breaking)
	w.wants(checked("GET /orders", minutes(0), drift), alerting.Opened)
	w.wants(checked("GET /orders", minutes(10)), alerting.Closed)
	w.wants(checked("GET /orders", minutes(20), drift), alerting.Reopened)
	w.wants(checked("GET /orders", minutes(30)), alerting.Closed)
	w.wants(checked("GET /orders", minutes(40), drift), alerting.Flapped)
	w.wants(checked("GET /orders", minutes(50)))
	w.wants(checked("GET /orders", minutes(60), drift))
	w.wants(checked("GET /orders", minutes(70)))
	w.wants(checked("GET /orders", minutes(70+22*60)))
	w.wants(checked("GET /orders", minutes(70+24*60)), alerting.Closed)
	if inc := w.incidents[0]; inc.Flapping || inc.Condition != alerting.Resolved {
		t.Errorf("incident: %+v", inc)
	}
}

func TestFold_BoundsEntriesAndTimeline(t *testing.T) {
	w := &world{t: t}
	var many []contracts.Finding
	for i := range 300 {
		many = append(many, found("GET /orders", fmt.Sprintf("/f%d", i), "field-removed", contracts.Breaking))
	}
	w.wants(checked("GET /orders", noon, many...), alerting.Opened)
	w.wants(checked("GET /orders", minutes(5), many...))
	if n := len(w.incidents); n != 1 || len(w.incidents[0].Entries) != 200 {
		t.Fatalf("%d incidents, the first with %d entries", n, len(w.incidents[0].Entries))
	}
	for day := range 60 {
		w.fold(checked("GET /orders", noon.AddDate(0, 0, day+1)))
		w.fold(checked("GET /orders", noon.AddDate(0, 0, day+1).Add(time.Hour), many...))
	}
	if inc := w.incidents[0]; len(inc.Timeline) != 100 || inc.Timeline[0].Kind != alerting.Opened {
		t.Errorf("%d lines, the first %s", len(inc.Timeline), inc.Timeline[0].Kind)
	}
}

func TestFold_LeavesItsArgumentsAlone(t *testing.T) {
	w := &world{t: t}
	drift := found("GET /orders", "/amount", "kind-changed", contracts.Breaking)
	w.fold(checked("GET /orders", noon, drift))
	before := fmt.Sprintf("%+v", w.incidents)
	alerting.Fold(w.incidents, checked("GET /orders", minutes(5)))
	if after := fmt.Sprintf("%+v", w.incidents); after != before {
		t.Errorf("known was changed:\n%s\n%s", before, after)
	}
	if changed, _ := alerting.Fold(w.incidents, alerting.Update{API: "other", Class: probes.Valid, Probe: "shop/GET /orders"}); changed != nil {
		t.Errorf("an incident of another API changed: %+v", changed)
	}
}

// TestFold_EndsNothingBeforeItBegan: a look opened it today, and an answer that
// was recorded last week says that all is well.
func TestFold_EndsNothingBeforeItBegan(t *testing.T) {
	w := &world{t: t}
	w.wants(checked("GET /orders", noon, found("GET /orders", "/amount", "kind-changed", contracts.Breaking)), alerting.Opened)
	w.wants(checked("GET /orders", noon.Add(-741547*time.Second)), alerting.Closed)
	inc := w.incidents[0]
	if inc.Resolved.Before(inc.Opened) || strings.Contains(inc.Timeline[len(inc.Timeline)-1].Text, "-") {
		t.Errorf("it ended at %s, and began at %s: %+v", inc.Resolved, inc.Opened, inc.Timeline)
	}
}
