package sides_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shapewatch/probes"
	"shapewatch/reconcile"
	"shapewatch/reconcile/sides"
)

// A vendor answers a list of 25 in pages of ten, from memory.
type vendor struct{ asked int }

func (v *vendor) Do(_ context.Context, p probes.Probe) probes.Sample {
	from := 0
	if _, after, there := strings.Cut(p.URL, "after="); there {
		_, _ = fmt.Sscan(after, &from)
	}
	header := http.Header{}
	if v.asked++; from+10 < 25 && strings.Contains(p.URL, "/link") {
		header.Set("Link", fmt.Sprintf(`<https://api.example/link?after=%d>; rel="next"`, from+10))
	}
	var rows []string
	for i := from; i < min(from+10, 25); i++ {
		rows = append(rows, fmt.Sprintf(`{"id":%d,"price":{"total":1.50},"note":null}`, i))
	}
	body := fmt.Sprintf(`{"meta":{"x":[1]},"data":{"list":[%s]}}`, strings.Join(rows, ","))
	s := probes.Sample{Class: probes.Valid, Status: 200, Header: header, Body: []byte(body), Bytes: int64(len(body))}
	if v.asked > 2 && strings.Contains(p.URL, "/broken") {
		s.Class, s.Status, s.Problem = probes.Status, 500, "answered 500"
	}
	return s
}

func TestPages_ReadAListToItsEndOrSayWhyNot(t *testing.T) {
	link := &probes.Paging{By: probes.ByLink, Items: "/data/list"}
	offset := &probes.Paging{By: probes.ByOffset, Param: "after", Items: "/data/list"}
	two := *link
	two.Most = 2
	for name, test := range map[string]struct {
		path   string
		paging *probes.Paging
		rows   int
		fails  string
	}{
		"by link":        {"/link", link, 25, ""},
		"by offset":      {"/offset", offset, 25, ""},
		"one page":       {"/one", nil, 10, ""},
		"one of several": {"/link", nil, 10, "under paginate"},
		"too many":       {"/link", &two, 20, "more than 2 pages"},
		"breaks off":     {"/broken", offset, 20, "page 3: answered 500"},
		"no list":        {"/offset", &probes.Paging{By: probes.ByLink, Items: "/nowhere"}, 0, "no list"},
	} {
		s := sides.Pages(sides.PagesOptions{
			Ask: probes.Probe{URL: "https://api.example" + test.path, Paging: test.paging}, List: probes.FindItems, Asker: &vendor{},
			Columns: []string{"/id", "/price/total", "/note", "/none"},
		})
		var rows int
		err := s.Rows(t.Context(), nil, func(c []reconcile.Cell) error {
			if rows++; c[1].Text != "1.50" || c[2].State != reconcile.Null || c[3].State != reconcile.Missing {
				t.Errorf("%s: row %v", name, c)
			}
			return nil
		})
		if rows != test.rows || (err == nil) != (test.fails == "") || err != nil && !strings.Contains(err.Error(), test.fails) {
			t.Errorf("%s: %d rows, %v; want %d, %q", name, rows, err, test.rows, test.fails)
		}
	}
}

func TestFile_ReadsEveryFormat(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.csv":    "state,order id\nnew,1\n\"pack,ed\",2\n",
		"a.ndjson": "{\"order id\":1,\"state\":\"new\"}\n{\"order id\":2,\"state\":\"pack,ed\"}\n",
		"a.json":   `{"x":1,"rows":[{"order id":1,"state":"new"},{"order id":2,"state":"pack,ed"}]}`,
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f := sides.File(sides.FileOptions{Path: path, List: "/rows", Columns: []string{"order id", "state"}})
		var got []string
		err := f.Rows(t.Context(), nil, func(c []reconcile.Cell) error {
			got = append(got, c[0].Text+"="+c[1].Text)
			return nil
		})
		if fmt.Sprint(got) != "[1=new 2=pack,ed]" || err != nil || f.Read() != int64(len(text)) {
			t.Errorf("%s: %v, %v, %d bytes", name, got, err, f.Read())
		}
	}
	for name, says := range map[string]string{"gone.json": "gone.json: no such file", "bad.csv": `no column "order id"`, "bad.json": "byte 3"} {
		if !strings.HasPrefix(name, "gone") {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("[}canary"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		err := sides.File(sides.FileOptions{Path: filepath.Join(dir, name), Columns: []string{"order id"}}).Rows(t.Context(), nil, func([]reconcile.Cell) error { return nil })
		if err == nil || strings.Contains(err.Error(), dir) || strings.Contains(err.Error(), "canary") || name != "bad.json" && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
