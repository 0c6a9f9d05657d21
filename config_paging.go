package main

import (
	"slices"
	"strings"

	"shapewatch/probes"
)

// pagingBlock says how the rest of a list is asked for.
type pagingBlock struct {
	at                     place
	by                     leaf[string]
	next, param            leaf[string]
	items, total, more, id leaf[string]
	order                  leaf[string]
	first                  leaf[int]
	pages                  leaf[int]
}

var pagingRows = []key[probeBlock]{
	{"paginate", "How to read the rest of a list: page after page up to `pages`, within the limits of the host. What all pages hold is one answer; whether they fit together is checked.", "{ by: cursor, next: /next_cursor, param: cursor }",
		func(b *probeBlock) setting { return in(&b.paging, &pagingKeys) }},
}

var pagingKeys = block[pagingBlock]{
	name: "Paginate", doc: "The next page is asked of the same host only.", fresh: func() (b pagingBlock) { return b }, needs: []string{"by"},
	keys: []key[pagingBlock]{
		{"by", "What leads to the next page: `link`, a Link header; `next`, an address in the answer; `cursor`, a text of the answer that the request gives back; `page` or `offset`, numbers.", "cursor", func(b *pagingBlock) setting {
			return a(&b.by, choice(string(probes.ByLink), string(probes.ByNext), string(probes.ByCursor), string(probes.ByPage), string(probes.ByOffset)))
		}},
		{"next", "Where the answer has the address or cursor; -1 is the last entry of a list. With `next` and `cursor` only.", "/next_cursor", func(b *pagingBlock) setting { return a(&b.next, aPath) }},
		{"param", "Query parameter for cursor, page or offset, or with a / first, a place in the JSON body; named as in `by` when nothing is said.", "starting_after", func(b *pagingBlock) setting { return a(&b.param, aText) }},
		{"first", "Number of the first page or offset: 1 for pages, 0 for offsets when nothing is said.", "0", func(b *pagingBlock) setting { return a(&b.first, aNumber) }},
		{"more", "Where the answer says whether there is more: false, null and 0 are no.", "/has_more", func(b *pagingBlock) setting { return a(&b.more, aPath) }},
		{"items", "Where the list is; the longest near the root when nothing is said.", "/data", func(b *pagingBlock) setting { return a(&b.items, aPath) }},
		{"total", "Where the answer says how many there are in all; held against what the pages hold.", "/meta/total", func(b *pagingBlock) setting { return a(&b.total, aPath) }},
		{"id", "What tells two things of the list apart, within each: the same on two pages is told.", "/id", func(b *pagingBlock) setting { return a(&b.id, aPath) }},
		{"order", "What the list is ordered by, within each: told when it is not.", "/created_at", func(b *pagingBlock) setting { return a(&b.order, aPath) }},
		{"pages", "How many pages are read at most; 5 when nothing is said.", "5", func(b *pagingBlock) setting { return a(&b.pages, aCount) }},
	},
	after: func(r *reader, b *pagingBlock, f fields) { b.at = f.at[""]; r.checkPaging(b, f) },
}

// checkPaging checks that a way of paging has what it needs and no more.
func (r *reader) checkPaging(b *pagingBlock, f fields) {
	inBody := []string{string(probes.ByNext), string(probes.ByCursor)}
	_, says := f.at["next"]
	switch {
	case b.by.text == "":
	case slices.Contains(inBody, b.by.value) && !says:
		r.problem(b.at, "add next: /…, where the answer has it", "%s needs to know where", b.by.value)
	case !slices.Contains(inBody, b.by.value) && says:
		r.problem(f.at["next"], "remove it, or write by: next or by: cursor", "%s reads nothing in the answer", b.by.value)
	}
	for name, of := range map[string][]string{"param": {"cursor", "page", "offset"}, "first": {"page", "offset"}} {
		if at, ok := f.at[name]; ok && b.by.text != "" && !slices.Contains(of, b.by.value) {
			r.problem(at, "it belongs to by: "+strings.Join(of, " or "), "%s has no %s", b.by.value, name)
		}
	}
}

// checkPaged refuses paging of what is no list.
func (r *reader) checkPaged(f fields) {
	at, pages := f.at["paginate"]
	for _, name := range []string{"workflow", "heartbeat", "webhook", "head", "delete"} {
		if _, both := f.at[name]; both && pages {
			r.problem(at, "give the list a probe of its own", "paginate with %s", name)
		}
	}
}

// reading is how a list is read; nil when it is one answer.
func (b *pagingBlock) reading() *probes.Paging {
	if b.by.text == "" {
		return nil
	}
	g := &probes.Paging{
		By: probes.PagingBy(b.by.value), At: b.next.value, Param: b.param.value, First: int64(b.first.value), More: b.more.value,
		Items: b.items.value, Total: b.total.value, ID: b.id.value, Order: b.order.value, Most: b.pages.value,
	}
	if g.Param == "" {
		g.Param = string(g.By)
	}
	if b.items.text == "" {
		g.Items = probes.FindItems
	}
	if g.Items == "/" {
		g.Items = ""
	}
	if b.first.text == "" && g.By == probes.ByPage {
		g.First = 1
	}
	return g
}
