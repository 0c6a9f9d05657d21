package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"shapewatch/probes"
	"shapewatch/store"
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
