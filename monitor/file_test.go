package monitor

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
	"shapewatch/webhooks"
)

// TestInTime_LeavesAHangingReadBehind and begins no second one until it has ended.
func TestInTime_LeavesAHangingReadBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := newPost(Watch{File: "/mnt/orders.csv", Probe: probes.Probe{ID: "a/b", Timeout: 7 * time.Second, Schedule: probes.Schedule{Every: time.Minute}}})
		if err != nil {
			t.Fatal(err)
		}
		var reads atomic.Int32 // beside the test: what hangs is left behind
		read := func() probes.Sample {
			if reads.Add(1) == 1 {
				time.Sleep(time.Hour)
			}
			return probes.Sample{Class: probes.Valid}
		}
		began := time.Now()
		for range 3 {
			s := p.inTime(context.Background(), p.Probe, read)
			if s.Class != probes.Unreachable || s.Problem != "the file could not be read in time" {
				t.Errorf("%+v", s)
			}
		}
		if waited := time.Since(began); waited != 7*time.Second || reads.Load() != 1 {
			t.Errorf("waited %v, read %d times", waited, reads.Load())
		}
		time.Sleep(2 * time.Hour)
		if s := p.inTime(context.Background(), p.Probe, read); s.Class != probes.Valid || reads.Load() != 2 {
			t.Errorf("afterwards: %+v", s)
		}
	})
}

// TestDisconnected_AsksNobodyAboutAFile: that a folder has no file says nothing
// of the network.
func TestDisconnected_AsksNobodyAboutAFile(t *testing.T) {
	m := &Monitor{} // whoever asks it for more, panics
	p := &post{Watch: Watch{File: "/srv/orders.csv"}}
	if m.disconnected(t.Context(), p, decision{answer: answer{Observation: &contracts.Observation{Class: probes.Unreachable}}}) {
		t.Error("blamed the network")
	}
}

// TestReceive_RefusesForWhatIsNotWatched so that the vendor sends it again.
func TestReceive_RefusesForWhatIsNotWatched(t *testing.T) {
	m := &Monitor{}
	m.watched.Store(&map[string]*post{"shop/orders": {}})
	for _, probe := range []string{"shop/orders", "shop/gone"} {
		if _, err := m.Receive(t.Context(), probe, webhooks.Delivery{ID: "e1"}, http.Header{}, []byte("{}")); err == nil {
			t.Errorf("%s: kept", probe)
		}
	}
}
