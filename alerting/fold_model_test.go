package alerting_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
)

// A listener is what somebody who hears every step believes.
type listener struct{ open, flapping bool }

// hears applies a step and says what was wrong with it.
func (l *listener) hears(kind alerting.TransitionKind) string {
	open, flapping := l.open, l.flapping
	switch kind {
	case alerting.Opened, alerting.Reopened:
		l.open = true
		return mistake(open || flapping, "told to open twice")
	case alerting.Closed:
		l.open, l.flapping = false, false
		return mistake(!open && !flapping, "told to be over, never to have begun")
	case alerting.Flapped:
		l.flapping = true
		return mistake(flapping, "flapping told twice")
	case alerting.Steadied:
		l.open, l.flapping = true, false
		return mistake(!flapping, "steady without flapping")
	case alerting.Worsened:
		l.open = true
	case alerting.Updated:
		return mistake(flapping, "updated while flapping")
	}
	return ""
}

func mistake(is bool, words string) string {
	if is {
		return words
	}
	return ""
}

func anyFinding(operation string) *rapid.Generator[contracts.Finding] {
	return rapid.Custom(func(t *rapid.T) contracts.Finding {
		f := found(operation,
			rapid.SampledFrom([]string{"/a", "/b", "/x/a", "header:x"}).Draw(t, "path"),
			rapid.SampledFrom([]string{"kind-changed", "field-removed"}).Draw(t, "kind"),
			contracts.Severity(rapid.IntRange(0, 2).Draw(t, "severity")))
		f.Evidence.Checks = rapid.IntRange(1, 50).Draw(t, "checks")
		f.Evidence.Since = noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "since")) * time.Hour)
		return f
	})
}

func anyUpdate(at time.Time) *rapid.Generator[alerting.Update] {
	return rapid.Custom(func(t *rapid.T) alerting.Update {
		operation := rapid.SampledFrom([]string{"GET /a", "GET /b"}).Draw(t, "operation")
		byPrint := rapid.SliceOfNDistinct(anyFinding(operation), 0, 4, contracts.Finding.Fingerprint)
		u := checked(operation, at, byPrint.Draw(t, "confirmed")...)
		if rapid.IntRange(0, 4).Draw(t, "bad") == 0 {
			u.Class = probes.Unreachable
			u.Verdict = contracts.Verdict{Confirmed: []contracts.Finding{found(operation, "", "unreachable", contracts.Warning)}}
		}
		return u
	})
}

// TestFold_KeepsItsLaws drives random checks through the fold and holds it to
// what every listener relies on.
func TestFold_KeepsItsLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var known []alerting.Incident
		listeners := map[string]*listener{}
		at := noon
		for range rapid.IntRange(1, 25).Draw(rt, "checks") {
			at = at.Add(time.Duration(rapid.IntRange(1, 40).Draw(rt, "hours")) * time.Hour / 4)
			u := anyUpdate(at).Draw(rt, "update")
			changed, steps := alerting.Fold(known, u)
			again, _ := alerting.Fold(known, u)
			if diff := cmp.Diff(changed, again); diff != "" {
				rt.Fatalf("not deterministic:\n%s", diff)
			}
			known = commit(rt, known, changed)
			if more, told := alerting.Fold(known, u); len(more)+len(told) > 0 {
				rt.Fatalf("the same verdict again changes %+v and tells %+v", more, told)
			}
			hear(rt, listeners, changed, steps)
			agree(rt, listeners, known)
		}
	})
}

func commit(t *rapid.T, known, changed []alerting.Incident) []alerting.Incident {
	known = slices.Clone(known)
	for _, inc := range changed {
		i := slices.IndexFunc(known, func(old alerting.Incident) bool { return old.ID == inc.ID })
		if i < 0 {
			known = append(known, alerting.Incident{})
			i = len(known) - 1
		}
		if inc.Version != known[i].Version+1 {
			t.Fatalf("version %d after %d", inc.Version, known[i].Version)
		}
		if inc.Severity < known[i].Severity {
			t.Fatalf("severity fell from %s to %s", known[i].Severity, inc.Severity)
		}
		live := slices.ContainsFunc(inc.Entries, func(e alerting.Entry) bool { return e.Ended.IsZero() })
		if live != (inc.Condition == alerting.Firing) || inc.Resolved.IsZero() != live || inc.Title == "" {
			t.Fatalf("an incident that contradicts itself: %+v", inc)
		}
		known[i] = inc
	}
	return known
}

func hear(t *rapid.T, listeners map[string]*listener, changed []alerting.Incident, steps []alerting.Transition) {
	heard := map[string]bool{}
	for _, step := range steps {
		if heard[step.Incident] || step.Reason == "" {
			t.Fatalf("second step, or one without a reason: %+v", step)
		}
		heard[step.Incident] = true
		if !slices.ContainsFunc(changed, func(i alerting.Incident) bool { return i.ID == step.Incident && i.Version == step.Version }) {
			t.Fatalf("step of an unchanged incident: %+v", step)
		}
		if listeners[step.Incident] == nil {
			listeners[step.Incident] = &listener{}
		}
		if wrong := listeners[step.Incident].hears(step.Kind); wrong != "" {
			t.Fatalf("%s: %s", step.Incident, wrong)
		}
	}
}

// agree: unless it is flapping, a listener believes what is so.
func agree(t *rapid.T, listeners map[string]*listener, known []alerting.Incident) {
	for _, inc := range known {
		l := listeners[inc.ID]
		if l == nil || inc.Severity == contracts.Info {
			continue
		}
		believes, is := fmt.Sprintf("open %t, flapping %t", l.open, l.flapping), fmt.Sprintf("open %t, flapping %t", inc.Condition == alerting.Firing, inc.Flapping)
		if believes != is && !(inc.Flapping && l.flapping) {
			t.Fatalf("%s: listener believes %s, it is %s", inc.ID, believes, is)
		}
	}
}
