package alerting_test

import (
	"strings"
	"testing"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// lastReason is why the last step of an incident was taken.
func lastReason(inc alerting.Incident) string {
	return inc.Timeline[len(inc.Timeline)-1].Text
}

// TestFold_TellsAJobThatTriesAgainInOneIncident lets a failing job become one
// that tries again and again, is late, and succeeds: weeks apart, as jobs run.
func TestFold_TellsAJobThatTriesAgainInOneIncident(t *testing.T) {
	failed := found("nightly", "", "job-failed", contracts.Breaking)
	failed.Was, failed.Now = "2 successes", "failed: disk full"
	retrying := found("nightly", "", "job-retrying", contracts.Breaking)
	retrying.Was, retrying.Now = "2 successes", "3 attempts without success: disk full"
	retrying.Evidence.Since = minutes(9)
	late := found("nightly", "", "job-late", contracts.Breaking)
	late.Evidence.Since = minutes(19)
	w := &world{t: t}
	w.fold(checked("nightly", noon, failed))
	w.fold(checked("nightly", minutes(14*24*60), retrying))
	w.fold(checked("nightly", minutes(14*24*60+10), retrying, late))
	w.fold(checked("monthly", minutes(14*24*60+10), found("monthly", "", "job-failed", contracts.Breaking)))
	w.fold(checked("nightly", minutes(14*24*60+20)))
	if len(w.incidents) != 2 {
		t.Fatalf("%d incidents, want that of each job", len(w.incidents))
	}
	if inc := w.incidents[0]; inc.Condition != alerting.Resolved || len(inc.Entries) != 3 || lastReason(inc) != "over, after 14 d 0 h" {
		t.Errorf("%s, %d entries: %q", inc.Condition, len(inc.Entries), lastReason(inc))
	}
	if inc := w.incidents[1]; inc.Condition != alerting.Firing {
		t.Errorf("another job's incident is %s", inc.Condition)
	}
}

// TestFold_SaysThatTheAPIAnswersAsBefore has another finding of another family
// stand at the same place.
func TestFold_SaysThatTheAPIAnswersAsBefore(t *testing.T) {
	w := &world{t: t}
	w.fold(checked("GET /orders", noon, found("GET /orders", "/a", "field-removed", contracts.Breaking)))
	frozen := found("GET /orders", "/a", "value-frozen", contracts.Warning)
	frozen.Evidence.Since = minutes(9)
	w.fold(checked("GET /orders", minutes(10), frozen))
	if got := lastReason(w.incidents[0]); got != "the API answers as before, after 10 min 0 s" {
		t.Errorf("%q", got)
	}
}

// TestFold_NamesTheWorstChangeInTheTitle has several in two operations, of
// which the worst ends.
func TestFold_NamesTheWorstChangeInTheTitle(t *testing.T) {
	w := &world{t: t}
	mild := found("GET /orders", "/b", "field-new", contracts.Warning)
	other := found("GET /carts", "/c", "null-new", contracts.Warning)
	w.fold(checked("GET /orders", noon, mild, found("GET /orders", "/a", "field-removed", contracts.Breaking), other))
	if got := w.incidents[0].Title; got != "`a` is gone from GET /orders, and 2 more in 2 operations" {
		t.Errorf("title %q", got)
	}
	w.fold(checked("GET /orders", minutes(10), mild, other))
	if got := w.incidents[0].Title; strings.Contains(got, "`a`") || !strings.HasSuffix(got, ", and 2 more in 2 operations") {
		t.Errorf("title %q", got)
	}
}

// TestFold_KeepsTheCountOfALongTitle cuts the change, not how many there are.
func TestFold_KeepsTheCountOfALongTitle(t *testing.T) {
	w := &world{t: t}
	place := "GET /" + strings.Repeat("é", 300)
	w.fold(checked(place, noon, found(place, "/a", "field-removed", contracts.Breaking), found(place, "/b", "field-removed", contracts.Breaking)))
	if got := w.incidents[0].Title; len([]rune(got)) > 200 || !strings.HasSuffix(got, ", and 1 more") {
		t.Errorf("title of %d characters: %q", len([]rune(got)), got)
	}
}
