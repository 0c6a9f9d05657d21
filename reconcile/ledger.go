package reconcile

import (
	"cmp"
	"slices"
	"time"

	"shapewatch/probes"
)

// A Ledger is what is remembered of a reconciliation from run to run: which
// differences are followed, and what earlier runs counted. It holds no value; of
// keys it holds those of the first hundred differences, for the page.
type Ledger struct {
	Runs   int               `json:"runs"`             // ever
	Turn   int               `json:"turn"`             // which sample is looked at next
	InStep time.Time         `json:"in_step,omitzero"` // the last run without a difference that counts
	Open   []Entry           `json:"open,omitempty"`   // as [Result.Differences]
	Points []Point           `json:"points,omitempty"` // of the last runs, oldest first
	At     time.Time         `json:"at,omitzero"`      // of the last run
	Last   probes.Reconciled `json:"last"`
}

// An Entry is a difference that is followed.
type Entry struct {
	Name   string    `json:"n"` // "#3f9c0a7b"
	Bucket int       `json:"b"` // of its key
	How    How       `json:"h"`
	Fields []string  `json:"f,omitempty"`
	Since  time.Time `json:"s"`          // the first run that saw it, or the change of the row
	Handed time.Time `json:"r,omitzero"` // to repair
	Key    []string  `json:"k,omitempty"`
}

// A Point is what one run counted.
type Point struct {
	At      time.Time     `json:"t"`
	Counted int64         `json:"c"`
	Behind  time.Duration `json:"b,omitempty"` // how much older the newest row of the right side is; negative for the left
}

const (
	pointsKept = 100
	keysShown  = 100
)

// Judge adds a run to the ledger: differences that were seen first before the
// lag, or whose rows were last changed before it, count. Due is when one of
// those that do not count yet will; zero when there is none.
func (l *Ledger) Judge(r *Reconciliation, seen Result, now time.Time) (next Ledger, due time.Time) {
	before := make(map[string]*Entry, len(l.Open))
	for i := range l.Open {
		before[l.Open[i].Name] = &l.Open[i]
	}
	for i := range seen.Differences {
		next.Open = append(next.Open, entry(r, &seen.Differences[i], before, now))
		delete(before, seen.Differences[i].Name)
	}
	for i := range l.Open {
		if e := &l.Open[i]; before[e.Name] != nil && seen.Sampled != nil && !seen.Sampled.Has(e.Bucket) && len(next.Open) < maxTracked {
			next.Open = append(next.Open, *e) // as it was when it was looked at
		}
	}
	a := accountOf(r, seen)
	fields := map[string]int64{}
	for i := range next.Open {
		e := &next.Open[i]
		if !r.Counts(*e, now) {
			add(&a.Pending, e.How)
			if ripe := e.Since.Add(r.Allowed()); due.IsZero() || ripe.Before(due) {
				due = ripe
			}
			continue
		}
		add(&a.Counted, e.How)
		for _, f := range e.Fields {
			fields[f]++
		}
	}
	a.AtLeast = seen.Seen.All() > int64(len(seen.Differences))
	next.record(l, r, a, seen, fields, now)
	if due.IsZero() {
		next.Turn = l.Turn + 1
	} else {
		next.Turn = l.Turn // the same keys again, until it is clear
	}
	return next, due
}

// Counts reports whether a difference is still there after the lag.
func (r *Reconciliation) Counts(e Entry, now time.Time) bool {
	return !e.Since.Add(r.Allowed()).After(now)
}

// Allowed is how long things may be on their way.
func (r *Reconciliation) Allowed() time.Duration { return cmp.Or(r.Lag, DefaultLag) }

// entry is a difference with when it began. One that differs in another way
// than before begins anew.
func entry(r *Reconciliation, d *Difference, before map[string]*Entry, now time.Time) Entry {
	e := Entry{Name: d.Name, Bucket: d.bucket(), How: d.How, Since: now}
	for _, i := range d.Fields {
		e.Fields = append(e.Fields, r.Fields[i].Name)
	}
	if known := before[d.Name]; known != nil && known.How == e.How && overlap(known.Fields, e.Fields) {
		e.Since, e.Handed = known.Since, known.Handed
	}
	if !d.Changed.IsZero() && d.Changed.Before(e.Since) {
		e.Since = d.Changed
	}
	for _, cell := range d.Raw {
		e.Key = append(e.Key, cell.Text)
	}
	return e
}

// overlap reports whether one of the fields that differed still does.
func overlap(was, is []string) bool {
	return len(was) == 0 && len(is) == 0 || slices.ContainsFunc(is, func(f string) bool { return slices.Contains(was, f) })
}

func add(d *probes.Differences, how How) {
	switch how {
	case MissingLeft:
		d.MissingLeft++
	case MissingRight:
		d.MissingRight++
	default:
		d.Differing++
	}
}

// accountOf is what can be said of a run without those before it.
func accountOf(r *Reconciliation, seen Result) probes.Reconciled {
	return probes.Reconciled{
		Left: r.Left, Right: r.Right, LeftRows: seen.Left.Rows, RightRows: seen.Right.Rows,
		LeftRead: seen.Left.Read, RightRead: seen.Right.Read, Lag: r.Allowed(), Tolerate: r.Tolerate,
		Twice: seen.Left.Twice + seen.Right.Twice, Keyless: seen.Left.Keyless + seen.Right.Keyless,
		Odd: seen.Left.Odd + seen.Right.Odd, OddField: cmp.Or(seen.Left.OddField, seen.Right.OddField),
		Partly: seen.Sampled != nil, Looked: (seen.Looked*100 + Buckets - 1) / Buckets,
		LeftNewest: seen.Left.Newest.UTC(), RightNewest: seen.Right.Newest.UTC(),
	}
}

// record completes the account by what runs before this one showed.
func (next *Ledger) record(l *Ledger, r *Reconciliation, a probes.Reconciled, seen Result, fields map[string]int64, now time.Time) {
	next.Runs, next.At = l.Runs+1, now.UTC()
	a.Runs, a.InStep = next.Runs, l.InStep
	if next.InStep = l.InStep; a.Counted.All() <= r.Tolerate {
		next.InStep = now.UTC()
	}
	for i, f := range seen.Fields {
		agreement := probes.FieldAgreement{Name: f.Name, Counted: fields[f.Name]}
		if agreement.Counted > r.Tolerate {
			agreement.Stopped, agreement.Before, agreement.Then = seen.Fields[i].stopped()
		}
		a.Fields = append(a.Fields, agreement)
	}
	point := Point{At: now.UTC(), Counted: a.Counted.All()}
	if !a.LeftNewest.IsZero() && !a.RightNewest.IsZero() {
		if point.Behind = a.LeftNewest.Sub(a.RightNewest); point.Behind > 0 {
			a.Late = r.Right
		} else if point.Behind < 0 {
			a.Late = r.Left
		}
	}
	points := append(l.Points[:len(l.Points):len(l.Points)], point)
	next.Points = points[max(0, len(points)-pointsKept):]
	a.Apart = trend(next.Points, func(p Point) float64 { return float64(p.Counted) })
	a.Behind = trend(next.Points, func(p Point) float64 { return abs(p.Behind.Seconds()) })
	next.Last = a
	for i := range next.Open {
		if i >= keysShown {
			next.Open[i].Key = nil
		}
	}
}

func abs(x float64) float64 { return max(x, -x) }
