//go:build unix

package web_test

import (
	"runtime"
	"syscall"
	"testing"
	"time"

	"shapewatch/probes"
)

// wideWorld is bigWorld with 90 days of hours, which all APIs of a state share.
func wideWorld(now time.Time, n int) *world {
	w := bigWorld(now, n)
	all := w.probes
	w.probes = []probes.Probe{all[0], all[1]}
	w.remember(now)
	w.probes = all
	for i, p := range all {
		w.hours[p.ID] = w.hours[all[min(i%10, 1)].ID]
	}
	return w
}

func BenchmarkOverview(b *testing.B) {
	h := wideWorld(time.Now(), 2000).handler()
	get(h, "GET", "/") // days that are over are added up once
	spent := cpuTime()
	for b.Loop() {
		get(h, "GET", "/")
	}
	b.ReportMetric((cpuTime()-spent).Seconds()*1000/float64(b.N), "cpu-ms/op")
}

// BenchmarkOperation opens the page of an operation that has learned for 30
// days, all parts of its baseline known from the page before.
func BenchmarkOperation(b *testing.B) {
	now := time.Now()
	w := wideWorld(now, 2000)
	w.live(b, now, 10, 30*oneDay, orders(false), orders(true))
	h := w.handler()
	get(h, "GET", "/apis/vendor-0010")
	spent := cpuTime()
	for b.Loop() {
		get(h, "GET", "/apis/vendor-0010")
	}
	b.ReportMetric((cpuTime()-spent).Seconds()*1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(get(h, "GET", "/apis/vendor-0010").Body.Len())/1000, "KB")
}

// BenchmarkIncident opens the page of an incident, with what was answered over
// 30 days as pictures and as a diff of shapes.
func BenchmarkIncident(b *testing.B) {
	now := time.Now()
	w := wideWorld(now, 2000)
	w.live(b, now, 10, 30*oneDay, orders(false), orders(true))
	h := w.handler()
	address := "/incidents/" + w.incidents[0].ID
	get(h, "GET", address)
	spent := cpuTime()
	for b.Loop() {
		get(h, "GET", address)
	}
	b.ReportMetric((cpuTime()-spent).Seconds()*1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(get(h, "GET", address).Body.Len())/1000, "KB")
}

// BenchmarkSteady serves pages as fast as it can and reports what lives on the
// heap before and after: it must not grow with the number of requests.
func BenchmarkSteady(b *testing.B) {
	h := wideWorld(time.Now(), 2000).handler()
	addresses := []string{"/", "/apis/vendor-0010", "/incidents", "/api/v1/overview", "/feed.atom"}
	for range 50 {
		for _, a := range addresses {
			get(h, "GET", a)
		}
	}
	before := living()
	n := 0
	for b.Loop() {
		get(h, "GET", addresses[n%len(addresses)])
		n++
	}
	b.ReportMetric(float64(before)/1e6, "MB-before")
	b.ReportMetric(float64(living())/1e6, "MB-after")
	runtime.KeepAlive(h)
}

// living is what lives on the heap, without what pools keep for reuse.
func living() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// cpuTime is what this process has spent on processors, which other work on
// the machine does not change.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
