package store_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"shapewatch/probes"
	"shapewatch/store"
	"shapewatch/webhooks"
)

// BenchmarkCommit is group commit: as many outcomes as there are producers are
// under way at once. Compare with BenchmarkUpdate.
func BenchmarkCommit(b *testing.B) {
	for _, producers := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("producers=%d", producers), func(b *testing.B) {
			s := openBolt(b, fresh(b))
			claims := registered(b, s, producers)
			b.ResetTimer()
			var all sync.WaitGroup
			for i, c := range claims {
				all.Go(func() { produce(b, s, c, (b.N+i)/producers) })
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "outcomes/s")
		})
	}
}

// produce commits n outcomes of one probe, one after the other.
func produce(b *testing.B, s *store.Bolt, c probes.Claim, n int) {
	for range n {
		if err := s.Commit(b.Context(), bulky(c, 4<<10)); err != nil {
			b.Error(err)
			return
		}
		c = claimAnother(b, s)
	}
}

func claimAnother(b *testing.B, s *store.Bolt) probes.Claim {
	claims, _, err := s.Claim(b.Context(), time.Now().Add(time.Hour), 1, time.Hour)
	if err != nil || len(claims) != 1 {
		b.Errorf("%d claims, %v", len(claims), err)
		return probes.Claim{}
	}
	return claims[0]
}

// BenchmarkUpdate is what one transaction per outcome would cost: the rows of
// one outcome, without reading, checking or encoding anything.
func BenchmarkUpdate(b *testing.B) {
	s := openBolt(b, fresh(b))
	base, row := make([]byte, 4<<10), make([]byte, 250)
	for i := range b.N {
		err := s.Update(func(tx *bbolt.Tx) error {
			for bucket, value := range map[string][]byte{"baseline": base, "hour": row, "probe": row} {
				if err := tx.Bucket([]byte(bucket)).Put([]byte("api/get"), value); err != nil {
					return err
				}
			}
			return tx.Bucket([]byte("check")).Put(fmt.Appendf(nil, "api/get\x00%08d", i), row)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "outcomes/s")
}

// BenchmarkLatest is the page's first read at 2,000 probes.
func BenchmarkLatest(b *testing.B) {
	s := openBolt(b, fresh(b))
	var all sync.WaitGroup
	for _, c := range registered(b, s, 2000) {
		all.Go(func() {
			if err := s.Commit(b.Context(), bulky(c, 4<<10)); err != nil {
				b.Error(err)
			}
		})
	}
	all.Wait()
	b.ResetTimer()
	for range b.N {
		if latest, err := s.Latest(b.Context()); err != nil || len(latest) != 2000 {
			b.Fatal(len(latest), err)
		}
	}
}

// BenchmarkArrivals keeps events of 700 bytes as the vendor's requests do, from
// 8 and 32 senders. BenchmarkArrivalsFloor is the least it can be: one row and
// nothing else, in transactions that bbolt itself batches.
//
//	go test ./store -run '^$' -bench Arrivals -benchtime 5000x
func BenchmarkArrivals(b *testing.B) {
	for _, senders := range []int{8, 32} {
		b.Run(fmt.Sprintf("%d senders", senders), func(b *testing.B) {
			s := openBolt(b, fresh(b))
			registered(b, s, 1)
			arriving(b, senders, func(i int, body []byte) error {
				_, err := s.KeepArrival(b.Context(), "api0/probe", webhooks.Arrival{ID: fmt.Sprint("evt_", i), Type: "paid", At: time.Now(), Body: body})
				return err
			})
		})
	}
}

// BenchmarkArrivalsFloor puts bare rows with bbolt's own Batch.
func BenchmarkArrivalsFloor(b *testing.B) {
	for _, senders := range []int{8, 32} {
		b.Run(fmt.Sprintf("%d senders", senders), func(b *testing.B) {
			db, err := bbolt.Open(filepath.Join(b.TempDir(), "floor.db"), 0o600, nil)
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			db.MaxBatchDelay = 2 * time.Millisecond
			if err := db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("row")); return err }); err != nil {
				b.Fatal(err)
			}
			arriving(b, senders, func(i int, body []byte) error {
				return db.Batch(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("row")).Put(fmt.Appendf(nil, "%09d", i), body) })
			})
		})
	}
}

// arriving has b.N events kept by senders and reports how fast, and how long
// the slowest hundredth took.
func arriving(b *testing.B, senders int, keep func(i int, body []byte) error) {
	body := bytes.Repeat([]byte(`{"a":1}`), 100)
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range senders {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
				began := time.Now()
				if err := keep(int(i), body); err != nil {
					b.Error(err)
					return
				}
				took[i] = time.Since(began)
			}
		})
	}
	all.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(took[b.N*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
}
