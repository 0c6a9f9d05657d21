package main

import (
	encoding "encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ordersConfig writes what the tests of orders watch: a clean-up that looks for
// what it removes, and does not take one order for another.
func ordersConfig(t *testing.T, dir string, shop *shopAndWarehouse, desk *orderDesk) {
	writeFile(t, dir, "shapewatch.yaml", fmt.Sprintf(`
apis:
  - name: shop
    base: %s
    allow_private: true
    every: 1s
    timeout: 1s
    limits: { per_second: 1000 }
    probes:
      - name: order
        workflow:
          - name: create
            post: /orders
            headers: { Idempotency-Key: "${run.key}" }
            json: { ref: "${run.name}" }
            extract: { id: /id }
            makes: "order ${steps.create.id}"
          - { name: packed, get: "/orders/${steps.create.id}", wait: { until: ["/state = packed"], within: 800ms, every: 100ms } }
        cleanup:
          - { name: find, get: /orders, query: { ref: "${run.name}" }, extract: { id: /0/id }, assert: ["/1 missing"] }
          - { name: remove, delete: "/orders/${steps.find.id}" }
alerts:
  channels: [{ name: desk, webhook: { url: %q } }]
`, shop.URL, desk.URL))
}

// TestEndToEnd_TellsEachHalfDoneOrderOnce lets a run meet each fault at each of
// its requests, and wants to hear of each order that is half done once, of no
// other, and of whatever is still there.
func TestEndToEnd_TellsEachHalfDoneOrderOnce(t *testing.T) {
	t.Parallel()
	bin := builtBinary(t)
	for _, fault := range []string{"timeout", "500", "lost", "500 after success", "duplicate"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			shop, desk, dir := newShopAndWarehouse(t), newOrderDesk(t), t.TempDir()
			ordersConfig(t, dir, shop, desk)
			s := startServer(t, bin, dir)
			for _, request := range []string{"create", "packed", "find", "remove"} {
				shop.arm(request, fault)
				within(t, 60*time.Second, "two good runs after a "+fault+" at "+request, func() bool { return shop.after(2) })
				within(t, 30*time.Second, "what is told of it", func() bool { return len(shop.untold(desk)) == 0 || shop.after(6) })
			}
			s.stop()
			if wrong := shop.untold(desk); len(wrong) > 0 {
				t.Errorf("%s\n%s", strings.Join(wrong, "\n"), s.log())
			}
			if messages, incidents := desk.again(); messages+incidents > 0 {
				t.Errorf("%d messages and %d openings came again", messages, incidents)
			}
		})
	}
}

// commits is how many transactions a store file has seen: bbolt writes the
// number of the last one into one of its first two pages.
func commits(path string) (last uint64) {
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer file.Close()
	page := make([]byte, 96)
	for _, at := range []int64{0, int64(os.Getpagesize())} {
		if _, err := file.ReadAt(page, at); err == nil && encoding.LittleEndian.Uint32(page[16:]) == 0xED0CDAED {
			last = max(last, encoding.LittleEndian.Uint64(page[64:]))
		}
	}
	return last
}

// killedAfter starts a server that is killed as soon as its store has seen a
// number of commits.
func killedAfter(t *testing.T, bin, dir string, n uint64) {
	t.Helper()
	s := beginServerAt(t, bin, dir, freeAddress(t))
	defer s.kill()
	file := filepath.Join(dir, "shapewatch.db")
	for end := time.Now().Add(patient(60 * time.Second)); commits(file) < n; {
		if time.Now().After(end) {
			t.Fatalf("%d commits never came: %s", n, s.log())
		}
		time.Sleep(time.Millisecond)
	}
}

// TestEndToEnd_TellsHalfDoneOrdersAfterACrashAtEachCommit kills the server at
// each commit of its store, from the first one of its life until an order that
// is never packed has been told, and wants it told once and cleaned up by the
// next life.
func TestEndToEnd_TellsHalfDoneOrdersAfterACrashAtEachCommit(t *testing.T) {
	t.Parallel()
	bin := builtBinary(t)
	begin := func(t *testing.T) (shop *shopAndWarehouse, desk *orderDesk, dir string) {
		shop, desk, dir = newShopAndWarehouse(t), newOrderDesk(t), t.TempDir()
		ordersConfig(t, dir, shop, desk)
		shop.arm("packed", "stuck")
		return shop, desk, dir
	}
	shop, desk, dir := begin(t)
	s := startServer(t, bin, dir)
	within(t, 60*time.Second, "the order that is never packed", func() bool { return desk.opened() > 0 })
	last := commits(filepath.Join(dir, "shapewatch.db")) + 1 // the last says that it was told
	within(t, 60*time.Second, "two good runs", func() bool { return shop.after(2) })
	s.stop()
	if last < 6 {
		t.Fatalf("%d commits only: that proves nothing", last)
	}
	atOnce := make(chan struct{}, 4)
	for n := uint64(2); n <= last; n++ {
		t.Run(fmt.Sprintf("commit %d of %d", n, last), func(t *testing.T) {
			t.Parallel()
			atOnce <- struct{}{}
			defer func() { <-atOnce }()
			shop, desk, dir := begin(t)
			killedAfter(t, bin, dir, n)
			shop.end()
			s := startServer(t, bin, dir)
			within(t, 60*time.Second, "two good runs", func() bool { return shop.after(2) })
			within(t, 30*time.Second, "good runs or what is told", func() bool { return len(shop.untold(desk)) == 0 || shop.after(6) })
			s.stop()
			if wrong := shop.untold(desk); len(wrong) > 0 {
				t.Errorf("%s\n%s", strings.Join(wrong, "\n"), s.log())
			}
			if messages, incidents := desk.again(); messages > 1 || incidents > 0 {
				t.Errorf("%d messages came again, at most one may; %d incidents opened again", messages, incidents)
			}
		})
	}
}
