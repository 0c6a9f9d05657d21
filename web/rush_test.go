//go:build unix

package web_test

import (
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A rushed is what became of many requests at a time.
type rushed struct {
	served, refused, other, slowest atomic.Int64
}

func (r *rushed) String() string {
	return fmt.Sprintf("%d served, %d refused, slowest %v", r.served.Load(), r.refused.Load(), time.Duration(r.slowest.Load()).Round(time.Millisecond))
}

var rushedTo = []string{"/", "/apis/vendor-0010", "/incidents", "/incidents/inc_0010", "/api/v1/overview", "/feed.atom", "/metrics"}

// rush asks so many times a second, whether or not what was asked before is
// answered.
func rush(t testing.TB, h http.Handler, perSecond, seconds int) *rushed {
	t.Helper()
	for _, a := range rushedTo {
		if got := get(h, "GET", a); got.Code != http.StatusOK {
			t.Fatalf("%s: %d", a, got.Code)
		}
	}
	var asked sync.WaitGroup
	r := &rushed{}
	ticks := time.NewTicker(time.Second / time.Duration(perSecond))
	defer ticks.Stop()
	for n := range perSecond * seconds {
		<-ticks.C
		asked.Go(func() {
			start := time.Now()
			switch get(h, "GET", rushedTo[n%len(rushedTo)]).Code {
			case http.StatusOK:
				r.served.Add(1)
			case http.StatusServiceUnavailable:
				r.refused.Add(1)
			default:
				r.other.Add(1)
			}
			if took := int64(time.Since(start)); took > r.slowest.Load() {
				r.slowest.Store(took)
			}
		})
	}
	asked.Wait()
	return r
}

// TestPages_StayFlatInARush asks 200 times a second and wants every answer, and
// the memory as it was. With -v it says how long the slowest took.
func TestPages_StayFlatInARush(t *testing.T) {
	const perSecond, seconds, apis = 200, 4, 400
	h := bigWorld(time.Now(), apis).handler()
	rush(t, h, perSecond, 0)
	before := living()
	r := rush(t, h, perSecond, seconds)
	after := living()
	t.Logf("%d APIs, %d a second: %v; heap %.1f MB before, %.1f MB after", apis, perSecond, r, float64(before)/1e6, float64(after)/1e6)
	starved := time.Duration(r.slowest.Load()) > 8*time.Second // a machine on which nothing moves, before a scrape gives up at 10 s: then refusing is right
	if r.other.Load() > 0 || r.refused.Load() > 0 && !starved || after > before+8<<20 {
		t.Errorf("%v, %d answered otherwise; heap %d and then %d", r, r.other.Load(), before, after)
	}
	runtime.KeepAlive(h)
}

// BenchmarkRush asks 2,000 APIs' page 200 times a second, for two seconds an
// iteration.
func BenchmarkRush(b *testing.B) {
	h := wideWorld(time.Now(), 2000).handler()
	rush(b, h, 200, 0)
	var served, refused, slowest int64
	for b.Loop() {
		r := rush(b, h, 200, 2)
		served, refused, slowest = served+r.served.Load(), refused+r.refused.Load(), max(slowest, r.slowest.Load())
	}
	b.ReportMetric(float64(served)/float64(b.N), "served/op")
	b.ReportMetric(float64(refused)/float64(b.N), "refused/op")
	b.ReportMetric(float64(slowest)/1e6, "slowest-ms")
}
