package sides_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"shapewatch/reconcile/sides"
)

// A word is what an event says of a row, and when what it says was so.
type word struct {
	id    int
	at    time.Time
	gone  bool
	dated bool // whether an end has its time in its body, or only its event has
}

func (w word) tell(k *kept, o *sides.WebhookOptions, now time.Time) {
	switch stamp := w.at.UTC().Format(time.RFC3339Nano); {
	case !w.gone:
		k.takeAt(o, "order.changed", fmt.Sprintf(`{"data":{"id":"%d","state":"%s","at":%q}}`, w.id, w.at.Format("05.000000"), stamp), now, w.at)
	case w.dated:
		k.takeAt(o, "order.deleted", fmt.Sprintf(`{"data":{"id":"%d","at":%q}}`, w.id, stamp), now, w.at)
	default:
		k.takeAt(o, "order.deleted", fmt.Sprintf(`{"data":{"id":"%d"}}`, w.id), now, w.at.Truncate(time.Second))
	}
}

// there is what the rows of a book are, by key.
func (k *kept) there() map[string]string {
	rows := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(k.rows)) {
		rows[fmt.Sprintf("%x", key)] = string(k.rows[key].Row)
	}
	return rows
}

// TestPost_GivesTheSameRowsInAnyOrder has each thing change and end, seconds
// apart, and its events come in any order, some of them twice.
func TestPost_GivesTheSameRowsInAnyOrder(t *testing.T) {
	begin := time.Date(2026, 3, 2, 12, 0, 0, 123456000, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		_, o := announced()
		var words []word
		for i := range rapid.IntRange(1, 12).Draw(t, "words") {
			words = append(words, word{
				id: rapid.IntRange(1, 3).Draw(t, "id"), at: begin.Add(time.Duration(i) * 2 * time.Second),
				gone: rapid.Bool().Draw(t, "gone"), dated: rapid.Bool().Draw(t, "dated"),
			})
		}
		inOrder, anyOrder := &kept{}, &kept{}
		for _, w := range words {
			w.tell(inOrder, &o, w.at)
		}
		again := rapid.SliceOfN(rapid.SampledFrom(words), 0, 4).Draw(t, "again")
		for i, w := range rapid.Permutation(slices.Concat(words, again)).Draw(t, "order") {
			w.tell(anyOrder, &o, begin.Add(time.Hour+time.Duration(i)*time.Second))
		}
		if diff := cmp.Diff(inOrder.there(), anyOrder.there()); diff != "" {
			t.Fatalf("in another order (-as it happened +as it came):\n%s", diff)
		}
	})
}

// TestPost_KeepsAwayWhatIsOlderThanAnEnd has an end come that nothing dates:
// neither its body nor its event. Then it counts from when it came.
func TestPost_KeepsAwayWhatIsOlderThanAnEnd(t *testing.T) {
	at := func(minutes int) time.Time { return time.Date(2026, 3, 2, 12, minutes, 0, 0, time.UTC) }
	changed := func(minutes int) string {
		return fmt.Sprintf(`{"data":{"id":"a","state":"s%d","at":%q}}`, minutes, at(minutes).Format(time.RFC3339))
	}
	for name, c := range map[string]struct {
		before, after int // minutes of the words before and after an end at minute 5; 0 for none
		there         bool
	}{
		"nothing before, an older word after":           {0, 3, false},
		"a word before, one between it and the end":     {1, 3, false},
		"a word before, a newer one after":              {1, 8, true},
		"nothing before, a newer one after":             {0, 8, true},
		"a clock of theirs that is ahead, an older one": {7, 6, false},
	} {
		_, o := announced()
		k := &kept{}
		if c.before > 0 {
			k.takeAt(&o, "order.created", changed(c.before), at(2), time.Time{})
		}
		k.takeAt(&o, "order.deleted", `{"data":{"id":"a"}}`, at(5), time.Time{})
		k.takeAt(&o, "order.changed", changed(c.after), at(9), time.Time{})
		for _, row := range k.there() {
			if (row != "") != c.there {
				t.Errorf("%s: there %t, want %t", name, row != "", c.there)
			}
		}
	}
}
