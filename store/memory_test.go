package store_test

import (
	"testing"

	"shapewatch/store"
	"shapewatch/store/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(tb testing.TB) storetest.Store {
		m := store.NewMemory(storetest.Keep)
		tb.Cleanup(func() { m.Close() })
		return m
	})
}
