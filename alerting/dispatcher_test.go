package alerting_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// dispatching runs a dispatcher in a bubble while f acts; it ends before the
// bubble does.
func dispatching(t *testing.T, outbox *memoryOutbox, mouths []*mouth, f func(*alerting.Dispatcher)) (logged string) {
	t.Helper()
	return dispatchingWith(t, alerting.DispatcherOptions{Outbox: outbox}, mouths, f)
}

func dispatchingWith(t *testing.T, options alerting.DispatcherOptions, mouths []*mouth, f func(*alerting.Dispatcher)) (logged string) {
	t.Helper()
	var log bytes.Buffer
	options.Log, options.PublicURL = slog.New(slog.NewTextHandler(&log, nil)), "https://drift.example.com/"
	for _, m := range mouths {
		options.Notifiers = append(options.Notifiers, m)
	}
	d := alerting.NewDispatcher(options)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- d.Run(ctx) }()
	synctest.Wait()
	f(d)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	return log.String()
}

func TestDispatcher_TellsAtOnceWhenWokenAndWithinASecondElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, m := newOutbox(), &mouth{channel: "slack"}
		dispatching(t, outbox, []*mouth{m}, func(d *alerting.Dispatcher) {
			time.Sleep(300 * time.Millisecond)
			outbox.step("a", alerting.Opened, contracts.Breaking, "slack")
			d.Wake()
			synctest.Wait()
			outbox.step("b", alerting.Opened, contracts.Breaking, "slack")
			time.Sleep(time.Hour)
		})
		want := []saying{{"a", alerting.Opened, 300 * time.Millisecond}, {"b", alerting.Opened, 1300 * time.Millisecond}}
		if diff := cmp.Diff(want, m.told); diff != "" {
			t.Error(diff)
		}
		if outbox.takes > 3700 {
			t.Errorf("looked at the outbox %d times in an hour", outbox.takes)
		}
	})
}

func TestDispatcher_WaitsAsLongAsTheChannelAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, well := newOutbox(), &mouth{channel: "well"}
		sick := &mouth{channel: "sick", fail: func(n int) error {
			if n == 1 {
				return &alerting.DeliveryError{Err: errors.New("slow down"), RetryAfter: 30 * time.Second}
			}
			return nil
		}}
		dispatching(t, outbox, []*mouth{well, sick}, func(d *alerting.Dispatcher) {
			outbox.step("a", alerting.Opened, contracts.Breaking, "well", "sick")
			outbox.step("b", alerting.Opened, contracts.Warning, "well", "sick")
			d.Wake()
			time.Sleep(5 * time.Minute)
		})
		if len(well.told) != 2 || well.told[1].At != 0 {
			t.Errorf("the other channel was held up: %+v", well.told)
		}
		if len(sick.told) != 2 || sick.told[0].At < 30*time.Second || sick.told[1].At > 32*time.Second || sick.calls != 3 {
			t.Errorf("%d calls, told %+v", sick.calls, sick.told)
		}
	})
}

func TestDispatcher_BacksOffFromASecondToFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		outbox := newOutbox()
		m := &mouth{channel: "slack", fail: func(n int) error {
			at = append(at, time.Now())
			if n <= 14 {
				return errors.New("503 Service Unavailable")
			}
			return nil
		}}
		dispatching(t, outbox, []*mouth{m}, func(d *alerting.Dispatcher) {
			outbox.step("a", alerting.Closed, contracts.Breaking, "slack")
			time.Sleep(2 * time.Hour)
		})
		if diff := cmp.Diff([]string{"a resolved"}, m.said()); diff != "" {
			t.Fatal(diff)
		}
		for i := 1; i < len(at); i++ {
			least, most := time.Second<<(i-1)/2, time.Second<<(i-1)+2*time.Second
			least, most = min(least, 150*time.Second), min(most, 302*time.Second)
			if gap := at[i].Sub(at[i-1]); gap < least || gap > most {
				t.Errorf("attempt %d after %s, want %s to %s", i+1, gap, least, most)
			}
		}
	})
}

func TestDispatcher_KeepsWhatCannotSucceedAsDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := newOutbox()
		m := &mouth{channel: "slack", fail: func(n int) error {
			if n == 1 {
				return &alerting.DeliveryError{Err: errors.New("is_archived"), Permanent: true}
			}
			return nil
		}}
		logged := dispatching(t, outbox, []*mouth{m}, func(d *alerting.Dispatcher) {
			outbox.step("a", alerting.Opened, contracts.Breaking, "slack")
			outbox.step("a", alerting.Closed, contracts.Breaking, "slack", "pager")
			time.Sleep(time.Hour)
		})
		if diff := cmp.Diff([]string{"a resolved"}, m.said()); diff != "" {
			t.Error(diff)
		}
		waiting, dead := outbox.waiting()
		if len(waiting) != 0 || len(dead) != 2 || dead[0].LastError != "is_archived" || dead[0].Attempts != 1 || !strings.Contains(dead[1].LastError, `no channel "pager"`) {
			t.Errorf("waiting %+v, dead %+v", waiting, dead)
		}
		if n := strings.Count(logged, "is_archived"); n != 1 {
			t.Errorf("logged %d times:\n%s", n, logged)
		}
	})
}

// A channel that is down for a week still hears of what began; a reminder of
// three days ago is no news.
func TestDispatcher_TellsWhatBeganHoweverLateAndGivesUpReminders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := newOutbox()
		var down atomic.Bool // the dispatcher asks beside the test
		down.Store(true)
		m := &mouth{channel: "slack", fail: func(int) error {
			if down.Load() {
				return errors.New("no route to host")
			}
			return nil
		}}
		dispatching(t, outbox, []*mouth{m}, func(d *alerting.Dispatcher) {
			outbox.step("a", alerting.Opened, contracts.Breaking, "slack")
			outbox.step("b", alerting.Reminded, contracts.Breaking, "slack")
			time.Sleep(71 * time.Hour)
			if _, dead := outbox.waiting(); len(dead) != 0 {
				t.Error("given up too soon")
			}
			time.Sleep(4 * 24 * time.Hour)
			down.Store(false)
			time.Sleep(10 * time.Minute)
		})
		waiting, dead := outbox.waiting()
		if len(waiting) != 0 || len(dead) != 1 || dead[0].Incident != "b" {
			t.Errorf("waiting %+v, dead %+v; want the reminder given up", waiting, dead)
		}
		if said := m.said(); len(said) == 0 || said[len(said)-1] != "a opened" {
			t.Errorf("told %q, want the beginning after all", said)
		}
	})
}

// A process that dies between sending and settling leaves the row leased: the
// step is told once more when the lease is over, and then never again.
func TestDispatcher_TellsTwiceAtMostWhenNotSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, m := newOutbox(), &mouth{channel: "slack"}
		outbox.unsettled = 3
		dispatching(t, outbox, []*mouth{m}, func(d *alerting.Dispatcher) {
			outbox.step("a", alerting.Opened, contracts.Breaking, "slack")
			outbox.step("a", alerting.Closed, contracts.Breaking, "slack")
			time.Sleep(time.Hour)
		})
		if diff := cmp.Diff([]string{"a opened", "a opened", "a resolved"}, m.said()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDispatcher_TellsTheWorstFirstAtTheChannelsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, m := newOutbox(), &mouth{channel: "slack", pace: time.Second}
		for i := range 4 {
			outbox.step(fmt.Sprintf("info%d", i), alerting.Noted, contracts.Info, "slack")
		}
		outbox.step("bad", alerting.Opened, contracts.Breaking, "slack")
		outbox.step("bad", alerting.Closed, contracts.Breaking, "slack")
		dispatching(t, outbox, []*mouth{m}, func(*alerting.Dispatcher) { time.Sleep(time.Minute) })
		said := m.said()
		if len(said) != 6 || said[0] != "bad opened" || said[1] != "bad resolved" && said[2] != "bad resolved" {
			t.Errorf("said %q", said)
		}
		for i := 1; i < len(m.told); i++ {
			if gap := m.told[i].At - m.told[i-1].At; gap < time.Second {
				t.Errorf("%s between %v and %v", gap, m.told[i-1], m.told[i])
			}
		}
	})
}

func TestDispatcher_CoalescesUpdatesButNeverTheEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, m := newOutbox(), &mouth{channel: "slack", pace: time.Second}
		dispatching(t, outbox, []*mouth{m}, func(d *alerting.Dispatcher) {
			outbox.step("a", alerting.Opened, contracts.Breaking, "slack")
			time.Sleep(10 * time.Second)
			for range 5 {
				outbox.step("a", alerting.Updated, contracts.Breaking, "slack")
			}
			time.Sleep(10 * time.Second)
			outbox.step("a", alerting.Updated, contracts.Breaking, "slack")
			outbox.step("a", alerting.Closed, contracts.Breaking, "slack")
			time.Sleep(10 * time.Second)
		})
		if diff := cmp.Diff([]string{"a opened", "a updated", "a resolved"}, m.said()); diff != "" {
			t.Error(diff)
		}
		if waiting, _ := outbox.waiting(); len(waiting) != 0 {
			t.Errorf("still waiting: %+v", waiting)
		}
	})
}

// TestDispatcher_LosesNothingOnABadDay: a channel that refuses half of all
// calls in every way, and a dispatcher that is ended and started again.
func TestDispatcher_LosesNothingOnABadDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		random, pauses := rand.New(rand.NewPCG(1, 2)), rand.New(rand.NewPCG(3, 4))
		outbox, m := newOutbox(), &mouth{channel: "slack", pace: 100 * time.Millisecond, takes: 50 * time.Millisecond}
		m.fail = func(int) error {
			switch random.IntN(8) {
			case 0, 1, 2:
				return errors.New("connection reset by peer")
			case 3:
				return &alerting.DeliveryError{Err: errors.New("429"), RetryAfter: 3 * time.Second}
			}
			return nil
		}
		const incidents = 100
		for round := range 10 {
			dispatching(t, outbox, []*mouth{m}, func(d *alerting.Dispatcher) {
				for i := range incidents {
					kind := []alerting.TransitionKind{alerting.Opened, alerting.Updated, alerting.Closed}[min(round, 2)]
					if round < 3 {
						outbox.step(fmt.Sprint("i", i), kind, contracts.Severity(i%3), "slack")
					}
				}
				d.Wake()
				time.Sleep(time.Duration(5+pauses.IntN(60)) * time.Second)
			})
		}
		dispatching(t, outbox, []*mouth{m}, func(*alerting.Dispatcher) { time.Sleep(6 * time.Hour) })
		order := map[string][]alerting.TransitionKind{}
		for _, s := range m.told {
			order[s.Incident] = append(order[s.Incident], s.Kind)
		}
		for i := range incidents {
			kinds := order[fmt.Sprint("i", i)]
			if n := len(kinds); n < 2 || n > 3 || kinds[0] != alerting.Opened || kinds[n-1] != alerting.Closed {
				t.Errorf("incident %d: told %v", i, kinds)
			}
		}
		if waiting, dead := outbox.waiting(); len(waiting)+len(dead) > 0 {
			t.Errorf("waiting %d, dead %d", len(waiting), len(dead))
		}
	})
}

func TestDispatcher_FinishesWhatItSendsAndGivesBackTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, m := newOutbox(), &mouth{channel: "slack", takes: 2 * time.Second}
		outbox.step("a", alerting.Opened, contracts.Breaking, "slack")
		outbox.step("b", alerting.Opened, contracts.Info, "slack")
		dispatching(t, outbox, []*mouth{m}, func(*alerting.Dispatcher) { time.Sleep(time.Second) })
		if diff := cmp.Diff([]string{"a opened"}, m.said()); diff != "" {
			t.Error(diff)
		}
		waiting, _ := outbox.waiting()
		if len(waiting) != 1 || len(outbox.leases) != 0 || waiting[0].Attempts != 0 {
			t.Errorf("waiting %+v, leases %v", waiting, outbox.leases)
		}
	})
}

// A backlog longer than a lease is told once each: rows that wait too long are
// leased again, not sent twice.
func TestDispatcher_TellsALongBacklogOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, m := newOutbox(), &mouth{channel: "slack", pace: time.Second}
		for i := range 600 {
			outbox.step(fmt.Sprint("i", i), alerting.Opened, contracts.Warning, "slack")
		}
		dispatching(t, outbox, []*mouth{m}, func(*alerting.Dispatcher) { time.Sleep(12 * time.Minute) })
		seen := map[string]bool{}
		for _, s := range m.said() {
			seen[s] = true
		}
		if len(seen) != 600 || len(m.told) != 600 {
			t.Errorf("%d messages about %d incidents, want 600", len(m.told), len(seen))
		}
	})
}

func TestDispatcher_ShowsTheEditWhileAnIncidentIsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox, m := newOutbox(), &mouth{channel: "slack"}
		options := alerting.DispatcherOptions{Outbox: outbox, Proposal: func(_ context.Context, inc alerting.Incident) string { return "+" + inc.ID }}
		dispatchingWith(t, options, []*mouth{m}, func(*alerting.Dispatcher) {
			outbox.step("a", alerting.Opened, contracts.Breaking, "slack")
			time.Sleep(time.Minute)
			outbox.step("a", alerting.Closed, contracts.Breaking, "slack")
			time.Sleep(time.Minute)
		})
		if len(m.notices) != 2 || m.notices[0].Proposal != "+a" || m.notices[1].Proposal != "" {
			t.Errorf("told %+v", m.notices)
		}
	})
}
