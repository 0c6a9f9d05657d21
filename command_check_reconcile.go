package main

import (
	"fmt"
	"strings"
	"time"

	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/reconcile"
)

// A comparedLine is what `check` shows of a reconciliation. The rows are
// private: they are printed for whoever asks, and are in no other output.
type comparedLine struct {
	probes.Reconciled
	rows []string
}

// rowsShown bounds the table of rows that differ.
const rowsShown = 1000

func comparedOf(c *monitor.Compared) *comparedLine {
	if c == nil {
		return nil
	}
	l := &comparedLine{Reconciled: c.Ledger.Last}
	for i := range c.Seen.Differences {
		if i == rowsShown {
			l.rows = append(l.rows, fmt.Sprintf("and %d more", len(c.Seen.Differences)-i))
			break
		}
		l.rows = append(l.rows, rowWords(&c.Reconciliation.Reconciliation, &c.Seen.Differences[i], c.Ledger.Open[i], c.Ledger.At))
	}
	return l
}

// rowWords is one row that differs, with what each side says.
func rowWords(r *reconcile.Reconciliation, d *reconcile.Difference, e reconcile.Entry, now time.Time) string {
	var words []string
	for i, cell := range d.Raw {
		words = append(words, fmt.Sprintf("%s %s", r.Keys[i].Name, (&reconcile.Rule{}).Show(cell)))
	}
	key := strings.Join(words, ", ")
	switch d.How {
	case reconcile.MissingLeft:
		key += ": missing in " + r.Left
	case reconcile.MissingRight:
		key += ": missing in " + r.Right
	}
	for n, i := range d.Fields {
		rule := &r.Fields[i].Rule
		key += fmt.Sprintf("%s %s is %s in %s, %s in %s", map[bool]string{true: ":", false: ";"}[n == 0], r.Fields[i].Name, rule.Show(d.Left[n]), r.Left, rule.Show(d.Right[n]), r.Right)
	}
	if !r.Counts(e, now) {
		key += " (may be on its way)"
	}
	return key
}

// facts are the counts in a few words.
func (l *comparedLine) facts() string {
	words := fmt.Sprintf("%s %s, %s %s, ", l.Left, count(int(l.LeftRows), "row"), l.Right, count(int(l.RightRows), "row"))
	switch counted, pending := l.Counted.All(), l.Pending.All(); {
	case counted+pending == 0:
		words += "in step"
	case pending == 0:
		words += fmt.Sprintf("%d differ", counted)
	default:
		words += fmt.Sprintf("%d differ, %d may be on their way", counted, pending)
	}
	if l.Partly {
		words += ", a sample"
	}
	if l.Odd > 0 {
		words += fmt.Sprintf(", %s not what the rule says, in %s", count(int(l.Odd), "cell"), l.OddField)
	}
	for _, n := range []struct {
		n    int64
		what string
	}{{l.Twice, "with a key that another has"}, {l.Keyless, "without a key"}} {
		if n.n > 0 {
			words += fmt.Sprintf(", %s %s", count(int(n.n), "row"), n.what)
		}
	}
	return words
}
