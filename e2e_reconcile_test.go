package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"shapewatch/reconcile/sides/mariadbtest"
	"shapewatch/reconcile/sides/postgrestest"
)

// A shopList is the orders of a shop, in pages of ten.
type shopList struct {
	*httptest.Server
	mu     sync.Mutex
	orders map[int]string // id → state
	broken bool
}

func newShopList(t *testing.T, n int) *shopList {
	s := &shopList{orders: map[int]string{}}
	for id := range n {
		s.orders[4000+id] = "new"
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *shopList) set(id int, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders[id] = state
}

func (s *shopList) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	ids := slices.Sorted(maps.Keys(s.orders))
	from := min(max(page-1, 0)*10, len(ids))
	list := []map[string]any{}
	for _, id := range ids[from:min(from+10, len(ids))] {
		list = append(list, map[string]any{"id": id, "state": s.orders[id], "total_cents": id * 25})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"orders": list, "total": len(ids)}) // the client may have gone
}

// A books is the other side: a database that the test writes to.
type books struct {
	config string // its keys in the file
	exec   func(t *testing.T, statement string)
}

func sqliteBooks(t *testing.T, dir string) books {
	db, err := sql.Open("sqlite", filepath.Join(dir, "books.db"))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return books{"sqlite: books.db", func(t *testing.T, statement string) {
		t.Helper()
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}}
}

func postgresBooks(t *testing.T, _ string) books {
	dsn := postgrestest.Start(t)
	return books{"dsn: \"" + dsn + "\"", func(t *testing.T, statement string) {
		t.Helper()
		postgrestest.Exec(t, dsn, statement)
	}}
}

func mariaBooks(t *testing.T, _ string) books {
	dsn := mariadbtest.Start(t)
	return books{"dsn: \"" + dsn + "\"", func(t *testing.T, statement string) {
		t.Helper()
		mariadbtest.Exec(t, dsn, statement)
	}}
}

const reconcileConfig = `
apis:
  - name: shop
    base: %s
    allow_private: true
    every: 1s
    timeout: 5s
    limits: { per_second: 1000 }
    probes:
      - name: orders
        reconcile:
          left: { name: shop, get: /orders, paginate: { by: page, items: /orders } }
          right: { name: books, %s, query: "SELECT ref, state, total FROM orders" }
          key: [{ name: order, left: id, right: ref }]
          fields:
            - { name: state, ignore_case: true }
            - { name: total, left: /total_cents, right: total, as: number, left_minor: 2 }
          lag: 10s
          repair: { command: [./repair.sh], dry_run: false, limit: 10 }
`

// withoutTimes is a text without what holds any digits by chance: times, and the
// IDs that are made of them.
func withoutTimes(text string) string {
	return regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z|inc_[0-9a-f]+`).ReplaceAllString(text, "")
}

// TestEndToEnd_TellsWhatIsOutOfStep compares the orders of a shop with books
// that lack two, and have another total in one.
func TestEndToEnd_TellsWhatIsOutOfStep(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T, string) books{"SQLite": sqliteBooks, "PostgreSQL": postgresBooks, "MariaDB": mariaBooks} {
		t.Run(name, func(t *testing.T) {
			bin, dir := builtBinary(t), t.TempDir()
			books := open(t, dir)
			shop := newShopList(t, 95)
			books.exec(t, "CREATE TABLE orders (ref varchar(20), state varchar(20), total numeric(12,2))")
			for id := range shop.orders {
				if id != 4010 && id != 4020 {
					books.exec(t, fmt.Sprintf("INSERT INTO orders VALUES ('%d', 'NEW', %d.%02d)", id, id/4, id%4*25))
				}
			}
			books.exec(t, "UPDATE orders SET total = total + 0.01 WHERE ref = '4030'")
			writeFile(t, dir, "shapewatch.yaml", fmt.Sprintf(reconcileConfig, shop.URL, books.config))
			writeFile(t, dir, "repair.sh", "#!/bin/sh\ncat >>handed.json\necho >>handed.json\n")
			if err := os.Chmod(filepath.Join(dir, "repair.sh"), 0o700); err != nil {
				t.Fatal(err)
			}
			s := startServer(t, bin, dir)
			within(t, 60*time.Second, "what is out of step told", func() bool {
				text := incidentsOf(t, s)
				return strings.Contains(text, "2 rows of shop missing in books") && strings.Contains(text, "differs in 1 row of shop and books")
			})
			for _, private := range []string{"4010", "4020", "4030"} {
				if text := withoutTimes(incidentsOf(t, s)); strings.Contains(text, private) {
					t.Errorf("the key of an order is told: %s", text)
				}
			}
			within(t, 30*time.Second, "repair", func() bool {
				handed, _ := os.ReadFile(filepath.Join(dir, "handed.json"))
				return strings.Contains(string(handed), `{"key":{"order":"4010"},"how":"missing-right"}`) &&
					strings.Contains(string(handed), `{"key":{"order":"4030"},"how":"differs","fields":["total"]}`)
			})
			shop.set(4500, "new") // on its way for a second
			time.Sleep(1200 * time.Millisecond)
			books.exec(t, "INSERT INTO orders VALUES ('4500', 'New', 1125.00)")
			books.exec(t, "INSERT INTO orders VALUES ('4010', 'new', 1002.50), ('4020', 'new', 1005.00)")
			books.exec(t, "UPDATE orders SET total = total - 0.01 WHERE ref = '4030'")
			within(t, 60*time.Second, "the end told", func() bool { return strings.Contains(incidentsOf(t, s), `"condition":"resolved"`) })
			text := incidentsOf(t, s)
			s.stop()
			if n := strings.Count(text, `"kind":"opened"`); n != 1 || strings.Contains(text, "3 rows of shop missing") {
				t.Errorf("told %d times: %s", n, text)
			}
			if handed, _ := os.ReadFile(filepath.Join(dir, "handed.json")); strings.Count(string(handed), `"4010"`) != 1 || strings.Contains(string(handed), "4500") {
				t.Errorf("handed over: %s", handed)
			}
		})
	}
}
