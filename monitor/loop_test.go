package monitor_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/monitor"
	"shapewatch/probes"
)

func TestRun_ChecksEachProbeOnItsSchedule(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		start := time.Now()
		_, stop := w.start(watch("a", time.Minute), watch("b", 10*time.Second))
		time.Sleep(time.Hour)
		stop()
		for path, every := range map[string]time.Duration{"a": time.Minute, "b": 10 * time.Second} {
			times := w.times("/" + path)
			if first := times[0].Sub(start); first > 2*time.Second {
				t.Errorf("%s: first checked after %v", path, first)
			}
			if n := len(times); n < int(time.Hour/every) || n > int(time.Hour/every)+1 {
				t.Errorf("%s: %d checks in an hour", path, n)
			}
			for i := 2; i < len(times); i++ { // the first comes at once, all others on the grid
				if gap := times[i].Sub(times[i-1]); gap != every {
					t.Fatalf("%s: check %d came %v after the one before", path, i, gap)
				}
			}
		}
	})
}

func TestRun_NeverChecksAProbeTwiceAtATime(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.latency = 3500 * time.Millisecond
		_, stop := w.start(watch("slow", time.Second))
		time.Sleep(time.Minute)
		stop()
		if w.most["/slow"] != 1 {
			t.Errorf("%d at a time", w.most["/slow"])
		}
		if n := len(w.times("/slow")); n < 12 || n > 17 {
			t.Errorf("%d checks of 3.5 s in a minute", n)
		}
	})
}

func TestRun_FinishesWhatIsUnderWayWhenStopped(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.latency = 4 * time.Second
		_, stop := w.start(watch("a", time.Hour))
		time.Sleep(2 * time.Second)
		stop()
		if got := w.checks("api/a"); len(got) != 1 || got[0].Class != probes.Valid {
			t.Errorf("committed %+v, want the one check that was under way", got)
		}
	})
}

func TestRun_LeavesDueWhatItGaveUp(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.latency, w.options.Grace = 9*time.Second, time.Second
		_, stop := w.start(watch("a", time.Hour))
		time.Sleep(2 * time.Second)
		before := time.Now()
		stop()
		if took := time.Since(before); took > 1100*time.Millisecond {
			t.Errorf("stopping took %v with a grace of 1s", took)
		}
		if got := w.checks("api/a"); len(got) != 0 {
			t.Errorf("committed %+v: hanging up says nothing about the vendor", got)
		}
		w.latency = 0
		_, stop = w.start(watch("a", time.Hour))
		time.Sleep(5 * time.Minute) // overdue probes are spread
		stop()
		if got := w.checks("api/a"); len(got) != 1 {
			t.Errorf("%d checks after the restart, want the one that was left due", len(got))
		}
	})
}

func TestRun_ChecksEachProbeOnceAfterASuspend(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		var watches []monitor.Watch
		for i := range 20 {
			watches = append(watches, watch(fmt.Sprintf("p%d", i), 10*time.Minute))
		}
		_, stop := w.start(watches...)
		time.Sleep(time.Hour)
		stop()
		time.Sleep(8 * time.Hour)
		resumed := time.Now()
		_, stop = w.start(watches...)
		time.Sleep(5*time.Minute + time.Second)
		stop()
		for _, watch := range watches {
			after := slices.DeleteFunc(w.times("/"+watch.Probe.Name), func(at time.Time) bool { return at.Before(resumed) })
			if n := len(after); n < 1 || n > 2 { // the missed one, and perhaps the next on the grid
				t.Errorf("%s: %d checks within 5 minutes of waking up", watch.Probe.Name, n)
			}
		}
	})
}

func TestApply_ChangesWhatIsWatchedWhileRunning(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		m, stop := w.start(watch("old", time.Second), watch("kept", time.Second))
		time.Sleep(10 * time.Second)
		if err := m.Apply(t.Context(), []monitor.Watch{watch("kept", time.Second), watch("new", time.Second)}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		old := len(w.times("/old"))
		time.Sleep(10 * time.Second)
		stop()
		if got := len(w.times("/old")); got != old {
			t.Errorf("a removed probe was checked %d more times", got-old)
		}
		if kept, added := len(w.times("/kept")), len(w.times("/new")); kept < 20 || added < 9 {
			t.Errorf("kept: %d checks in 20 s, new: %d in 10 s", kept, added)
		}
	})
}

func TestApply_ChangesNothingOnAnError(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		m, stop := w.start(watch("a", time.Second))
		for name, bad := range map[string][]monitor.Watch{
			"schedule": {watch("b", time.Millisecond)},
			"twice":    {watch("b", time.Second), watch("b", time.Second)},
		} {
			if err := m.Apply(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "probe api/b") {
				t.Errorf("%s: got %v, want an error that names the probe", name, err)
			}
		}
		time.Sleep(10 * time.Second)
		stop()
		if a, b := len(w.times("/a")), len(w.times("/b")); a < 10 || b != 0 {
			t.Errorf("a checked %d times, b %d", a, b)
		}
	})
}

func TestRun_LeavesAVendorAloneAsLongAsItAsks(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.answers(func(*http.Request) (int, http.Header, any) {
			return 429, http.Header{"Retry-After": {"300"}}, map[string]any{"error": "slow down"}
		})
		_, stop := w.start(watch("a", 10*time.Second))
		time.Sleep(20 * time.Minute)
		stop()
		times := w.times("/a")
		for i := 1; i < len(times); i++ {
			if gap := times[i].Sub(times[i-1]); gap < 300*time.Second {
				t.Errorf("asked again after %v", gap)
			}
		}
		if len(times) < 3 {
			t.Errorf("asked %d times in 20 minutes", len(times))
		}
	})
}

func TestRun_KeepsAnOverloadedHostFromStarvingOthers(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.options.Workers = 8
		watches := []monitor.Watch{watch("good", time.Second)}
		for i := range 200 {
			crowd := watch(fmt.Sprintf("c%d", i), time.Second)
			crowd.Probe.URL = "https://crowded.example/crowd"
			crowd.Probe.Limits = probes.HostLimits{PerSecond: 1, Concurrent: 1}
			watches = append(watches, crowd)
		}
		_, stop := w.start(watches...)
		time.Sleep(5 * time.Minute)
		stop()
		if n := len(w.times("/good")); n < 290 {
			t.Errorf("the good host was asked %d times in 300 s", n)
		}
		if n := len(w.times("/crowd")); n < 270 || n > 310 {
			t.Errorf("the crowded host was asked %d times in 300 s at 1 a second", n)
		}
		starved := 0
		for _, watch := range watches[1:] {
			if len(w.checks(watch.Probe.ID)) == 0 {
				starved++
			}
		}
		if starved > 0 {
			t.Errorf("%d of 200 probes had no turn in 300 s", starved)
		}
	})
}

func TestRun_AsksAgainQuicklyWhenSomethingIsSuspected(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		_, stop := w.start(watch("a", time.Hour))
		time.Sleep(30 * time.Hour)
		w.answers(func(*http.Request) (int, http.Header, any) { return 200, nil, map[string]any{"id": "one", "name": "a"} })
		before := len(w.times("/a"))
		time.Sleep(61 * time.Minute)
		stop()
		times := w.times("/a")[before:]
		var gaps []time.Duration
		for i := 1; i < len(times); i++ {
			gaps = append(gaps, times[i].Sub(times[i-1]).Round(time.Second))
		}
		want := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second}
		if len(gaps) < 5 || !slices.Equal(gaps[:5], want) || len(gaps) > 6 {
			t.Errorf("asked again after %v, want %v and then on schedule", gaps, want)
		}
		for i, c := range w.checks("api/a")[:5] { // newest first
			if next := i == 0 && len(gaps) == 6; !next && !c.Reprobe {
				t.Errorf("check %d from the end is no re-probe", i)
			}
		}
	})
}

func TestRun_RecoversFromAPanicAndSaysSoOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.options.Detectors = []contracts.Detector{{Name: "broken", Detect: func(c *contracts.Comparison) []contracts.Finding {
			if c.Policy.Operation == "GET /bad" {
				panic("no such luck")
			}
			return nil
		}}}
		m, stop := w.start(watch("bad", time.Minute), watch("good", time.Minute))
		time.Sleep(10*time.Minute + 30*time.Second)
		stop()
		n := uint64(len(w.times("/bad")))
		if good := len(w.checks("api/good")); good < 10 {
			t.Errorf("%d checks of the good probe", good)
		}
		if m.Panics() != n || n > 12 {
			t.Errorf("%d panics counted in %d checks of 10 minutes", m.Panics(), n)
		}
		if lines := strings.Count(w.log.String(), "no such luck"); uint64(lines) != n || !strings.Contains(w.log.String(), "probe=api/bad") {
			t.Errorf("%d lines for %d panics: %.300s", lines, n, w.log.String())
		}
	})
}

// A hindered store has a word before each commit and claim.
type hindered struct {
	monitor.Store
	commit, claim func() error
}

func (s *hindered) Commit(ctx context.Context, o alerting.Outcome) error {
	if err := s.commit(); err != nil {
		return err
	}
	return s.Store.Commit(ctx, o)
}

func (s *hindered) Claim(ctx context.Context, now time.Time, max int, lease time.Duration) ([]probes.Claim, time.Time, error) {
	if err := s.claim(); err != nil {
		return nil, time.Time{}, err
	}
	return s.Store.Claim(ctx, now, max, lease)
}

func agree() error { return nil }

func TestRun_DecidesAgainWhenOthersWereFaster(t *testing.T) {
	for conflicts, want := range map[int32]int{0: 1, 4: 1, 5: 0} {
		bubble(t, func(t *testing.T, w *world) {
			var tries atomic.Int32
			w.options.Store = &hindered{Store: w.store, claim: agree, commit: func() error {
				if tries.Add(1) <= conflicts {
					return alerting.ErrConflict
				}
				return nil
			}}
			_, stop := w.start(watch("a", time.Hour))
			time.Sleep(10 * time.Second)
			stop()
			if got := len(w.checks("api/a")); got != want {
				t.Errorf("%d conflicts: %d checks committed, want %d", conflicts, got, want)
			}
			if got := len(w.times("/a")); got != 1 {
				t.Errorf("%d conflicts: asked %d times, want one answer decided again", conflicts, got)
			}
		})
	}
}

func TestRun_EndsWithTheStoresLastError(t *testing.T) {
	last := errors.New("the disk is gone")
	bubble(t, func(t *testing.T, w *world) {
		w.options.Store = &hindered{Store: w.store, claim: agree, commit: func() error { return last }}
		w.options.Fatal = func(err error) bool { return errors.Is(err, last) }
		m := monitor.New(w.options)
		if err := m.Apply(t.Context(), []monitor.Watch{watch("a", time.Hour)}); err != nil {
			t.Fatal(err)
		}
		if err := m.Run(t.Context()); !errors.Is(err, last) {
			t.Errorf("got %v, want %v", err, last)
		}
	})
}

func TestRun_GoesOnWhenTheStoreDoesNotAnswerForAWhile(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		end := time.Now().Add(10 * time.Minute)
		w.options.Store = &hindered{Store: w.store, commit: agree, claim: func() error {
			if time.Now().Before(end) {
				return errors.New("busy")
			}
			return nil
		}}
		_, stop := w.start(watch("a", time.Minute))
		time.Sleep(20 * time.Minute)
		stop()
		if n := len(w.checks("api/a")); n < 9 {
			t.Errorf("%d checks in the 10 minutes after", n)
		}
		if lines := strings.Count(w.log.String(), "busy"); lines > 8 {
			t.Errorf("%d lines of log in 10 minutes", lines)
		}
	})
}
