package monitor

import (
	"testing"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
)

func TestFacts_AreSharedByTheProbesOfAnAPI(t *testing.T) {
	var f facts
	f.note("a", "a/1", 100)
	f.note("b", "b/1", 7)
	if n := f.note("a", "a/2", 50); n != 150 {
		t.Errorf("%d facts of a, want 150", n)
	}
	if n := f.note("a", "a/1", 10); n != 60 {
		t.Errorf("%d facts of a after its first probe lost some, want 60", n)
	}
	f.forget(map[string]*post{"a/2": {Watch: Watch{Probe: probes.Probe{API: "a"}}}})
	if n := f.note("a", "a/3", 1); n != 51 {
		t.Errorf("%d facts of a without its first probe, want 51", n)
	}
}

func TestBudgeted_CountsTheChecksOfAMonth(t *testing.T) {
	m := New(Options{})
	w := Watch{Probe: probes.Probe{API: "a", ID: "a/1", Schedule: probes.Schedule{Every: time.Minute}}}
	if p := m.budgeted(w, contracts.NewBaseline()); p.Checks != 43_200 || p.Streams == 0 {
		t.Errorf("%d checks a month, %d facts", p.Checks, p.Streams)
	}
}

func TestPause_KeepsWithinTheVendorsRateLimit(t *testing.T) {
	c := Confirm{After: time.Second, Most: 5}
	v := contracts.Verdict{Ask: true}
	for _, x := range []struct {
		limits []contracts.RateLimit
		want   bool
	}{
		{nil, true},
		{[]contracts.RateLimit{{Limit: 5000, Remaining: 4000}}, true},
		{[]contracts.RateLimit{{Limit: 5000, Remaining: -1}}, true},
		{[]contracts.RateLimit{{Limit: 60, Remaining: 12}}, false},
		{[]contracts.RateLimit{{Limit: 5000, Remaining: 4000}, {Limit: 10, Remaining: 0}}, false},
	} {
		o := &contracts.Observation{Signals: contracts.Signals{RateLimit: x.limits}}
		if _, wanted := c.pauseWithin(v, o); wanted != x.want {
			t.Errorf("%+v: asks again %t, want %t", x.limits, wanted, x.want)
		}
	}
}
