package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"shapewatch/reconcile"
)

// A table is a side in memory.
type table struct {
	rows [][]string // "\x00" is null
	err  error
	read int64
}

func (s *table) Rows(_ context.Context, part *reconcile.Part, yield func([]reconcile.Cell) error) error {
	for _, row := range s.rows {
		var cells []reconcile.Cell
		for _, text := range row {
			s.read += int64(len(text))
			cells = append(cells, cellOf(text))
		}
		if part != nil && !part.Has(reconcile.BucketOf(reconcile.AppendKey(nil, cells[:1]))) {
			continue
		}
		if err := yield(cells); err != nil {
			return err
		}
	}
	return s.err
}

func cellOf(text string) reconcile.Cell {
	if text == "\x00" {
		return reconcile.Cell{State: reconcile.Null}
	}
	return reconcile.Cell{Text: text}
}

func (s *table) Read() int64 { return s.read }

// A summing is a table that sums itself up, of one key and the columns after it.
type summing struct{ table }

func (s *summing) Sums(ctx context.Context, part *reconcile.Part) (*reconcile.Sums, bool, error) {
	var sums reconcile.Sums
	err := s.Rows(ctx, part, func(cells []reconcile.Cell) error {
		key := reconcile.AppendKey(nil, cells[:1])
		sums.Of[reconcile.BucketOf(key)].Add(reconcile.HashOf(reconcile.AppendKey(nil, cells)))
		return nil
	})
	s.read = int64(reconcile.Buckets) // as if it had been done elsewhere
	return &sums, true, err
}

func orders() *reconcile.Reconciliation {
	return &reconcile.Reconciliation{
		Left: "shop", Right: "warehouse",
		Keys: []reconcile.Field{{Name: "id"}}, Fields: []reconcile.Field{{Name: "state"}, {Name: "total"}},
		Memory: 4 << 10,
	}
}

func compared(t interface{ Fatal(...any) }, r *reconcile.Reconciliation, left, right reconcile.Side) reconcile.Result {
	result, err := r.Compare(context.Background(), left, right, 0)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// told is what a comparison found, in a line each.
func told(r reconcile.Result) (lines []string) {
	for _, d := range r.Differences {
		lines = append(lines, fmt.Sprint(d.How, d.Raw, d.Fields))
	}
	slices.Sort(lines)
	return lines
}

// written is a row's cells as they are hashed.
func written(row []string) string {
	var text []byte
	for _, cell := range row[1:] {
		text = reconcile.AppendCell(text, cellOf(cell))
	}
	return string(text)
}

// naive is the same by maps: of the rows of a key the one with the least cells,
// as they are written for hashing, counts.
func naive(left, right [][]string) (lines []string) {
	index := func(rows [][]string) map[string][]string {
		m := map[string][]string{}
		for _, row := range rows {
			if known, twice := m[row[0]]; row[0] != "\x00" && (!twice || written(row) < written(known)) {
				m[row[0]] = row
			}
		}
		return m
	}
	l, r := index(left), index(right)
	raw := func(key string) []reconcile.Cell { return []reconcile.Cell{{Text: key}} }
	for key := range maps.Keys(l) {
		var differ []int
		other, there := r[key]
		if !there {
			lines = append(lines, fmt.Sprint(reconcile.MissingRight, raw(key), []int(nil)))
			continue
		}
		for i := range 2 {
			if l[key][i+1] != other[i+1] {
				differ = append(differ, i)
			}
		}
		if differ != nil {
			lines = append(lines, fmt.Sprint(reconcile.Differs, raw(key), differ))
		}
	}
	for key := range maps.Keys(r) {
		if _, there := l[key]; !there {
			lines = append(lines, fmt.Sprint(reconcile.MissingLeft, raw(key), []int(nil)))
		}
	}
	slices.Sort(lines)
	return lines
}

// TestCompare_FindsWhatMapsFind draws both sides in any order, with keys twice
// and without, so small a memory that rows go to the file, and wants all ways of
// comparing to find the same.
func TestCompare_FindsWhatMapsFind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.Custom(func(t *rapid.T) []string {
			return []string{
				rapid.OneOf(rapid.StringMatching(`[a-f]{1,3}`), rapid.Just("\x00")).Draw(t, "key"),
				rapid.SampledFrom([]string{"new", "packed", "\x00", ""}).Draw(t, "state"),
				rapid.StringMatching(`[0-9]{1,2}`).Draw(t, "total"),
			}
		})
		left := rapid.SliceOfN(row, 0, 300).Draw(t, "left")
		right := rapid.SliceOfN(row, 0, 300).Draw(t, "right")
		right = append(right, left[:len(left)/2]...)
		want := naive(left, right)
		for name, sides := range map[string][2]reconcile.Side{
			"both read":           {&table{rows: left}, &table{rows: right}},
			"one summed up":       {&summing{table{rows: left}}, &table{rows: right}},
			"the other summed up": {&table{rows: left}, &summing{table{rows: right}}},
			"both summed up":      {&summing{table{rows: left}}, &summing{table{rows: right}}},
		} {
			got := compared(t, orders(), sides[0], sides[1])
			if diff := cmp.Diff(want, told(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			if got.Seen.All() != int64(len(want)) || got.Left.Rows != int64(len(left)) || got.Right.Rows != int64(len(right)) {
				t.Errorf("%s: %+v of %d and %d rows", name, got.Seen, got.Left.Rows, got.Right.Rows)
			}
		}
	})
}

// many are rows, the same on each call, and a function that changes some.
func many(n int, change func(i int, row []string) []string) (rows [][]string) {
	for i := range n {
		if row := change(i, []string{fmt.Sprint("o-", i), "packed", fmt.Sprint(i % 97)}); row != nil {
			rows = append(rows, row)
		}
	}
	return rows
}

func same(_ int, row []string) []string { return row }

func TestCompare_ReadsNoRowWhereDigestsAgree(t *testing.T) {
	left, right := &summing{table{rows: many(20_000, same)}}, &summing{table{rows: many(20_000, same)}}
	r := orders()
	got := compared(t, r, left, right)
	if got.Looked != 0 || got.Left.Read != reconcile.Buckets || got.Seen.All() != 0 || got.Left.Rows != 20_000 {
		t.Errorf("%d buckets, %d bytes read, %+v", got.Looked, got.Left.Read, got.Seen)
	}
	right.rows[77][2] = "canary"
	if got = compared(t, r, left, right); got.Looked != 1 || len(got.Differences) != 1 || got.Differences[0].Raw[0].Text != "o-77" {
		t.Errorf("%d buckets, %+v", got.Looked, got.Differences)
	}
}

func TestCompare_SamplesEveryKeyOnceInATurn(t *testing.T) {
	r := orders()
	r.Sample = 0.25
	right := many(4000, func(i int, row []string) []string {
		if i%100 == 0 {
			return nil
		}
		return row
	})
	found := map[string]int{}
	for run := range 4 {
		result, err := r.Compare(t.Context(), &table{rows: many(4000, same)}, &table{rows: right}, run)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range result.Differences {
			found[d.Raw[0].Text]++
		}
		if result.Left.Rows > 1500 || result.Left.Rows == 0 {
			t.Errorf("run %d looked at %d rows", run, result.Left.Rows)
		}
	}
	if len(found) != 40 {
		t.Errorf("%d differences found, want 40", len(found))
	}
	for key, n := range found {
		if n != 1 {
			t.Errorf("%s found %d times", key, n)
		}
	}
}

func TestCompare_SaysWhichSideCannotBeRead(t *testing.T) {
	_, err := orders().Compare(t.Context(), &table{}, &table{err: errors.New("refused")}, 0)
	var side *reconcile.SideError
	if !errors.As(err, &side) || side.Side != "warehouse" || err.Error() != "warehouse: refused" {
		t.Errorf("error: %v", err)
	}
}

// TestLedger_CountsWhatIsStillThereAfterTheLag follows one order that arrives
// late, one that never does and one that is repaired.
func TestLedger_CountsWhatIsStillThereAfterTheLag(t *testing.T) {
	r, at := orders(), time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	r.Lag = 10 * time.Minute
	without := func(keys ...string) [][]string {
		return many(200, func(_ int, row []string) []string {
			if slices.Contains(keys, row[0]) {
				return nil
			}
			return row
		})
	}
	var ledger reconcile.Ledger
	for i, step := range []struct {
		after            time.Duration
		right            [][]string
		counted, pending int64
		due              time.Duration
	}{
		{0, without(), 0, 0, 0},
		{0, without("o-1", "o-2"), 0, 2, 10 * time.Minute},
		{9 * time.Minute, without("o-1"), 0, 1, time.Minute},
		{time.Minute, without("o-1", "o-3"), 1, 1, 10 * time.Minute},
		{20 * time.Minute, without(), 0, 0, 0},
		{time.Minute, without("o-1"), 0, 1, 10 * time.Minute},
	} {
		at = at.Add(step.after)
		seen := compared(t, r, &table{rows: without()}, &table{rows: step.right})
		next, due := ledger.Judge(r, seen, at)
		a := next.Last
		if a.Counted.All() != step.counted || a.Pending.All() != step.pending {
			t.Errorf("step %d: %+v count, %+v pending", i, a.Counted, a.Pending)
		}
		if want := at.Add(step.due); step.due > 0 && !due.Equal(want) || step.due == 0 && !due.IsZero() {
			t.Errorf("step %d: due %s after the run", i, due.Sub(at))
		}
		ledger = next
	}
}

// TestLedger_FindsTheDay has a field that is written in another way from the
// 20th day on, and a ledger whose counts rise.
func TestLedger_FindsTheDay(t *testing.T) {
	first := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	r := orders()
	r.Updated = &reconcile.Field{Name: "updated", Rule: reconcile.Rule{As: reconcile.Time}}
	rows := func(broken int) [][]string {
		return many(300, func(i int, row []string) []string {
			if i >= broken && i%5 != 0 {
				row[1] = strings.ToUpper(row[1])
			}
			return append(row, first.AddDate(0, 0, i/10).Format(time.RFC3339))
		})
	}
	ledger, _ := (&reconcile.Ledger{}).Judge(r, compared(t, r, &table{rows: rows(300)}, &table{rows: rows(190)}), first.AddDate(0, 2, 0))
	state, total := ledger.Last.Fields[0], ledger.Last.Fields[1]
	if want := time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC); !state.Stopped.Equal(want) || state.Counted != 88 {
		t.Errorf("%d differ since %s, want 88 since %s", state.Counted, state.Stopped, want)
	}
	if state.Before.Differ != 0 || state.Then.Of != 110 || state.Then.Differ != 88 || !total.Stopped.IsZero() || total.Counted != 0 {
		t.Errorf("%+v, %+v", state, total)
	}
	if ledger.Last.LeftNewest.IsZero() || len(ledger.Open[0].Key) != 1 {
		t.Errorf("%+v", ledger.Last)
	}
}

func TestLedger_ReadsTrends(t *testing.T) {
	r, at := orders(), time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	r.Lag = time.Second
	for name, rises := range map[string]bool{"rising": true, "steady": false} {
		var ledger reconcile.Ledger
		for run := range 20 {
			n := 40
			if rises {
				n = 10 * run
			}
			right := many(1000, func(i int, row []string) []string {
				if i < n {
					return nil
				}
				return row
			})
			ledger, _ = ledger.Judge(r, compared(t, r, &table{rows: many(1000, same)}, &table{rows: right}), at.Add(time.Duration(run)*time.Hour))
		}
		apart := ledger.Last.Apart
		if apart.Rises != rises || rises && (apart.PerHour < 9 || apart.PerHour > 11) || apart.Runs != 20 {
			t.Errorf("%s: %+v", name, apart)
		}
	}
}
