package monitor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts/detectors"
	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/store"
)

// BenchmarkMonitor measures checks of a whole monitor: ask over loopback,
// observe, compare, weigh, learn, fold, commit to bbolt. BenchmarkBareLoop is
// what asking alone costs: read, or decode into any. Both report CPU seconds
// for 1,000 checks and the memory that the process holds. The vendor runs in
// the same process and is in all figures; BenchmarkVendor, with a client that
// does next to nothing, is the most it can be: subtract it.
//
//	go test ./monitor -run '^$' -bench 'Monitor|BareLoop|Vendor' -benchtime 1x
//
// One iteration is 2,000 checks at 2 KB and 200 at 200 KB; -benchtime 5x
// measures longer.
func BenchmarkMonitor(b *testing.B) {
	for _, size := range []int{2 << 10, 200 << 10} {
		for _, n := range []int{100, 1000, 10_000} {
			b.Run(fmt.Sprintf("%dKB/%d", size>>10, n), func(b *testing.B) { benchMonitor(b, size, n) })
		}
	}
}

func benchMonitor(b *testing.B, size, n int) {
	vendor := newBenchVendor(b, size)
	state, err := store.OpenBolt(store.Options{Path: filepath.Join(b.TempDir(), "bench.db"), MaxSize: 4 << 30})
	if err != nil {
		b.Fatal(err)
	}
	defer state.Close()
	done := make(chan struct{}, 1<<16)
	counted := &countedStore{Bolt: state, done: done}
	client := probes.NewClient(probes.Options{})
	defer client.Close()
	m := monitor.New(monitor.Options{
		Store: counted, Asker: client, Detectors: detectors.All(), Log: slog.New(slog.DiscardHandler),
	})
	watches := make([]monitor.Watch, n)
	for i := range watches {
		watches[i] = benchWatch(vendor, i)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err := m.Apply(ctx, watches); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	checks := benchChecks(size)
	wait(done, checks) // connections, first baselines
	measured(b, checks, func() { wait(done, b.N*checks) })
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}

// benchChecks is how many checks one iteration is.
func benchChecks(size int) int { return min(2000, max(200, 4<<20/size)) }

func benchWatch(vendor string, i int) monitor.Watch {
	w := watch(fmt.Sprintf("p%d", i), time.Second) // more than can be done: the monitor is never idle
	w.Probe.URL = vendor + "/" + w.Probe.Name
	w.Probe.AllowPrivate = true
	w.Probe.Limits = probes.HostLimits{PerSecond: 1e6, Concurrent: 64}
	w.Policy.API = w.Probe.API
	return w
}

// A countedStore says when a check is committed, and is never short of work:
// what was checked is due again at once.
type countedStore struct {
	*store.Bolt
	done chan<- struct{}
}

func (s *countedStore) Commit(ctx context.Context, o alerting.Outcome) error {
	o.Next = time.Now()
	if err := s.Bolt.Commit(ctx, o); err != nil {
		return err
	}
	select {
	case s.done <- struct{}{}:
	default: // nobody waits for so many
	}
	return nil
}

func wait(done <-chan struct{}, n int) {
	for range n {
		<-done
	}
}

// measured runs f and reports what it cost.
func measured(b *testing.B, checks int, f func()) {
	runtime.GC()
	b.ResetTimer()
	before := cpu()
	f()
	b.StopTimer()
	total := float64(b.N * checks)
	b.ReportMetric(1000*(cpu()-before).Seconds()/total, "cpu-s/1000")
	b.ReportMetric(total/b.Elapsed().Seconds(), "checks/s")
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(memory.Sys-memory.HeapReleased)/(1<<20), "MiB")
}

func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkBareLoop asks with net/http and 50 at a time, and reads or decodes.
func BenchmarkBareLoop(b *testing.B) {
	for _, size := range []int{2 << 10, 200 << 10} {
		for name, read := range map[string]func(io.Reader) error{"read": discard, "any": decodeAny} {
			b.Run(fmt.Sprintf("%dKB/%s", size>>10, name), func(b *testing.B) {
				vendor := newBenchVendor(b, size)
				client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
				defer client.CloseIdleConnections()
				checks := benchChecks(size)
				measured(b, checks, func() { bareLoop(b, client, vendor, b.N*checks, read) })
			})
		}
	}
}

func bareLoop(b *testing.B, client *http.Client, vendor string, n int, read func(io.Reader) error) {
	var left atomic.Int64
	left.Store(int64(n))
	var workers sync.WaitGroup
	for range 50 {
		workers.Go(func() {
			for left.Add(-1) >= 0 {
				response, err := client.Get(vendor + "/x")
				if err != nil {
					b.Error(err)
					return
				}
				if err := read(response.Body); err != nil {
					b.Error(err)
				}
				response.Body.Close()
			}
		})
	}
	workers.Wait()
}

func discard(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

func decodeAny(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var v any
	return json.Unmarshal(text, &v)
}
