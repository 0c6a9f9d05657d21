package alerting_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

func TestDispatcher_TellsElsewhereWhatAChannelCannotTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, mail := newOutbox(), &mouth{channel: "mail"}
		gone := &mouth{channel: "slack", fail: func(int) error {
			return &alerting.DeliveryError{Err: errors.New("is_archived"), Permanent: true}
		}}
		dispatchingWith(t, alerting.DispatcherOptions{Outbox: outbox, Fallback: "mail"}, []*mouth{gone, mail}, func(d *alerting.Dispatcher) {
			outbox.step("a", alerting.Opened, contracts.Breaking, "slack")
			time.Sleep(time.Minute)
			if sick := d.Sick(); len(sick) != 1 || !strings.Contains(sick[0], "slack") || !strings.Contains(sick[0], "is_archived") {
				t.Errorf("the page says %q", sick)
			}
			outbox.step("a", alerting.Closed, contracts.Breaking, "slack")
			time.Sleep(time.Minute)
		})
		var titles []string
		for _, n := range mail.notices {
			titles = append(titles, string(n.Transition.Kind)+" "+n.Incident.Title)
		}
		want := []string{"opened `a` is gone from GET /a", "opened channel slack takes nothing", "resolved `a` is gone from GET /a"}
		if diff := cmp.Diff(want, titles); diff != "" {
			t.Error(diff)
		}
		if waiting, dead := outbox.waiting(); len(waiting) != 0 || len(dead) != 2 {
			t.Errorf("waiting %d, dead %d: what was given up must be kept and shown", len(waiting), len(dead))
		}
	})
}

func TestDispatcher_TellsTheOthersOfASickChannelOnceAndWhenItIsWell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, well := newOutbox(), &mouth{channel: "well"}
		var ill atomic.Bool
		ill.Store(true)
		sick := &mouth{channel: "sick", fail: func(int) error {
			if ill.Load() {
				return errors.New("connection refused")
			}
			return nil
		}}
		dispatching(t, outbox, []*mouth{well, sick}, func(d *alerting.Dispatcher) {
			outbox.step("a", alerting.Opened, contracts.Breaking, "sick")
			time.Sleep(4 * time.Minute)
			if len(well.said()) != 0 || len(d.Sick()) != 0 {
				t.Errorf("told of a short illness: %v", well.said())
			}
			time.Sleep(time.Hour)
			ill.Store(false)
			time.Sleep(time.Hour)
			if len(d.Sick()) != 0 {
				t.Errorf("still sick: %v", d.Sick())
			}
		})
		var kinds []alerting.TransitionKind
		for _, n := range well.notices {
			kinds = append(kinds, n.Transition.Kind)
		}
		if diff := cmp.Diff([]alerting.TransitionKind{alerting.Opened, alerting.Closed}, kinds); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"a opened"}, sick.said()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDispatcher_DegradesAndRepostsWhatIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := newOutbox()
		m := &mouth{channel: "slack", fail: func(n int) error {
			switch n {
			case 2:
				return &alerting.DeliveryError{Err: errors.New("message_not_found"), Repost: true}
			case 3:
				return &alerting.DeliveryError{Err: errors.New("invalid_blocks"), Degrade: true}
			}
			return nil
		}}
		dispatching(t, outbox, []*mouth{m}, func(d *alerting.Dispatcher) {
			outbox.step("a", alerting.Opened, contracts.Breaking, "slack")
			time.Sleep(time.Minute)
			outbox.step("a", alerting.Closed, contracts.Breaking, "slack")
			time.Sleep(time.Minute)
		})
		var tries []string
		for _, n := range m.notices {
			tries = append(tries, string(n.Transition.Kind)+" "+n.Receipt.Ref+map[bool]string{true: "plain"}[n.Plain])
		}
		if diff := cmp.Diff([]string{"opened ", "resolved a", "resolved ", "resolved plain"}, tries); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDispatcher_CallsTheOwnerWhenSomethingOpensOrGetsWorse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, m := newOutbox(), &mouth{channel: "slack"}
		options := alerting.DispatcherOptions{Outbox: outbox, Mentions: map[string]string{"@payments": "<!subteam^S042>"}}
		dispatchingWith(t, options, []*mouth{m}, func(d *alerting.Dispatcher) {
			for _, kind := range []alerting.TransitionKind{alerting.Opened, alerting.Handled, alerting.Worsened, alerting.Closed} {
				outbox.step("a", kind, contracts.Breaking, "slack")
				outbox.own("a", "@payments")
				time.Sleep(time.Minute)
			}
		})
		var called []bool
		for _, n := range m.notices {
			called = append(called, n.Mention == "<!subteam^S042>")
		}
		if diff := cmp.Diff([]bool{true, false, true, false}, called); diff != "" {
			t.Error(diff)
		}
	})
}
