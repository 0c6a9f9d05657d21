package probes

import (
	"context"
	"encoding/json"
	"iter"
	"strconv"
	"time"
)

// A Paging says how the rest of a list is asked for, and what in it can be
// checked.
type Paging struct {
	By    PagingBy
	At    string // JSON Pointer to the next address or cursor; -1 is the last entry of a list: "/data/-1/id". Only By next and cursor
	Param string // query parameter that carries cursor, page or offset, or a JSON Pointer into the request's body; By cursor, page and offset
	First int64  // number of the first page or offset
	More  string // JSON Pointer to what says whether there is more; empty when nothing does
	Items string // JSON Pointer to the list, "" for the whole body; [FindItems] looks for it
	Total string // JSON Pointer to how many there are in all; empty when nothing says so
	ID    string // JSON Pointer to what tells two things of the list apart; empty when nothing does
	Order string // JSON Pointer to what the list is ordered by; empty for none
	Most  int    // pages read at a time; 0 means [DefaultPages]
}

// A PagingBy is one way of asking for the next page.
type PagingBy string

// The ways.
const (
	ByLink   PagingBy = "link"   // a Link header with rel="next" (RFC 8288)
	ByNext   PagingBy = "next"   // an address in the body
	ByCursor PagingBy = "cursor" // a text in the body, given back in the request
	ByPage   PagingBy = "page"   // a number that counts pages
	ByOffset PagingBy = "offset" // a number that counts what was read
)

// FindItems stands for a list that is looked for: the body itself, or the
// longest list in it that is no deeper than two keys.
const FindItems = "?"

// Bounds of paging.
const (
	DefaultPages = 5
	mostPages    = 100_000
)

// Longest is how long asking a probe may take, without waiting for its host's
// budget: its timeout for each page.
func (p Probe) Longest() time.Duration {
	if p.Paging == nil {
		return p.Timeout + p.listens()
	}
	return p.timeout() * time.Duration(p.Paging.most())
}

// An Asker asks a probe once; [Client] is the one that does it for real.
type Asker interface {
	Do(ctx context.Context, p Probe) Sample
}

// A Page is one page of a list.
type Page struct {
	Sample
	Number int               // from 1
	Items  []json.RawMessage // what the list holds; nil when there is no list
	Listed bool              // there is a list, be it empty
	Total  int64             // how many there are in all, as the answer says; -1 when it does not
	Last   bool              // there is no page after it
	Broken string            // why no page follows although there is one: a sentence without values
	from   int               // where in the body the list begins and ends; meaningless when not Listed
	to     int
}

// Pages asks page after page until the last, the first that is no good answer,
// one after which there is no way on, or the most that are to be read. Each is
// asked through a, with its budgets and guards; the request for the next page
// never leaves the probe's origin. Stop reading to stop asking.
func (g Paging) Pages(ctx context.Context, a Asker, p Probe) iter.Seq[Page] {
	return func(yield func(Page) bool) {
		r := pageReader{Paging: g, first: p, size: asked(p), seen: map[string]bool{}}
		request := p
		for number := 1; number <= r.most(); number++ {
			page := r.read(a.Do(ctx, request), number)
			next, more := r.next(request, &page)
			page.Last = !more && page.Broken == ""
			if !yield(page) || !more || ctx.Err() != nil {
				return
			}
			request = next
		}
	}
}

// A pageReader is one reading of a list on its way.
type pageReader struct {
	Paging
	first Probe
	size  int64           // things asked for a page; 0 when the request does not say
	count int64           // things read so far
	seen  map[string]bool // cursors and addresses that were followed
}

func (g Paging) most() int {
	if g.Most <= 0 {
		return DefaultPages
	}
	return min(g.Most, mostPages)
}

// read understands one answer as a page.
func (r *pageReader) read(s Sample, number int) Page {
	page := Page{Sample: s, Number: number, Total: -1}
	if s.Class != Valid {
		return page
	}
	at := r.Items
	if at == FindItems {
		at = findList(s.Body)
	}
	if raw, from, ok := rawAt(s.Body, at); ok && len(raw) > 0 && raw[0] == '[' && json.Unmarshal(raw, &page.Items) == nil {
		page.Listed, page.from, page.to = true, from, from+len(raw)
	}
	r.count += int64(len(page.Items))
	if raw, _, ok := rawAt(s.Body, r.Total); ok && r.Total != "" {
		if n, err := strconv.ParseInt(unquoted(raw), 10, 64); err == nil {
			page.Total = n
		}
	}
	return page
}
