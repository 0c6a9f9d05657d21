package sides_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/probes"
	"shapewatch/reconcile"
	"shapewatch/reconcile/sides"
	"shapewatch/reconcile/sides/mariadbtest"
)

// TestMySQL is one server for all that is asked of it.
func TestMySQL(t *testing.T) {
	dsn := mariadbtest.Start(t)
	t.Run("every type means the same", func(t *testing.T) { everyType(t, dsn) })
	t.Run("keys are told apart", func(t *testing.T) { keysApart(t, dsn) })
	t.Run("nothing hides in a digest", func(t *testing.T) { nothingHides(t, dsn) })
	t.Run("what is wrong is told", func(t *testing.T) { wrongTold(t, dsn) })
	t.Run("many rows", func(t *testing.T) { manyRows(t, dsn) })
}

// everyType compares a table of MySQL with one of SQLite that says the same in
// other words, by digests and row by row.
func everyType(t *testing.T, dsn string) {
	mariadbtest.Exec(t, dsn, `CREATE TABLE orders (id bigint unsigned PRIMARY KEY, total decimal(12,4), cents int, state enum('A','C'), paid datetime(6), seen timestamp(3) NULL,
			day date, shipped tinyint(1), note varchar(100) CHARACTER SET utf8mb4, extra json, ratio double, code char(8), raw varbinary(20), updated datetime)`,
		`INSERT INTO orders SELECT 18446744073709549000 + seq, seq * 1.25, seq * 125, IF(seq % 2, 'C', 'A'), '2026-03-29 00:30:00.5' + INTERVAL seq * 7 MINUTE,
			'2026-03-29 00:30:00.25' + INTERVAL seq * 7 MINUTE, '2026-01-01' + INTERVAL seq DAY, seq % 3 = 0, IF(seq % 5 = 0, NULL, CONCAT('Straße 😀 ', seq)),
			JSON_OBJECT('n', seq), seq / 4, CONCAT('c', seq), CONCAT('r', seq), '2026-01-01' + INTERVAL seq HOUR FROM seq_1_to_2000`)
	lite := inSQLite(t, `CREATE TABLE orders (ref TEXT, total TEXT, euros TEXT, state TEXT, paid TEXT, seen TEXT, day TEXT, shipped TEXT, note TEXT, extra TEXT, ratio TEXT, code TEXT, raw TEXT, updated TEXT)`,
		`INSERT INTO orders WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 2000)
			SELECT '', (i * 125 / 100) || '.' || substr('00' || (i * 125 % 100), -2, 2), (i * 125 / 100) || '.' || substr('00' || (i * 125 % 100), -2, 2),
			iif(i % 2, 'C', 'active'), strftime('%Y-%m-%d %H:%M:%S', '2026-03-29 00:30:00', (i * 7) || ' minutes') || '.5', strftime('%Y-%m-%dT%H:%M:%S', '2026-03-29 00:30:00', (i * 7) || ' minutes') || '.250Z',
			date('2026-01-01', i || ' days'), iif(i % 3 = 0, 'true', 'false'), iif(i % 5 = 0, NULL, 'Straße 😀 ' || i), '{"n": ' || i || '}', (i / 4.0), 'c' || i, '\x' || lower(hex('r' || i)), datetime('2026-01-01', i || ' hours') FROM s`,
		"UPDATE orders SET ref = '18446744073709' || substr('000000' || (549000 + rowid), -6, 6)")
	updated := field("updated", reconcile.Rule{As: reconcile.Time})
	r := &reconcile.Reconciliation{
		Left: "shop", Right: "books", Updated: &updated,
		Keys: []reconcile.Field{{Name: "order", Left: "id", Right: "ref"}},
		Fields: []reconcile.Field{
			field("total", reconcile.Rule{As: reconcile.Number}),
			{Name: "cents", Left: "cents", Right: "euros", Rule: reconcile.Rule{As: reconcile.Number, Left: reconcile.SideRule{Minor: 2}}},
			field("state", reconcile.Rule{Left: reconcile.SideRule{Values: map[string]string{"A": "active"}}}),
			field("paid", reconcile.Rule{As: reconcile.Time}), field("seen", reconcile.Rule{As: reconcile.Time, Precision: time.Second}),
			field("day", reconcile.Rule{As: reconcile.Date}), field("shipped", reconcile.Rule{As: reconcile.Boolean}),
			field("note", reconcile.Rule{}), field("extra", reconcile.Rule{}), field("ratio", reconcile.Rule{As: reconcile.Number}),
			field("code", reconcile.Rule{}), field("raw", reconcile.Rule{}),
		},
	}
	compare := func(direct bool) reconcile.Result {
		return compared(t, r, direct, dsn, lite, "SELECT * FROM orders", "SELECT * FROM orders;")
	}
	for _, direct := range []bool{true, false} {
		got := compare(direct)
		if got.Seen.All() != 0 || got.Left.Rows != 2000 || got.Left.Odd+got.Right.Odd != 0 || !got.Left.Newest.Equal(got.Right.Newest) || got.Left.Newest.IsZero() {
			t.Errorf("direct %v: %+v, %v, odd %s, newest %s and %s", direct, got.Seen, found(got)[:min(5, len(found(got)))], got.Left.OddField+got.Right.OddField, got.Left.Newest, got.Right.Newest)
		}
		if !direct && got.Looked != 0 {
			t.Errorf("nothing differs, and %d buckets are read row by row", got.Looked)
		}
	}
	mariadbtest.Exec(t, dsn, "UPDATE orders SET total = total + 0.0001 WHERE id = 18446744073709549007", "DELETE FROM orders WHERE id = 18446744073709549008",
		"UPDATE orders SET paid = paid + INTERVAL 1 MICROSECOND, note = 'strasse 😀 9' WHERE id = 18446744073709549009", "UPDATE orders SET extra = '{\"n\": 0}' WHERE id = 18446744073709549011")
	for _, direct := range []bool{true, false} {
		want := []string{"differs 18446744073709549007 [0]", "differs 18446744073709549009 [3 7]", "differs 18446744073709549011 [8]", "missing-left 18446744073709549008 []"}
		if diff := cmp.Diff(want, found(compare(direct))); diff != "" {
			t.Errorf("direct %v (-want +got):\n%s", direct, diff)
		}
	}
}

// keysApart has keys and texts that the usual collations of MySQL take for
// equal: in case, in accents, in white space at the end, beyond the basic plane.
func keysApart(t *testing.T, dsn string) {
	for i, collation := range []string{"utf8mb4_general_ci", "utf8mb4_unicode_ci", "utf8mb4_bin", "utf8mb4_unicode_520_ci"} {
		left, right := fmt.Sprint("l", i), fmt.Sprint("r", i)
		for _, table := range []string{left, right} {
			mariadbtest.Exec(t, dsn, fmt.Sprintf("CREATE TABLE %s (id varchar(20) COLLATE %s, state varchar(20) COLLATE %s)", table, collation, collation))
		}
		mariadbtest.Exec(t, dsn, "INSERT INTO "+left+" VALUES ('a1','Neu'),('A1','neu'),('á1','x'),('b ','x'),('b','x'),('😀','x'),('c','é'),('d','x\\\\y')",
			"INSERT INTO "+right+" VALUES ('a1','neu'),('A1','neu'),('a1 ','x'),('b','x'),('😁','x'),('c','e'),('d','x\\\\y')")
		r := &reconcile.Reconciliation{Left: "shop", Right: "books", Keys: []reconcile.Field{field("id", reconcile.Rule{})}, Fields: []reconcile.Field{
			field("state", reconcile.Rule{Left: reconcile.SideRule{Values: map[string]string{"neu": "neu", "NEU": "wrong"}}})}}
		want := []string{"differs a1 [0]", "differs c [0]", "missing-left a1  []", "missing-left 😁 []", "missing-right b  []", "missing-right á1 []", "missing-right 😀 []"}
		for _, direct := range []bool{true, false} {
			if diff := cmp.Diff(want, found(compared(t, r, direct, dsn, dsn, "SELECT * FROM "+left, "SELECT * FROM "+right))); diff != "" {
				t.Errorf("%s, direct %v (-want +got):\n%s", collation, direct, diff)
			}
		}
	}
}

// nothingHides has rows that differ only by what a database may lose when it
// writes a value as text: what digests must see too.
func nothingHides(t *testing.T, dsn string) {
	mariadbtest.Exec(t, dsn, "SET sql_mode = ''",
		`CREATE TABLE hl (id binary(4), n decimal(65,0), at datetime(6) NULL, state varchar(10), flag bit(1), b varbinary(10), changed datetime(6))`, "CREATE TABLE hr LIKE hl",
		`INSERT INTO hl VALUES (x'00000001', 1, '2026-01-01', 'B', b'1', x'ff01', '1970-01-02'), (x'ff000002', 10000000000000000000000000000000000000000000000000000000000000001, '2026-01-01', 'B', b'1', 'x', '1970-01-02'), (x'ff000003', 1, '2026-01-01 00:00:00.999999', 'B', b'1', 'x', '2026-01-02'),
			(x'00000004', 1, '0000-00-00', 'B', b'1', 'x', '1970-01-02'), (x'00000005', 1, '2026-01-01', 'A ', b'1', 'x', '1970-01-02'), (x'00000006', 1, '2026-01-01', 'B', b'0', 'x', '1970-01-02'), (x'00000007', 1, NULL, 'A', b'0', 'x', '1969-12-31')`,
		`INSERT INTO hr VALUES (x'00000001', 1, '2026-01-01', 'B', b'1', x'fe01', '1970-01-02'), (x'ff000002', 10000000000000000000000000000000000000000000000000000000000000002, '2026-01-01', 'B', b'1', 'x', '1970-01-02'), (x'ff000003', 1, '2026-01-01 00:00:01', 'B', b'1', 'x', '1970-01-02'),
			(x'00000004', 1, NULL, 'B', b'1', 'x', '1970-01-02'), (x'00000005', 1, '2026-01-01', 'active', b'1', 'x', '1970-01-02'), (x'00000006', 1, '2026-01-01', 'B', b'1', 'x', '1970-01-02'), (x'00000007', 1, NULL, 'active', b'0', 'x', '1969-12-31')`)
	updated := field("changed", reconcile.Rule{As: reconcile.Time})
	r := &reconcile.Reconciliation{Left: "shop", Right: "books", Updated: &updated, Keys: []reconcile.Field{field("id", reconcile.Rule{})}, Fields: []reconcile.Field{
		field("n", reconcile.Rule{As: reconcile.Number}), field("at", reconcile.Rule{As: reconcile.Time, Precision: time.Second}),
		field("state", reconcile.Rule{Left: reconcile.SideRule{Values: map[string]string{"A": "active"}}}), field("flag", reconcile.Rule{As: reconcile.Boolean}), field("b", reconcile.Rule{}),
	}}
	want := []string{"differs \\x00000001 [4]", "differs \\x00000004 [1]", "differs \\x00000005 [2]", "differs \\x00000006 [3]", "differs \\xff000002 [0]", "differs \\xff000003 [1]"}
	for _, direct := range []bool{true, false} {
		got := compared(t, r, direct, dsn, dsn, "SELECT * FROM hl", "SELECT * FROM hr")
		if diff := cmp.Diff(want, found(got)); diff != "" {
			t.Errorf("direct %v (-want +got):\n%s", direct, diff)
		}
		if got.Left.Newest.Format(time.DateOnly) != "2026-01-02" || got.Left.Odd > 1 {
			t.Errorf("direct %v: newest %s, odd %d %s", direct, got.Left.Newest, got.Left.Odd, got.Left.OddField)
		}
	}
}

// wrongTold has queries that the server refuses: when it is asked for types,
// before any row, and while it sums up.
func wrongTold(t *testing.T, dsn string) {
	mariadbtest.Exec(t, dsn, "CREATE TABLE wrong (id int, n int)", "INSERT INTO wrong VALUES (1, 1), (2, 2)")
	r := &reconcile.Reconciliation{Left: "shop", Right: "books", Keys: []reconcile.Field{field("id", reconcile.Rule{})}, Fields: []reconcile.Field{field("n", reconcile.Rule{})}}
	for _, c := range []struct{ query, word string }{
		{"SELECT nope FROM wrong", "nope"},
		{"SELECT id FROM wrong", "Unknown column 'q.n'"},
		{"SELECT * FROM nowhere", "nowhere"},
		{"SELECT id, (SELECT n FROM wrong) AS n FROM wrong", "Subquery returns more than 1 row"},
	} {
		s := side(t, r, false, dsn, c.query)
		for range 2 { // another time: what failed before is not in the way
			if sums, able, err := s.Sums(t.Context(), nil); able || err != nil {
				t.Errorf("%s: summed up as %v, %v", c.query, sums, err)
			}
			err := s.Rows(t.Context(), nil, func([]reconcile.Cell) error { return nil })
			var p *sides.Problem
			if !errors.As(err, &p) || p.Class != probes.Status || !strings.Contains(p.Text, c.word) {
				t.Errorf("%s: %v, want a problem that says %s", c.query, err, c.word)
			}
		}
	}
	twice := side(t, r, false, dsn, "SELECT id, (SELECT n FROM wrong) AS n FROM wrong")
	for range 2 {
		if _, able, err := twice.Sums(t.Context(), nil); able || err != nil {
			t.Errorf("summed up: %v", err)
		}
	}
}

// manyRows finds seeded differences among 200,000 rows by digests, in bounded
// memory, and reads little where nothing differs.
func manyRows(t *testing.T, dsn string) {
	rows := 200_000
	if raced {
		rows = 20_000
	}
	mariadbtest.Exec(t, dsn, fmt.Sprintf(`CREATE TABLE shop AS SELECT CAST(seq AS UNSIGNED) AS id, CAST(seq %% 10007 * 1.25 AS DECIMAL(12,2)) AS total,
			ELT(seq %% 3 + 1, 'new', 'packed', 'sent') AS state, TIMESTAMP('2026-01-01') + INTERVAL seq SECOND AS updated FROM seq_1_to_%d`, rows),
		"CREATE TABLE warehouse AS SELECT CAST(id AS CHAR) AS ref, CAST(total AS DECIMAL(14,4)) AS amount, state, updated FROM shop", "CREATE INDEX ref ON warehouse (ref(20))")
	updated := field("updated", reconcile.Rule{As: reconcile.Time})
	r := &reconcile.Reconciliation{
		Left: "shop", Right: "warehouse", Updated: &updated,
		Keys:   []reconcile.Field{{Name: "order", Left: "id", Right: "ref"}},
		Fields: []reconcile.Field{{Name: "total", Left: "total", Right: "amount", Rule: reconcile.Rule{As: reconcile.Number}}, field("state", reconcile.Rule{})},
	}
	compare := func(direct bool) reconcile.Result {
		t.Helper()
		runtime.GC()
		began, stop := time.Now(), peak()
		result := compared(t, r, direct, dsn, dsn, "SELECT * FROM shop", "SELECT * FROM warehouse")
		memory := stop()
		t.Logf("direct %v: %s, %.1f MiB of memory at most, %.2f + %.2f MiB read, %d of %d buckets, %d differences", direct, time.Since(began).Round(time.Millisecond),
			float64(memory)/(1<<20), float64(result.Left.Read)/(1<<20), float64(result.Right.Read)/(1<<20), result.Looked, reconcile.Buckets, result.Seen.All())
		if memory > 64<<20 {
			t.Errorf("%d bytes of memory", memory)
		}
		return result
	}
	whole, sums := compare(true), compare(false)
	if whole.Seen.All()+sums.Seen.All() != 0 || whole.Left.Rows != int64(rows) || sums.Right.Rows != int64(rows) {
		t.Errorf("nothing differs: %+v, %+v of %d and %d", whole.Seen, sums.Seen, whole.Left.Rows, sums.Right.Rows)
	}
	if ratio := float64(whole.Left.Read+whole.Right.Read) / float64(sums.Left.Read+sums.Right.Read); ratio < 20 && !raced {
		t.Errorf("digests read %.1f times less, want 20", ratio)
	} else {
		t.Logf("digests read %.0f times less", ratio)
	}
	want, seeded := seed(rows)
	mariadbtest.Exec(t, dsn, seeded...)
	if diff := cmp.Diff(want, found(compare(false))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// seed is forty changes of the warehouse, and what they should be found as.
func seed(rows int) (want, statements []string) {
	for i := range 40 {
		id := 1 + i*(rows/40-27)
		switch i % 4 {
		case 0:
			statements = append(statements, fmt.Sprintf("DELETE FROM warehouse WHERE ref = '%d'", id))
			want = append(want, fmt.Sprintf("missing-right %d []", id))
		case 1:
			statements = append(statements, fmt.Sprintf("UPDATE warehouse SET ref = 'x%d' WHERE ref = '%d'", id, id))
			want = append(want, fmt.Sprintf("missing-right %d []", id), fmt.Sprintf("missing-left x%d []", id))
		case 2:
			statements = append(statements, fmt.Sprintf("UPDATE warehouse SET amount = amount + 0.0001 WHERE ref = '%d'", id))
			want = append(want, fmt.Sprintf("differs %d [0]", id))
		case 3:
			statements = append(statements, fmt.Sprintf("UPDATE warehouse SET state = upper(state) WHERE ref = '%d'", id))
			want = append(want, fmt.Sprintf("differs %d [1]", id))
		}
	}
	slices.Sort(want)
	return want, statements
}

func compared(t *testing.T, r *reconcile.Reconciliation, direct bool, left, right, leftQuery, rightQuery string) reconcile.Result {
	t.Helper()
	r.Direct = direct
	result, err := r.Compare(t.Context(), side(t, r, false, left, leftQuery), side(t, r, true, right, rightQuery), 0)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

var _ reconcile.Summing = (*sides.SQLSide)(nil)
