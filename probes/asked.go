package probes

import (
	"net/url"
	"strconv"
	"strings"
)

// pageSizes are the names under which a request says how many things it wants
// at most.
var pageSizes = []string{
	"limit", "per_page", "perPage", "page_size", "pageSize", "pagesize", "max_results", "maxResults", "first", "top", "$top", "size", "count", "rows", "pageLimit",
}

// asked is how many things a probe's request asks for at most; 0 when it does
// not say.
func asked(p Probe) int64 {
	var query url.Values
	if strings.Contains(p.URL, "?") {
		if u, err := url.Parse(p.URL); err == nil {
			query = u.Query()
		}
	}
	for _, name := range pageSizes {
		text := query.Get(name)
		if text == "" && len(p.Query[name]) > 0 {
			text = p.Query[name][0]
		}
		if text == "" {
			continue
		}
		if n, err := strconv.ParseInt(text, 10, 32); err == nil && n > 0 {
			return n
		}
	}
	return 0
}
