package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"shapewatch/alerting"
	"shapewatch/probes"
	"shapewatch/store"
)

// lingering runs f with as many claims under way, in a bubble of its own.
func lingering(t *testing.T, underWay int, f func(t *testing.T, b *store.Bolt, claims []probes.Claim)) {
	t.Helper()
	folder := fresh(t)
	synctest.Test(t, func(t *testing.T) {
		b, err := store.OpenBolt(folder)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		f(t, b, registered(t, b, underWay))
	})
}

// committing commits in the background; the channel is closed when it is on disk.
func committing(t *testing.T, b *store.Bolt, o alerting.Outcome) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := b.Commit(t.Context(), o); err != nil {
			t.Error(err)
		}
	}()
	synctest.Wait()
	return done
}

func isDone(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

func TestLinger_ChecksWithNothingToTellShareATransaction(t *testing.T) {
	lingering(t, 3, func(t *testing.T, b *store.Bolt, claims []probes.Claim) {
		before := b.Transactions()
		first := committing(t, b, bulky(claims[0], 10))
		if isDone(first) {
			t.Fatal("it did not linger although two more are under way")
		}
		second := committing(t, b, bulky(claims[1], 10))
		<-first
		<-second
		if n := b.Transactions() - before; n != 1 {
			t.Errorf("%d transactions, want one", n)
		}
	})
}

func TestLinger_IsOverWhenSomebodyHasNews(t *testing.T) {
	lingering(t, 3, func(t *testing.T, b *store.Bolt, claims []probes.Claim) {
		began := time.Now()
		first := committing(t, b, bulky(claims[0], 10))
		news := bulky(claims[1], 10)
		news.Incidents = []alerting.Incident{{ID: "inc_1", API: "api1", Version: 1, Condition: alerting.Firing}}
		<-committing(t, b, news)
		<-first
		if took := time.Since(began); took != 0 {
			t.Errorf("news waited %v", took)
		}
	})
}

func TestLinger_ALoneCheckDoesNot(t *testing.T) {
	lingering(t, 1, func(t *testing.T, b *store.Bolt, claims []probes.Claim) {
		began := time.Now()
		<-committing(t, b, bulky(claims[0], 10))
		if took := time.Since(began); took != 0 {
			t.Errorf("it waited %v for nobody", took)
		}
	})
}

// TestLinger_GivesUpWhereNobodyComes: checks that are committed one after the
// other are not slowed down by many that are under way.
func TestLinger_GivesUpWhereNobodyComes(t *testing.T) {
	lingering(t, 400, func(t *testing.T, b *store.Bolt, claims []probes.Claim) {
		began := time.Now()
		for _, c := range claims[:390] {
			<-committing(t, b, bulky(c, 10))
		}
		if took := time.Since(began); took == 0 || took > 12*20*time.Millisecond {
			t.Errorf("390 waited %v together", took)
		}
	})
}

// TestLinger_EndsWithTheStore: what lingers when the store is closed is kept.
func TestLinger_EndsWithTheStore(t *testing.T) {
	lingering(t, 3, func(t *testing.T, b *store.Bolt, claims []probes.Claim) {
		began := time.Now()
		first := committing(t, b, bulky(claims[0], 10))
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		<-first
		if took := time.Since(began); took != 0 {
			t.Errorf("it waited %v although nobody can come", took)
		}
	})
}
