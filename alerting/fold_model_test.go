package alerting_test

import (
	"errors"
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
	case alerting.Unmuted, alerting.Reminded:
		return mistake(!l.open, "told that it still holds, never that it began")
	case alerting.Requested:
		return mistake(flapping, "told of a request while flapping")
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

// A life is what random events have made of one API's incidents, and what
// those who are told believe.
type life struct {
	*rapid.T
	at        time.Time
	known     []alerting.Incident
	silences  []alerting.Silence
	windows   []alerting.Window
	offline   bool
	listeners map[string]*listener
}

// TestLife_KeepsItsLaws drives random checks, acts, silences, maintenance,
// outages and mere time through the three pure decisions and holds them to
// what every listener relies on.
func TestLife_KeepsItsLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := &life{T: rt, at: noon, listeners: map[string]*listener{}}
		happen := map[string]func(){
			"check": w.check, "tick": w.tick, "act": w.act, "silence": w.silence, "unsilence": w.unsilence,
			"maintain": w.maintain, "disconnect": w.disconnect, "retire": w.retire,
			"request": w.request,
		}
		events := []string{"check", "check", "check", "check", "tick", "act", "silence", "unsilence", "maintain", "disconnect", "retire", "request"}
		for range rapid.IntRange(1, 30).Draw(rt, "events") {
			w.at = w.at.Add(time.Duration(rapid.IntRange(1, 40).Draw(rt, "quarters")) * time.Hour / 4)
			happen[rapid.SampledFrom(events).Draw(rt, "event")]()
		}
		w.offline, w.silences, w.windows = false, nil, nil
		w.everythingEnds()
	})
}

func (w *life) policy() alerting.Policy {
	return alerting.Policy{Reminders: alerting.DefaultReminders, Quiet: alerting.Quiet{Silences: w.silences, Windows: w.windows, Offline: w.offline}}
}

func (w *life) check() {
	u := anyUpdate(w.at).Draw(w.T, "update")
	u.Policy = w.policy()
	w.fold(u)
}

func (w *life) fold(u alerting.Update) {
	changed, steps := alerting.Fold(w.known, u)
	again, _ := alerting.Fold(w.known, u)
	if diff := cmp.Diff(changed, again); diff != "" {
		w.Fatalf("not deterministic:\n%s", diff)
	}
	w.commit(changed, steps, alerting.Noted)
	if more, told := alerting.Fold(w.known, u); len(more)+len(told) > 0 {
		w.Fatalf("the same verdict again changes %+v and tells %+v", more, told)
	}
}

func (w *life) tick() {
	changed, steps := alerting.Tend(w.known, w.at, w.policy())
	w.commit(changed, steps, alerting.Reminded)
	if more, told := alerting.Tend(w.known, w.at, w.policy()); len(more)+len(told) > 0 {
		w.Fatalf("the same moment again changes %+v and tells %+v", more, told)
	}
}

func (w *life) act() {
	if len(w.known) == 0 {
		return
	}
	inc := rapid.SampledFrom(w.known).Draw(w.T, "incident")
	act := alerting.Act{Incident: inc.ID, Actor: "ada", Through: "page", At: w.at,
		Kind: rapid.SampledFrom([]alerting.ActKind{alerting.Acknowledge, alerting.Accept, alerting.Reject, alerting.Resolve}).Draw(w.T, "act")}
	changed, steps, err := alerting.Handle(inc, act, w.policy())
	switch {
	case err != nil && !errors.Is(err, alerting.ErrUnfit), err == nil && !inc.Open():
		w.Fatalf("%s of %s: %v", act.Kind, inc.Condition, err)
	case err == nil:
		w.commit([]alerting.Incident{changed}, steps, alerting.Handled)
	}
}

func (w *life) request() {
	if len(w.known) == 0 {
		return
	}
	inc := rapid.SampledFrom(w.known).Draw(w.T, "incident")
	r := alerting.PullRequest{Branch: "shapewatch/shop", At: w.at,
		URL:     rapid.SampledFrom([]string{"https://forge.example/1", "https://forge.example/2", "no link"}).Draw(w.T, "url"),
		State:   rapid.SampledFrom([]alerting.RequestState{alerting.RequestOpen, alerting.RequestMerged, alerting.RequestClosed}).Draw(w.T, "state"),
		Content: rapid.SampledFrom([]string{"", "a", "b"}).Draw(w.T, "content")}
	changed, steps, differs := alerting.Request(inc, r, "", w.policy())
	if !differs {
		return
	}
	if changed.Condition != inc.Condition || changed.Handling != inc.Handling || changed.Heard != inc.Heard {
		w.Fatalf("a request moved %+v to %+v", inc, changed)
	}
	w.commit([]alerting.Incident{changed}, steps, alerting.Requested)
	if _, more, again := alerting.Request(changed, r, "", w.policy()); again {
		w.Fatalf("the same request again tells %+v", more)
	}
}

func (w *life) silence() {
	s := alerting.Silence{ID: fmt.Sprintf("sil_%d", len(w.silences)), From: w.at, Actor: "ada", Matcher: alerting.Matcher{API: "s*"}}
	if s.UntilChange = rapid.Bool().Draw(w.T, "until change"); !s.UntilChange {
		s.Until = w.at.Add(time.Duration(rapid.IntRange(1, 48).Draw(w.T, "for")) * time.Hour)
	}
	w.silences = append(w.silences, s)
	w.tick()
}

func (w *life) unsilence() {
	w.silences = nil
	w.tick()
}

func (w *life) maintain() {
	w.windows = []alerting.Window{{Name: "nightly", Until: w.at.Add(2 * time.Hour)}}
}

func (w *life) disconnect() { w.offline = !w.offline }

func (w *life) retire() {
	operation := rapid.SampledFrom([]string{"GET /a", "GET /b"}).Draw(w.T, "operation")
	u := checked(operation, w.at)
	u.Retired, u.Class, u.Policy = true, "", w.policy()
	w.fold(u)
}

// everythingEnds: once nothing mutes and nothing is found any more, nobody
// believes that something is open.
func (w *life) everythingEnds() {
	for range 40 {
		w.at = w.at.Add(time.Hour)
		for _, operation := range []string{"GET /a", "GET /b"} {
			u := checked(operation, w.at)
			u.Policy = w.policy()
			w.fold(u)
		}
	}
	for id, l := range w.listeners {
		i := slices.IndexFunc(w.known, func(inc alerting.Incident) bool { return inc.ID == id })
		if (l.open || l.flapping) && w.known[i].Severity > contracts.Info {
			w.Fatalf("%s: told to have begun, never told to be over", id)
		}
	}
}

// commit takes what a decision changed and holds it to the rules of the axes.
func (w *life) commit(changed []alerting.Incident, steps []alerting.Transition, by alerting.TransitionKind) {
	w.known = slices.Clone(w.known)
	for _, inc := range changed {
		i := slices.IndexFunc(w.known, func(old alerting.Incident) bool { return old.ID == inc.ID })
		if i < 0 {
			w.known = append(w.known, alerting.Incident{})
			i = len(w.known) - 1
		}
		w.compare(w.known[i], inc, by)
		w.known[i] = inc
	}
	w.hear(changed, steps)
	w.agree()
}

// mayFollow are the moves of the two axes that are kept in an incident; what
// is not here is forbidden.
var mayFollow = map[alerting.Condition][]alerting.Condition{
	"":                  {alerting.Firing},
	alerting.Firing:     {alerting.Firing, alerting.Recovering, alerting.Resolved},
	alerting.Recovering: {alerting.Recovering, alerting.Firing, alerting.Resolved},
	alerting.Resolved:   {alerting.Resolved, alerting.Firing},
}

var handlingMayFollow = map[alerting.Handling][]alerting.Handling{
	"":                    {alerting.New, alerting.Accepted},
	alerting.New:          {alerting.New, alerting.Acknowledged, alerting.Accepted, alerting.Rejected},
	alerting.Acknowledged: {alerting.Acknowledged, alerting.Accepted, alerting.Rejected, alerting.New},
	alerting.Accepted:     {alerting.Accepted, alerting.Rejected, alerting.New},
	alerting.Rejected:     {alerting.Rejected, alerting.Acknowledged, alerting.Accepted, alerting.New},
}

func (w *life) compare(old, inc alerting.Incident, by alerting.TransitionKind) {
	switch {
	case inc.Version != old.Version+1:
		w.Fatalf("version %d after %d", inc.Version, old.Version)
	case inc.Severity < old.Severity:
		w.Fatalf("severity fell from %s to %s", old.Severity, inc.Severity)
	case !slices.Contains(mayFollow[old.Condition], inc.Condition):
		w.Fatalf("condition %q after %q", inc.Condition, old.Condition)
	case !slices.Contains(handlingMayFollow[old.Handling], inc.Handling):
		w.Fatalf("handling %q after %q", inc.Handling, old.Handling)
	case by == alerting.Reminded && (old.Condition != inc.Condition || old.Handling != inc.Handling):
		w.Fatalf("time alone moved %s/%s to %s/%s", old.Condition, old.Handling, inc.Condition, inc.Handling)
	case inc.Handling == alerting.New && old.Handling != alerting.New && old.Handling != "" && inc.Severity == old.Severity && old.Open():
		w.Fatalf("%s was forgotten although nothing got worse", old.Handling)
	case !inc.Open() && inc.Muted != (alerting.Muting{}):
		w.Fatalf("what is over is %s", inc.Muted.Mute)
	}
	live := slices.ContainsFunc(inc.Entries, func(e alerting.Entry) bool { return e.Ended.IsZero() })
	if live != inc.Open() && !inc.ByHand || inc.Resolved.IsZero() != inc.Open() || inc.Title == "" {
		w.Fatalf("an incident that contradicts itself: %+v", inc)
	}
}

func (w *life) hear(changed []alerting.Incident, steps []alerting.Transition) {
	heard := map[string]bool{}
	for _, step := range steps {
		if heard[step.Incident] || step.Reason == "" {
			w.Fatalf("second step, or one without a reason: %+v", step)
		}
		heard[step.Incident] = true
		i := slices.IndexFunc(changed, func(i alerting.Incident) bool { return i.ID == step.Incident && i.Version == step.Version })
		if i < 0 {
			w.Fatalf("step of an unchanged incident: %+v", step)
		}
		if inc := changed[i]; inc.Muted.Mute != "" {
			w.Fatalf("%s told although %s", step.Kind, inc.Muted.Words)
		} else if step.Kind == alerting.Reminded && inc.Handling != alerting.New {
			w.Fatalf("reminder after it was %s", inc.Handling)
		}
		if w.listeners[step.Incident] == nil {
			w.listeners[step.Incident] = &listener{}
		}
		if wrong := w.listeners[step.Incident].hears(step.Kind); wrong != "" {
			w.Fatalf("%s: %s", step.Incident, wrong)
		}
	}
}

// agree: a listener believes what is so, unless it is flapping or muted. That
// something is over they believe even then.
func (w *life) agree() {
	for _, inc := range w.known {
		l := w.listeners[inc.ID]
		if l == nil || inc.Severity == contracts.Info || inc.Open() && (inc.Muted.Mute != "" || inc.Condition == alerting.Recovering) {
			continue
		}
		believes, is := fmt.Sprintf("open %t, flapping %t", l.open, l.flapping), fmt.Sprintf("open %t, flapping %t", inc.Open(), inc.Flapping)
		if believes != is && !(inc.Flapping && (l.flapping || !inc.Open() && !l.open)) {
			w.Fatalf("%s: listener believes %s, it is %s", inc.ID, believes, is)
		}
	}
}
