package alerting_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// TestDispatcher_SumsUpAStorm: 3,000 APIs drift within a minute and are well
// again an hour later. At most stormMessages messages, nothing lost, and the
// summary says what happened.
func TestDispatcher_SumsUpAStorm(t *testing.T) {
	const apis, stormMessages = 3000, 40
	synctest.Test(t, func(t *testing.T) {
		outbox, m := newOutbox(), &mouth{channel: "slack", pace: 1200 * time.Millisecond, sums: true}
		dispatching(t, outbox, []*mouth{m}, func(d *alerting.Dispatcher) {
			for i := range apis {
				outbox.step(fmt.Sprintf("api%04d", i), alerting.Opened, contracts.Warning+contracts.Severity(i%100/99), "slack")
				if i%50 == 49 {
					d.Wake()
					time.Sleep(time.Second)
				}
			}
			time.Sleep(time.Hour)
			t.Logf("a storm of %d incidents took %d messages", apis, len(m.said()))
			if n := len(m.said()); n < 12 || n > stormMessages {
				t.Errorf("%d messages", n)
			}
			told(t, m, apis, alerting.Opened)
			for i := range apis {
				outbox.step(fmt.Sprintf("api%04d", i), alerting.Closed, contracts.Warning+contracts.Severity(i%100/99), "slack")
			}
			d.Wake()
			time.Sleep(time.Hour)
		})
		if n := len(m.said()); n > 2*stormMessages {
			t.Errorf("%d messages", n)
		}
		t.Logf("with their ends, %d messages", len(m.said()))
		last := m.notices[len(m.notices)-1]
		if last.Transition.Kind != alerting.Closed || last.Incident.Open() {
			t.Errorf("the last word is %s of %q", last.Transition.Kind, last.Incident.Title)
		}
		if waiting, dead := outbox.waiting(); len(waiting)+len(dead) > 0 {
			t.Errorf("waiting %d, dead %d", len(waiting), len(dead))
		}
	})
}

// told wants every incident in a message of its own or in the summary.
func told(t *testing.T, m *mouth, want int, kind alerting.TransitionKind) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := map[string]bool{}
	var summary alerting.Incident
	for _, n := range m.notices {
		if n.Incident.Sum == nil {
			seen[n.Incident.ID] = n.Transition.Kind == kind
			continue
		}
		summary = n.Incident
		for _, member := range n.Incident.Sum.Members {
			seen[member.Incident] = true
		}
	}
	if len(seen) != want {
		t.Errorf("%d of %d incidents were told", len(seen), want)
	}
	if title := "2,990 more incidents at once: 25 breaking, 2,965 warning, in 2,990 APIs"; summary.Title != title {
		t.Errorf("the summary says %q, want %q", summary.Title, title)
	}
	if len(summary.Entries) != 50 || summary.Entries[0].Finding.Severity != contracts.Breaking {
		t.Errorf("%d examples, the first %s", len(summary.Entries), summary.Entries[0].Finding.Severity)
	}
}

func TestDispatcher_TellsTenAMinuteOnTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, m := newOutbox(), &mouth{channel: "slack", sums: true}
		dispatching(t, outbox, []*mouth{m}, func(d *alerting.Dispatcher) {
			for i := range 30 {
				outbox.step(fmt.Sprint("i", i), alerting.Opened, contracts.Warning, "slack")
				time.Sleep(7 * time.Second)
			}
		})
		for _, n := range m.notices {
			if n.Incident.Sum != nil {
				t.Errorf("summed up: %s", n.Incident.Title)
			}
		}
	})
}

// A member of a summary that gets worse is told on its own, and its end both
// there and in the summary.
func TestDispatcher_TellsWhatGetsWorseInAStormOnItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, m := newOutbox(), &mouth{channel: "slack", sums: true}
		dispatching(t, outbox, []*mouth{m}, func(d *alerting.Dispatcher) {
			for i := range 12 {
				outbox.step(fmt.Sprint("i", i), alerting.Opened, contracts.Warning, "slack")
			}
			time.Sleep(2 * time.Minute)
			outbox.step("i11", alerting.Worsened, contracts.Breaking, "slack")
			time.Sleep(2 * time.Minute)
			outbox.step("i10", alerting.Closed, contracts.Warning, "slack")
			outbox.step("i11", alerting.Closed, contracts.Breaking, "slack")
			time.Sleep(5 * time.Minute)
		})
		said := strings.Join(m.said()[10:], ", ")
		if !strings.Contains(said, "i11 worsened") || !strings.Contains(said, "i11 resolved") || strings.Contains(said, "i10") {
			t.Errorf("told %s", said)
		}
		last := m.notices[len(m.notices)-1]
		if last.Incident.Sum == nil || last.Incident.Open() || last.Transition.Kind != alerting.Closed {
			t.Errorf("the summary ends with %s: %s", last.Transition.Kind, last.Incident.Title)
		}
	})
}

// TestDispatcher_TellsADayOfAdditiveChangesInOneDigest also wants that what
// became worse than additive does not wait for the morning.
func TestDispatcher_TellsADayOfAdditiveChangesInOneDigest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, m := newOutbox(), &mouth{channel: "slack", sums: true}
		dispatching(t, outbox, []*mouth{m}, func(d *alerting.Dispatcher) {
			morning := time.Now().Add(90 * time.Minute)
			for i := range 300 {
				outbox.forDigest(fmt.Sprint("i", i), morning, "slack")
			}
			time.Sleep(time.Hour)
			outbox.step("i7", alerting.Worsened, contracts.Breaking, "slack")
			time.Sleep(time.Hour)
		})
		if len(m.notices) != 2 || m.said()[0] != "i7 worsened" {
			t.Fatalf("told %v", m.said())
		}
		digest := m.notices[1].Incident
		if digest.Title != "Daily digest: 299 additive changes in 299 APIs, nothing to do" || digest.Open() || m.told[1].At < 90*time.Minute || m.told[1].At > 91*time.Minute {
			t.Errorf("%q after %v", digest.Title, m.told[1].At)
		}
	})
}

func TestDispatcher_TellsAMachineEachIncident(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, m := newOutbox(), &mouth{channel: "pager"}
		dispatching(t, outbox, []*mouth{m}, func(d *alerting.Dispatcher) {
			for i := range 100 {
				outbox.step(fmt.Sprint("i", i), alerting.Opened, contracts.Warning, "pager")
			}
			time.Sleep(time.Minute)
		})
		if len(m.said()) != 100 {
			t.Errorf("told %d", len(m.said()))
		}
	})
}

func TestDispatcher_AdoptsWhatADeadProcessHasTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, m := newOutbox(), &mouth{channel: "slack", left: map[string]alerting.Receipt{"a": {Ref: "C1/7", Version: 1}, "b": {Ref: "C1/8", Version: 1}}}
		outbox.step("a", alerting.Opened, contracts.Breaking, "slack")
		outbox.step("c", alerting.Opened, contracts.Breaking, "slack")
		time.Sleep(time.Second)
		dispatching(t, outbox, []*mouth{m}, func(d *alerting.Dispatcher) {
			time.Sleep(time.Second)
			outbox.step("b", alerting.Opened, contracts.Breaking, "slack")
			outbox.step("a", alerting.Worsened, contracts.Breaking, "slack")
			time.Sleep(time.Minute)
		})
		if diff := cmp.Diff([]string{"c opened", "b opened", "a worsened"}, m.said()); diff != "" {
			t.Error(diff)
		}
		if ref := m.notices[2].Receipt.Ref; ref != "C1/7" {
			t.Errorf("the adopted message is not updated in place: %q", ref)
		}
	})
}

// A message whose answer was lost is found again: not told twice, and updated
// in place from then on.
func TestDispatcher_AdoptsWhatAnAttemptHasTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := newOutbox()
		m := &mouth{channel: "slack", left: map[string]alerting.Receipt{"a": {Ref: "C1/7", Version: 1}}, fail: func(n int) error {
			if n == 1 {
				return errors.New("the answer did not come in time")
			}
			return nil
		}}
		dispatching(t, outbox, []*mouth{m}, func(d *alerting.Dispatcher) {
			outbox.step("a", alerting.Opened, contracts.Breaking, "slack")
			time.Sleep(10 * time.Second)
			outbox.step("a", alerting.Closed, contracts.Breaking, "slack")
			time.Sleep(time.Minute)
		})
		if n := len(m.notices); n != 2 || m.notices[1].Receipt.Ref != "C1/7" || m.notices[1].Transition.Kind != alerting.Closed {
			t.Errorf("%d notices, the last %+v; want the end in the message of the lost answer", n, m.notices[len(m.notices)-1].Transition)
		}
	})
}
