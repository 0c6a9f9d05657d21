package probes

import (
	"bytes"
	"context"
	"fmt"
	"hash/maphash"
	"math/big"
	"time"
)

// A Paged is what reading a list page by page showed. Its facts need no
// statistics: whoever pages through the list meets the same.
type Paged struct {
	Pages      int
	Items      int    // over all pages
	Whole      bool   // the last page was reached
	Total      int64  // how many there are in all, as the first page says; -1 when it does not
	Asked      int64  // things asked for a page; 0 when the request does not say
	Length     int    // of the pages that were not the last, when all are alike; else 0
	Duplicates int    // things that came on more than one page
	Repeated   int    // the first page that held nothing but what the one before held; 0 for none
	Unordered  string // where the order breaks, in words; empty when it holds or none is configured
	Broken     string // why no page followed although there is one; empty when it did
	BadEnd     string // what is wrong with the last page; empty when nothing is
}

// mostGathered bounds the bytes of all pages of one sample, times MaxBody of
// the probe.
const mostGathered = 4

// Gather reads a list page by page into one sample: its body is that of the
// first page with the things of all pages in the list. A page that is no good
// answer is the sample, with its number before the problem.
func (g Paging) Gather(ctx context.Context, a Asker, p Probe) Sample {
	b := binder{paging: g, seed: maphash.MakeSeed(), seen: map[uint64]int{}, most: mostGathered * p.maxBody()}
	b.facts.Asked = asked(p)
	for page := range g.Pages(ctx, a, p) {
		if !b.add(page) {
			break
		}
	}
	return b.sample()
}

// A binder puts pages together.
type binder struct {
	paging Paging
	facts  Paged
	first  Page
	failed *Page
	items  [][]byte
	bytes  int64
	most   int64
	seed   maphash.Seed
	seen   map[uint64]int // id → page
	order  order
	short  bool          // a page before the last was of another length than the first
	asked  int           // attempts
	took   time.Duration // latency of all pages
}

// add takes one page in; false when no more are wanted.
func (b *binder) add(page Page) bool {
	b.facts.Pages = page.Number
	b.asked += page.Attempts
	b.took += page.Latency
	if page.Number == 1 {
		b.first = page
		b.facts.Total = page.Total
	}
	if page.Class != Valid {
		b.failed = &page
		return false
	}
	if !page.Listed {
		b.facts.BadEnd = "page " + fmt.Sprint(page.Number) + " has no list"
		return false
	}
	b.facts.Broken, b.facts.Whole = page.Broken, page.Last
	b.measure(page)
	b.count(page)
	for i, raw := range page.Items {
		b.order.add(textAt(raw, b.paging.Order), page.Number, i, b.paging.Order != "")
		b.items = append(b.items, raw)
		b.bytes += int64(len(raw)) + 1
	}
	b.facts.Items += len(page.Items)
	return b.bytes <= b.most
}

// measure compares the lengths of the pages that were not the last.
func (b *binder) measure(page Page) {
	switch n := len(page.Items); {
	case page.Last:
	case b.facts.Length == 0 && !b.short:
		b.facts.Length = n
	case n != b.facts.Length:
		b.facts.Length, b.short = 0, true
	}
}

// count tells things apart by their id and finds those that came before.
func (b *binder) count(page Page) {
	if len(page.Items) == 0 {
		return
	}
	onBefore := 0
	for _, raw := range page.Items {
		id := []byte(nil)
		if b.paging.ID != "" {
			id, _, _ = rawAt(raw, b.paging.ID)
		}
		if id == nil {
			id = append([]byte{0}, raw...) // without an id only the same again is the same
		}
		sum := maphash.Bytes(b.seed, id)
		before, again := b.seen[sum]
		if again && before == page.Number-1 {
			onBefore++
		}
		if again && before != page.Number && b.paging.ID != "" {
			b.facts.Duplicates++
		}
		b.seen[sum] = page.Number
	}
	if onBefore == len(page.Items) && page.Number > 1 && b.facts.Repeated == 0 {
		b.facts.Repeated = page.Number
	}
}

// sample is all pages as one answer.
func (b *binder) sample() Sample {
	s := b.first.Sample
	if b.failed != nil {
		s = b.failed.Sample
		if b.failed.Number > 1 {
			s.Problem = fmt.Sprintf("page %d: %s", b.failed.Number, s.Problem)
		}
		return s
	}
	s.Attempts, s.Latency = b.asked, b.took
	b.facts.Unordered = b.order.broken
	if b.first.Listed && b.facts.Pages > 1 {
		s.Body = b.body()
		s.Bytes = int64(len(s.Body))
		s.Asked = 0 // the list is longer than any page
	}
	s.Paged = &b.facts
	return s
}

func (b *binder) body() []byte {
	list := append(append([]byte{'['}, bytes.Join(b.items, []byte{','})...), ']')
	body := append([]byte(nil), b.first.Body[:b.first.from]...)
	return append(append(body, list...), b.first.Body[b.first.to:]...)
}

// order follows by what a list is ordered.
type order struct {
	last         string
	page         int
	rises, falls bool
	broken       string
	begun        bool
}

// add looks at the next value; which way the order goes is what the first two
// that differ say.
func (o *order) add(value string, page, index int, wanted bool) {
	if !wanted || value == "" || o.broken != "" {
		return
	}
	if !o.begun {
		o.begun, o.last, o.page = true, value, page
		return
	}
	way := compareValues(value, o.last)
	switch {
	case way > 0 && o.falls, way < 0 && o.rises:
		o.broken = fmt.Sprintf("entry %d of page %d", index+1, page)
		if page != o.page {
			o.broken = fmt.Sprintf("from page %d to page %d", o.page, page)
		}
	case way != 0:
		o.rises, o.falls = way > 0, way < 0
	}
	o.last, o.page = value, page
}

// compareValues compares numbers as numbers, times as times and all else as
// text.
func compareValues(a, b string) int {
	x, isNumber := new(big.Float).SetString(a)
	y, both := new(big.Float).SetString(b)
	if isNumber && both {
		return x.Cmp(y)
	}
	t, err := time.Parse(time.RFC3339, a)
	u, err2 := time.Parse(time.RFC3339, b)
	if err == nil && err2 == nil {
		return t.Compare(u)
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
