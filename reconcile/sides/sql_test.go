package sides_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/reconcile"
	"shapewatch/reconcile/sides"
	"shapewatch/reconcile/sides/postgrestest"
)

// side is a query as one side of a reconciliation.
func side(t testing.TB, r *reconcile.Reconciliation, right bool, dsn, query string) *sides.SQLSide {
	t.Helper()
	s, err := sides.SQL(sides.SQLOptions{
		DSN: dsn, Query: query, Columns: r.Columns(right), Rules: r.Rules(), Keys: len(r.Keys), Updated: r.Updated != nil, Right: right,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func field(name string, rule reconcile.Rule) reconcile.Field {
	return reconcile.Field{Name: name, Left: name, Right: name, Rule: rule}
}

// inSQLite makes a file of statements.
func inSQLite(t testing.TB, statements ...string) (dsn string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "left side.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return "sqlite:" + path
}

func found(r reconcile.Result) (lines []string) {
	for _, d := range r.Differences {
		lines = append(lines, fmt.Sprintf("%s %s %v", d.How, d.Raw[0].Text, d.Fields))
	}
	slices.Sort(lines)
	return lines
}

// TestSQL_MeansTheSameInEveryDatabase compares a table of PostgreSQL with one
// of SQLite that says the same in other words, by digests and row by row.
func TestSQL_MeansTheSameInEveryDatabase(t *testing.T) {
	dsn := postgrestest.Start(t)
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	postgrestest.Exec(t, dsn, `CREATE TABLE orders (id bigint, total_cents bigint, state text, paid timestamptz, day date, shipped boolean, note text, updated timestamp)`,
		`INSERT INTO orders SELECT i, i * 125, CASE WHEN i % 2 = 0 THEN 'A' ELSE 'C' END, timestamptz '2026-03-29 00:30:00.5Z' + i * interval '7 minutes',
			date '2026-01-01' + i, i % 3 = 0, CASE WHEN i % 5 = 0 THEN NULL ELSE 'Straße ' || i END, timestamp '2026-01-01' + i * interval '1 hour' FROM generate_series(1, 3000) i`)
	lite := inSQLite(t, `CREATE TABLE orders ("order no" TEXT, total TEXT, state TEXT, paid TEXT, day TEXT, shipped INTEGER, note TEXT, updated TEXT)`,
		`INSERT INTO orders WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 3000)
			SELECT CAST(i AS TEXT), (i * 125 / 100) || '.' || substr('00' || (i * 125 % 100), -2, 2), iif(i % 2 = 0, 'active', 'C'),
			strftime('%Y-%m-%d %H:%M:%S', '2026-03-29 00:30:00', (i * 7) || ' minutes', iif(datetime('2026-03-29 00:30:00', (i * 7) || ' minutes') >= '2026-03-29 01:00:00', '2 hours', '1 hours')),
			date('2026-01-01', i || ' days'), iif(i % 3 = 0, 1, 0), iif(i % 5 = 0, '', 'STRASSE ' || i), datetime('2026-01-01', i || ' hours') FROM s`)
	updated := field("updated", reconcile.Rule{As: reconcile.Time})
	r := &reconcile.Reconciliation{
		Left: "shop", Right: "books", Updated: &updated,
		Keys: []reconcile.Field{{Name: "order", Left: "id", Right: "order no"}},
		Fields: []reconcile.Field{
			{Name: "total", Left: "total_cents", Right: "total", Rule: reconcile.Rule{As: reconcile.Number, Left: reconcile.SideRule{Minor: 2}}},
			field("state", reconcile.Rule{Left: reconcile.SideRule{Values: map[string]string{"A": "active"}}}),
			field("paid", reconcile.Rule{As: reconcile.Time, Precision: time.Second, Right: reconcile.SideRule{Zone: zone}}),
			field("day", reconcile.Rule{As: reconcile.Date}), field("shipped", reconcile.Rule{As: reconcile.Boolean}),
			field("note", reconcile.Rule{IgnoreCase: true, EmptyIsNull: true}),
		},
	}
	compare := func(direct bool) reconcile.Result {
		t.Helper()
		r.Direct = direct
		result, err := r.Compare(t.Context(), side(t, r, false, dsn, "SELECT * FROM orders;"), side(t, r, true, lite, "SELECT * FROM orders"), 0)
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	for _, direct := range []bool{true, false} {
		if got := compare(direct); got.Seen.All() != 0 || got.Left.Rows != 3000 || got.Left.Odd+got.Right.Odd != 0 || !got.Left.Newest.Equal(got.Right.Newest) || got.Left.Newest.IsZero() {
			t.Errorf("direct %v: %+v, %v, odd %s", direct, got.Seen, found(got)[:min(5, len(found(got)))], got.Left.OddField+got.Right.OddField)
		}
	}
	postgrestest.Exec(t, dsn, "UPDATE orders SET total_cents = total_cents + 1 WHERE id = 7", "DELETE FROM orders WHERE id = 8",
		"UPDATE orders SET paid = paid + interval '1 second', shipped = NOT shipped WHERE id = 9", "INSERT INTO orders (id) VALUES (9000)")
	for _, direct := range []bool{true, false} {
		want := []string{"differs 7 [0]", "differs 9 [2 4]", "missing-left 8 []", "missing-right 9000 []"}
		if diff := cmp.Diff(want, found(compare(direct))); diff != "" {
			t.Errorf("direct %v (-want +got):\n%s", direct, diff)
		}
	}
}

// TestSQL_ChangesNothing has queries that would.
func TestSQL_ChangesNothing(t *testing.T) {
	r := &reconcile.Reconciliation{Keys: []reconcile.Field{field("id", reconcile.Rule{})}}
	lite := inSQLite(t, "CREATE TABLE a (id INTEGER)", "INSERT INTO a VALUES (1)")
	for _, query := range []string{"DELETE FROM a RETURNING id", "SELECT 1 AS id) AS q; DELETE FROM a; SELECT * FROM (SELECT 1 AS id"} {
		_ = side(t, r, false, lite, query).Rows(t.Context(), nil, func([]reconcile.Cell) error { return nil })
	}
	n := 0
	if err := side(t, r, false, lite, "SELECT id FROM a").Rows(t.Context(), nil, func([]reconcile.Cell) error { n++; return nil }); err != nil || n != 1 {
		t.Errorf("%d rows are left: %v", n, err)
	}
}

func TestSQL_SaysWhatIsWrongWithoutASecret(t *testing.T) {
	r := &reconcile.Reconciliation{Keys: []reconcile.Field{field("id", reconcile.Rule{})}}
	lite := inSQLite(t, "CREATE TABLE a (id TEXT)")
	for dsn, says := range map[string]string{
		"postgres://me:canary-1@127.0.0.1:1/x": "refused",
		"mysql://me:canary-1@127.0.0.1:1/x":    "refused",
		"sqlite:/nowhere/canary-1.db":          "unable to open",
		lite:                                   "no such column",
	} {
		err := side(t, r, false, dsn, "SELECT 1 AS x").Rows(t.Context(), nil, func([]reconcile.Cell) error { return nil })
		var problem *sides.Problem
		if !errors.As(err, &problem) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "canary") && !strings.HasPrefix(dsn, "sqlite") {
			t.Errorf("%s: %v", dsn, err)
		}
	}
	if _, err := sides.SQL(sides.SQLOptions{DSN: "oracle://x", Query: "SELECT 1"}); err == nil {
		t.Error("a database that is none of ours is taken")
	}
}

// peak samples the heap until it is stopped.
func peak() (stop func() uint64) {
	var most atomic.Uint64
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), m.HeapInuse+m.StackInuse))
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() uint64 { close(done); <-ended; return most.Load() }
}

// TestSQL_ReconcilesAMillionRows compares two tables of a million rows with a
// hundred seeded differences, row by row and by digests; under the race
// detector, which wants ten times as long, of a hundred thousand.
func TestSQL_ReconcilesAMillionRows(t *testing.T) {
	if testing.Short() {
		t.Skip("a million rows take half a minute")
	}
	rows := int64(1_000_000)
	if raced {
		rows = 100_000
	}
	dsn := postgrestest.Start(t)
	postgrestest.Exec(t, dsn, fmt.Sprintf(`CREATE TABLE shop AS SELECT i AS id, (i %% 10007) * 1.25 AS total, (ARRAY['new','packed','sent'])[i %% 3 + 1] AS state,
			timestamptz '2026-01-01Z' + i * interval '1 second' AS updated FROM generate_series(1, %d) i`, rows),
		`CREATE TABLE warehouse AS SELECT id::text AS ref, total::numeric(14,4) AS amount, state, updated FROM shop`, "CREATE INDEX ON warehouse (ref)")
	updated := field("updated", reconcile.Rule{As: reconcile.Time})
	r := &reconcile.Reconciliation{
		Left: "shop", Right: "warehouse", Updated: &updated,
		Keys: []reconcile.Field{{Name: "order", Left: "id", Right: "ref"}},
		Fields: []reconcile.Field{
			{Name: "total", Left: "total", Right: "amount", Rule: reconcile.Rule{As: reconcile.Number}}, field("state", reconcile.Rule{}),
		},
	}
	compare := func(direct bool) reconcile.Result {
		t.Helper()
		r.Direct = direct
		runtime.GC()
		began, stop := time.Now(), peak()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		result, err := r.Compare(ctx, side(t, r, false, dsn, "SELECT * FROM shop"), side(t, r, true, dsn, "SELECT * FROM warehouse"), 0)
		if err != nil {
			t.Fatal(err)
		}
		memory := stop()
		t.Logf("direct %v: %s, %.1f MiB of memory at most, %.2f + %.2f MiB read, %d of %d buckets, %d differences", direct, time.Since(began).Round(time.Millisecond),
			float64(memory)/(1<<20), float64(result.Left.Read)/(1<<20), float64(result.Right.Read)/(1<<20), result.Looked, reconcile.Buckets, result.Seen.All())
		if memory > 64<<20 {
			t.Errorf("%d bytes of memory", memory)
		}
		return result
	}
	whole, sums := compare(true), compare(false)
	if whole.Seen.All()+sums.Seen.All() != 0 || whole.Left.Rows != rows || sums.Right.Rows != rows {
		t.Errorf("nothing differs: %+v, %+v of %d and %d", whole.Seen, sums.Seen, whole.Left.Rows, sums.Right.Rows)
	}
	if ratio := float64(whole.Left.Read+whole.Right.Read) / float64(sums.Left.Read+sums.Right.Read); ratio < 20 && !raced {
		t.Errorf("digests read %.1f times less, want 20", ratio)
	} else {
		t.Logf("digests read %.0f times less", ratio)
	}
	var want []string
	for i := range 100 {
		id := 1 + int64(i)*(rows/100-27)
		switch i % 4 {
		case 0:
			postgrestest.Exec(t, dsn, fmt.Sprintf("DELETE FROM warehouse WHERE ref = '%d'", id))
			want = append(want, fmt.Sprintf("missing-right %d []", id))
		case 1:
			postgrestest.Exec(t, dsn, fmt.Sprintf("UPDATE warehouse SET ref = 'x%d' WHERE ref = '%d'", id, id))
			want = append(want, fmt.Sprintf("missing-right %d []", id), fmt.Sprintf("missing-left x%d []", id))
		case 2:
			postgrestest.Exec(t, dsn, fmt.Sprintf("UPDATE warehouse SET amount = amount + 0.0001 WHERE ref = '%d'", id))
			want = append(want, fmt.Sprintf("differs %d [0]", id))
		case 3:
			postgrestest.Exec(t, dsn, fmt.Sprintf("UPDATE warehouse SET state = upper(state) WHERE ref = '%d'", id))
			want = append(want, fmt.Sprintf("differs %d [1]", id))
		}
	}
	slices.Sort(want)
	for _, direct := range []bool{true, false} {
		if diff := cmp.Diff(want, found(compare(direct))); diff != "" {
			t.Errorf("direct %v (-want +got):\n%s", direct, diff)
		}
	}
}
