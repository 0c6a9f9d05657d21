package store_test

import (
	"path/filepath"
	"testing"

	"shapewatch/store"
	"shapewatch/store/storetest"
)

func TestBolt(t *testing.T) {
	storetest.Run(t, func(tb testing.TB) storetest.Store { return openBolt(tb, fresh(tb)) })
}

func fresh(tb testing.TB) store.Options {
	return store.Options{Path: filepath.Join(tb.TempDir(), "shapewatch.db"), Keep: storetest.Keep}
}

// openBolt opens a store and closes it at the end of the test.
func openBolt(tb testing.TB, o store.Options) *store.Bolt {
	tb.Helper()
	b, err := store.OpenBolt(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := b.Close(); err != nil {
			tb.Error(err)
		}
	})
	return b
}
