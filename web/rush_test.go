package web_test

import (
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestPages_StayFlatInARush asks 200 times a second, whether or not what was
// asked before is answered, and wants the memory as it was: what cannot be
// served in time is refused. With -v it says how much was served.
func TestPages_StayFlatInARush(t *testing.T) {
	const perSecond, seconds, apis = 200, 4, 400
	h := bigWorld(time.Now(), apis).handler()
	addresses := []string{"/", "/apis/vendor-0010", "/incidents", "/incidents/inc_0010", "/api/v1/overview", "/feed.atom", "/metrics"}
	for _, a := range addresses {
		if got := get(h, "GET", a); got.Code != http.StatusOK {
			t.Fatalf("%s: %d", a, got.Code)
		}
	}
	before := living()
	var asked sync.WaitGroup
	var served, refused, other, slowest atomic.Int64
	ticks := time.NewTicker(time.Second / perSecond)
	defer ticks.Stop()
	for n := range perSecond * seconds {
		<-ticks.C
		asked.Go(func() {
			start := time.Now()
			switch get(h, "GET", addresses[n%len(addresses)]).Code {
			case http.StatusOK:
				served.Add(1)
			case http.StatusServiceUnavailable:
				refused.Add(1)
			default:
				other.Add(1)
			}
			if took := int64(time.Since(start)); took > slowest.Load() {
				slowest.Store(took)
			}
		})
	}
	asked.Wait()
	after := living()
	t.Logf("%d APIs, %d a second: %d served, %d refused, slowest %v; heap %.1f MB before, %.1f MB after",
		apis, perSecond, served.Load(), refused.Load(), time.Duration(slowest.Load()).Round(time.Millisecond), float64(before)/1e6, float64(after)/1e6)
	if other.Load() > 0 || served.Load() == 0 || after > before+8<<20 {
		t.Errorf("%d answered neither with 200 nor 503, %d served, heap %d and then %d", other.Load(), served.Load(), before, after)
	}
	runtime.KeepAlive(h)
}
