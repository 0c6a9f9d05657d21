package sides

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"shapewatch/probes"
	"shapewatch/reconcile"
)

// defaultPages is how many pages of a list are read at most.
const defaultPages = 1000

// PagesOptions say what is asked, and how one page leads to the next.
type PagesOptions struct {
	Ask     probes.Probe // for the first page; its Paging counts, with 1000 pages when it names no bound
	List    string       // JSON Pointer to the list of a single page; [probes.FindItems] looks for it
	Columns []string     // JSON Pointers within a row
	Asker   probes.Asker
}

// A PagesSide is a list of an API, read page by page.
type PagesSide struct {
	PagesOptions
	meter
}

// Pages returns a side that asks when it is read.
func Pages(o PagesOptions) *PagesSide { return &PagesSide{PagesOptions: o} }

// Close has nothing to end.
func (s *PagesSide) Close() error { return nil }

// paging is how the list is read: all of it, or the one page there is.
func (s *PagesSide) paging() probes.Paging {
	if s.Ask.Paging == nil {
		return probes.Paging{By: probes.ByLink, Items: s.List, Most: 1}
	}
	g := *s.Ask.Paging
	if g.Most == 0 {
		g.Most = defaultPages
	}
	return g
}

// Rows hands over the rows of all pages. A list that is not read to its end is
// an error: what is beyond it would count as missing.
func (s *PagesSide) Rows(ctx context.Context, _ *reconcile.Part, yield func([]reconcile.Cell) error) error {
	cells, places := make([]reconcile.Cell, len(s.Columns)), pointers(s.Columns)
	request, paging := s.Ask, s.paging()
	request.Paging = nil
	var last probes.Page
	for page := range paging.Pages(ctx, s.Asker, request) {
		last = page
		s.bytes.Add(page.Bytes)
		if page.Class != probes.Valid || !page.Listed || page.Broken != "" {
			break
		}
		for _, raw := range page.Items {
			row, err := decoded(raw)
			if err != nil {
				return &Problem{Class: probes.InvalidJSON, Status: page.Status, Text: s.onPage(page, err.Error())}
			}
			pick(row, places, cells)
			if err := yield(cells); err != nil {
				return fmt.Errorf("%w: %w", errOurs, err)
			}
		}
	}
	return s.ended(last, paging)
}

func decoded(raw []byte) (row any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return row, unreadable(d.Decode(&row))
}

// ended says why the list was not read to its end; nil when it was.
func (s *PagesSide) ended(page probes.Page, paging probes.Paging) error {
	p := &Problem{Class: page.Class, Status: page.Status, Text: page.Problem}
	switch {
	case page.Class != probes.Valid:
	case !page.Listed:
		p.Class, p.Text = probes.InvalidJSON, "no list in the answer: say where it is under items"
	case page.Broken != "":
		p.Class, p.Text = probes.Status, page.Broken
	case !page.Last && s.Ask.Paging == nil:
		p.Class, p.Text = probes.OverLimit, "the list has more pages: say how to read them under paginate"
	case !page.Last:
		p.Class, p.Text = probes.OverLimit, fmt.Sprintf("more than %d pages: raise pages under paginate, or reconcile a part", paging.Most)
	default:
		return nil
	}
	p.Text = s.onPage(page, p.Text)
	return p
}

func (s *PagesSide) onPage(page probes.Page, problem string) string {
	if page.Number < 2 {
		return problem
	}
	return fmt.Sprintf("page %d: %s", page.Number, problem)
}
