package probes_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shapewatch/probes"
)

// A shelf is a vendor's list of 7 things in pages of 3, asked for in any way.
type shelf struct {
	asked []string
	spoil func(page int, a map[string]any) (status int)
}

func (s *shelf) Do(_ context.Context, p probes.Probe) probes.Sample {
	u, err := url.Parse(p.URL)
	if err != nil {
		panic(err)
	}
	query := u.Query()
	for name, values := range p.Query {
		query[name] = append(query[name], values...)
	}
	s.asked = append(s.asked, query.Encode())
	from := 0
	number := func(name string) int { n, _ := strconv.Atoi(query.Get(name)); return n }
	switch {
	case query.Get("cursor") != "":
		from = number("cursor")
	case query.Get("after") != "":
		from = number("after")
	case query.Get("page") != "":
		from = 3 * (number("page") - 1)
	case query.Get("offset") != "":
		from = number("offset")
	}
	if p.Body != nil {
		var body struct{ Variables struct{ After string } }
		_ = json.Unmarshal(p.Body, &body) // an empty cursor is the beginning
		from, _ = strconv.Atoi(body.Variables.After)
	}
	things := []any{}
	for i := from; i < min(from+3, 7); i++ {
		things = append(things, map[string]any{"id": i + 1, "at": 100 - i})
	}
	answer := map[string]any{"data": things, "total": 7, "more": from+3 < 7, "next": nil, "cursor": nil}
	header := http.Header{}
	if from+3 < 7 {
		answer["next"] = fmt.Sprintf("/things?limit=3&cursor=%d&api_key=[redacted]", from+3)
		answer["cursor"] = strconv.Itoa(from + 3)
		header.Set("Link", fmt.Sprintf(`</things?cursor=0>; rel="first", <https://shop.acme.dev/things?cursor=%d>; rel="next"`, from+3))
	}
	status := 200
	if s.spoil != nil {
		if set := s.spoil(from/3+1, answer); set != 0 {
			status = set
		}
	}
	text, _ := json.Marshal(answer)
	sample := probes.Sample{Class: probes.Valid, Status: status, Header: header, Body: text, MediaType: "application/json", Attempts: 1}
	if status != 200 {
		sample.Class, sample.Problem = probes.Status, fmt.Sprintf("answered %d", status)
	}
	return sample
}

// ways are all ways of going on, over the same shelf.
var ways = map[string]probes.Paging{
	"link":           {By: probes.ByLink, Items: probes.FindItems, Total: "/total"},
	"next":           {By: probes.ByNext, At: "/next", Items: "/data", Total: "/total"},
	"cursor":         {By: probes.ByCursor, At: "/cursor", Param: "cursor", Items: "/data", Total: "/total"},
	"last id":        {By: probes.ByCursor, At: "/data/-1/id", Param: "after", More: "/more", Items: "/data", Total: "/total"},
	"page":           {By: probes.ByPage, Param: "page", First: 1, Items: probes.FindItems, Total: "/total"},
	"page, no total": {By: probes.ByPage, Param: "page", First: 1, Items: probes.FindItems},
	"offset":         {By: probes.ByOffset, Param: "offset", Items: "/data", Total: "/total"},
	"body":           {By: probes.ByCursor, At: "/cursor", Param: "/variables/after", Items: "/data", Total: "/total"},
}

func listProbe(name string) probes.Probe {
	p := probes.Probe{URL: "https://shop.acme.dev/things?limit=3", Query: http.Header{"api_key": {"canary"}}}
	if name == "body" {
		p.Body = []byte(`{"query":"{ things }","variables":{"after":""}}`)
	}
	return p
}

func TestGather_ReadsAListToItsEndInEveryWay(t *testing.T) {
	for name, paging := range ways {
		t.Run(name, func(t *testing.T) {
			s := &shelf{}
			paging.ID, paging.Order = "/id", "/at"
			sample := paging.Gather(t.Context(), s, listProbe(name))
			total := int64(7)
			if paging.Total == "" {
				total = -1
			}
			want := probes.Paged{Pages: 3, Items: 7, Whole: true, Total: total, Asked: 3, Length: 3}
			if diff := cmp.Diff(&want, sample.Paged); diff != "" {
				t.Error(diff, s.asked)
			}
			var body struct{ Data []struct{ ID int } }
			if err := json.Unmarshal(sample.Body, &body); err != nil || len(body.Data) != 7 || body.Data[6].ID != 7 {
				t.Errorf("body: %s (%v)", sample.Body, err)
			}
			for _, asked := range s.asked {
				if strings.Count(asked, "canary") != 1 || strings.Contains(asked, "redacted") {
					t.Errorf("asked %q: want the key once", asked)
				}
			}
		})
	}
}

func TestGather_TellsWhatBreaks(t *testing.T) {
	set := func(page int, key string, value any) func(int, map[string]any) int {
		return func(at int, a map[string]any) int {
			if at == page {
				a[key] = value
			}
			return 0
		}
	}
	for name, test := range map[string]struct {
		way   string
		spoil func(int, map[string]any) int
		shows func(s probes.Sample) bool
	}{
		"next goes round":        {"next", set(2, "next", "/things?limit=3&cursor=3"), func(s probes.Sample) bool { return strings.Contains(s.Paged.Broken, "circles") }},
		"cursor goes round":      {"cursor", set(2, "cursor", "3"), func(s probes.Sample) bool { return strings.Contains(s.Paged.Broken, "circles") }},
		"next leads elsewhere":   {"next", set(1, "next", "https://evil.example/things"), func(s probes.Sample) bool { return strings.Contains(s.Paged.Broken, "evil.example") && !s.Paged.Whole }},
		"next page is ignored":   {"cursor", set(2, "data", []any{object3(1), object3(2), object3(3)}), func(s probes.Sample) bool { return s.Paged.Repeated == 2 && s.Paged.Duplicates == 3 }},
		"one comes twice":        {"cursor", set(2, "data", []any{object3(3), object3(4), object3(5)}), func(s probes.Sample) bool { return s.Paged.Duplicates == 1 && s.Paged.Repeated == 0 }},
		"pages shrink":           {"cursor", set(2, "data", []any{object3(4)}), func(s probes.Sample) bool { return s.Paged.Length == 0 && s.Paged.Items == 5 }},
		"a page without a list":  {"cursor", set(3, "data", nil), func(s probes.Sample) bool { return s.Paged.BadEnd == "page 3 has no list" }},
		"order breaks":           {"cursor", set(2, "data", []any{object3(0)}), func(s probes.Sample) bool { return s.Paged.Unordered == "from page 1 to page 2" }},
		"a page is refused":      {"cursor", func(at int, _ map[string]any) int { return map[int]int{2: 500}[at] }, func(s probes.Sample) bool { return s.Class == probes.Status && s.Problem == "page 2: answered 500" }},
		"the first is no object": {"cursor", set(1, "data", "none"), func(s probes.Sample) bool { return s.Paged.BadEnd == "page 1 has no list" }},
	} {
		t.Run(name, func(t *testing.T) {
			paging := ways[test.way]
			paging.ID, paging.Order = "/id", "/at"
			if sample := paging.Gather(t.Context(), &shelf{spoil: test.spoil}, listProbe(test.way)); !test.shows(sample) {
				t.Errorf("%+v %+v", sample.Problem, sample.Paged)
			}
		})
	}
}

func object3(id int) any { return map[string]any{"id": id, "at": 101 - id} }

func TestPages_StopWhenNobodyWantsMore(t *testing.T) {
	s := &shelf{}
	for range ways["cursor"].Pages(t.Context(), s, listProbe("")) {
		break
	}
	limited := ways["cursor"]
	limited.Most = 2
	if sample := limited.Gather(t.Context(), s, listProbe("")); sample.Paged.Pages != 2 || sample.Paged.Whole || len(s.asked) != 3 {
		t.Errorf("%+v after %d requests", sample.Paged, len(s.asked))
	}
}

// FuzzPages_SurviveAnyVendor lets the body and the Link header be anything.
func FuzzPages_SurviveAnyVendor(f *testing.F) {
	f.Add(`{"data":[{"id":1}],"cursor":"a"}`, `<https://a.example/?x>; rel="next"`)
	f.Add(`[1,2,`, `<>;rel=next,<`)
	f.Add(`{"data":{"a":[]},"data":[1]}`, `<:>; rel="prev next"`)
	f.Fuzz(func(t *testing.T, body, link string) {
		sample := probes.Sample{Class: probes.Valid, Body: []byte(body), Header: http.Header{"Link": {link}}}
		for _, paging := range ways {
			paging.ID, paging.Order = "/id", "/at"
			got := paging.Gather(t.Context(), asker(sample), listProbe("body"))
			if json.Valid([]byte(body)) && !json.Valid(got.Body) {
				t.Errorf("%q became %q", body, got.Body)
			}
		}
	})
}

type asker probes.Sample

func (a asker) Do(context.Context, probes.Probe) probes.Sample { return probes.Sample(a) }
