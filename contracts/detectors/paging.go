package detectors

import (
	"fmt"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// ofPages completes a detector that looks at how a list was read page by page.
// A list that grows while it is read can look odd once: three of five must.
func ofPages(d contracts.Detector, look func(*probes.Paged) (was, now string)) contracts.Detector {
	d.Rule = contracts.Rule{Votes: true, Aside: true}
	d.Detect = func(c *contracts.Comparison) []contracts.Finding {
		if c.Observation.Paged == nil {
			return nil
		}
		was, now := look(c.Observation.Paged)
		if now == "" {
			return nil
		}
		return []contracts.Finding{{Path: c.Observation.Signals.ItemsPath, Was: was, Now: now, Evidence: whole(c)}}
	}
	return d
}

func pagingBroken() contracts.Detector {
	return ofPages(contracts.Detector{
		Name: "paging-broken", Severity: contracts.Breaking,
		Doc: `A list cannot be read to its end

**What it means for you.** Whoever reads this list page by page gets the first page again and again, or stops early and takes a part for the whole.

**A real one.** A vendor renames ` + "`page`" + ` to ` + "`page_number`" + `: the old name is ignored, every page is the first, and an import that stops at an empty page never stops.

**How it decides.** With ` + "`paginate`" + `, in three of the last five checks: a page held nothing but what the page before held; the next page's cursor or address was one that was read before, or led to another host; or a page had no list.

**Tuning.** ` + "`paginate: {pages: …}`" + ` says how far it looks.`,
	}, func(p *probes.Paged) (was, now string) {
		was = "each page is followed by the next"
		switch {
		case p.Repeated > 0:
			return was, fmt.Sprintf("page %d is the page before once more: what asks for the next page is ignored", p.Repeated)
		case p.Broken != "":
			return was, fmt.Sprintf("after page %d: %s", p.Pages, p.Broken)
		case p.BadEnd != "":
			return was, p.BadEnd
		}
		return "", ""
	})
}

func pagingIncomplete() contracts.Detector {
	return ofPages(contracts.Detector{
		Name: "paging-incomplete", Severity: contracts.Warning,
		Doc: `The pages of a list do not add up

**What it means for you.** Things are missing from what you read, or come twice: sums are wrong, and mails go out two times.

**A real one.** A list ordered by a time that many rows share: the order among them changes from page to page, and at each border some are skipped and some repeated.

**How it decides.** With ` + "`paginate`" + `, in three of the last five checks: the same ` + "`id`" + ` came on two pages, or all pages together held another number than the answer's ` + "`total`" + `. A list that grows while it is read does so once, not in three of five.

**Tuning.** ` + "`paginate: {id: …, total: …}`" + `; ` + "`ignore: [{kind: paging-incomplete}]`" + ` for a list that never stands still.`,
	}, func(p *probes.Paged) (was, now string) {
		switch {
		case p.Repeated > 0 || p.Broken != "" || p.BadEnd != "":
			return "", ""
		case p.Duplicates > 0:
			return "each once", fmt.Sprintf("%s of %s on more than one of %s", count(int64(p.Duplicates)), count(int64(p.Items)), plural(uint64(p.Pages), "page"))
		case p.Whole && p.Total >= 0 && int64(p.Items) != p.Total:
			return "as many as the answer says: " + count(p.Total), count(int64(p.Items)) + " on " + plural(uint64(p.Pages), "page")
		}
		return "", ""
	})
}

func pagingUnordered() contracts.Detector {
	return ofPages(contracts.Detector{
		Name: "paging-unordered", Severity: contracts.Warning,
		Doc: `A list is no longer in order

**What it means for you.** Whoever reads only what is new, until something known comes, stops too early or never.

**A real one.** A search index behind a list is rebuilt, and its answers come by relevance instead of by time.

**How it decides.** With ` + "`paginate: {order: /created_at}`" + `, in three of the last five checks, a value went up in a list that goes down, or down in one that goes up, within a page or from one to the next.

**Tuning.** Leave ` + "`order`" + ` out where no order is promised.`,
	}, func(p *probes.Paged) (was, now string) {
		if p.Unordered == "" || p.Repeated > 0 {
			return "", ""
		}
		return "in order", "out of order " + p.Unordered
	})
}

func pageSizeIgnored() contracts.Detector {
	return ofPages(contracts.Detector{
		Name: "page-size-ignored", Severity: contracts.Warning,
		Doc: `Pages are not as long as asked for

**What it means for you.** The vendor gives out fewer, or more, than you ask for: whoever takes a short page for the last one stops too early.

**A real one.** A limit of 1,000 is lowered to 100 overnight; jobs that page until a page is not full read a hundred rows and are done.

**How it decides.** With ` + "`paginate`" + `, in three of the last five checks, all pages but the last had one length, and it was not that which the request asked for (` + "`limit`, `per_page`, `page_size`" + ` …).

**Tuning.** Ask for what you get, or ` + "`ignore: [{kind: page-size-ignored}]`" + `.`,
	}, func(p *probes.Paged) (was, now string) {
		if p.Asked == 0 || p.Length == 0 || int64(p.Length) == p.Asked {
			return "", ""
		}
		return count(p.Asked) + " on a page, as asked", count(int64(p.Length)) + " on each page, and there are more"
	})
}
