package shape_test

import (
	"fmt"
	"strings"
	"testing"

	"shapewatch/contracts/shape"
)

// TestLimits_ARecordSurvivesItsMaps lets the maps of real answers outgrow what
// is kept key by key: the records that hold them stay records.
func TestLimits_ARecordSurvivesItsMaps(t *testing.T) {
	for name, test := range map[string]struct {
		body    func(i int) string
		maps    []string
		records []string
	}{
		"three maps of scalars in a list": {
			body: func(i int) string {
				return fmt.Sprintf(`{"data":[{"id":%d,"total":1,"meta":{"k%d":"a"},"labels":{"l%d":1},"names":{"n%d":true}}]}`, i, i, i, i)
			},
			maps:    []string{"/data/[]/meta", "/data/[]/labels", "/data/[]/names"},
			records: []string{"", "/data/[]"},
		},
		"a registry: versions, their times and their users": {
			body: func(i int) string {
				return fmt.Sprintf(`{"name":"left","versions":{"1.0.%d":{"version":"1","dist":{"tarball":"t","size":%d},"dependencies":{"d%d":"^1"}}},"time":{"1.0.%d":"2026-01-02T03:04:05Z"},"users":{"u%d":true}}`, i, i, i, i, i)
			},
			maps:    []string{"/versions", "/versions/{}/dependencies", "/time", "/users"},
			records: []string{"", "/versions/{}", "/versions/{}/dist"},
		},
		"normalised entities by id": {
			body: func(i int) string {
				return fmt.Sprintf(`{"users":{"u%d":{"name":"a","tags":[1]}},"posts":{"p%d":{"title":"b","by":{"id":1}}},"version":1}`, i, i)
			},
			maps:    []string{"/users", "/posts"},
			records: []string{"", "/users/{}", "/posts/{}", "/posts/{}/by"},
		},
		"two maps in the attributes of a list": {
			body: func(i int) string {
				return fmt.Sprintf(`{"data":[{"attributes":{"name":"a","meta":{"k%d":"a"},"labels":{"l%d":1}}}]}`, i, i)
			},
			maps:    []string{"/data/[]/attributes/meta", "/data/[]/attributes/labels"},
			records: []string{"", "/data/[]", "/data/[]/attributes"},
		},
		"two maps whose records hold maps": {
			body: func(i int) string {
				entry := fmt.Sprintf(`{"k%d":{"version":"1","requires":{"d%d":"^1"}}}`, i, i)
				return fmt.Sprintf(`{"name":"x","packages":%s,"dependencies":%s}`, entry, entry)
			},
			maps:    []string{"/packages", "/packages/{}/requires", "/dependencies"},
			records: []string{"", "/packages/{}"},
		},
		"fifteen maps of dates": {
			body: func(i int) string {
				var b strings.Builder
				for m := range 15 {
					fmt.Fprintf(&b, `"day%d":{"20%02d-%02d-%02d":%d},`, m, i/300, 1+i%12, 1+i%28, i)
				}
				return `{"data":[{"id":1,"daily":{` + b.String() + `"ok":true}}]}`
			},
			maps:    []string{"/data/[]/daily/day0", "/data/[]/daily/day14"},
			records: []string{"", "/data/[]", "/data/[]/daily"},
		},
		"seven maps of scalars": {
			body: func(i int) string {
				return fmt.Sprintf(`{"a":{"k%d":1},"b":{"k%d":1},"c":{"k%d":1},"d":{"k%d":1},"e":{"k%d":1},"f":{"k%d":1},"g":{"k%d":1},"ok":true}`, i, i, i, i, i, i, i)
			},
			maps:    []string{"/a", "/b", "/c", "/d", "/e", "/f", "/g"},
			records: []string{""},
		},
		"three maps of records": {
			body: func(i int) string {
				entry := fmt.Sprintf(`{"k%d":{"id":1,"name":"a","at":{"by":"b","on":1},"tags":["x"],"state":"open"}}`, i)
				return fmt.Sprintf(`{"id":1,"users":%s,"groups":%s,"roles":%s}`, entry, entry, entry)
			},
			maps:    []string{"/users", "/groups", "/roles"},
			records: []string{"", "/users/{}", "/users/{}/at"},
		},
		"two maps of records in a list": {
			body: func(i int) string {
				entry := fmt.Sprintf(`{"k%d":{"id":1,"name":"a","at":{"by":"b","on":1},"tags":["x"],"state":"open"}}`, i)
				return fmt.Sprintf(`{"data":[{"id":%d,"users":%s,"groups":%s}]}`, i, entry, entry)
			},
			maps:    []string{"/data/[]/users", "/data/[]/groups"},
			records: []string{"", "/data/[]", "/data/[]/users/{}", "/data/[]/users/{}/at"},
		},
		"labels and annotations of templates": {
			body: func(i int) string {
				return fmt.Sprintf(`{"items":[{"spec":{"template":{"metadata":{"name":"x","labels":{"k%d":"a"},"annotations":{"l%d":"b"}}}}}]}`, i, i)
			},
			maps:    []string{"/items/[]/spec/template/metadata/labels", "/items/[]/spec/template/metadata/annotations"},
			records: []string{"", "/items/[]", "/items/[]/spec", "/items/[]/spec/template", "/items/[]/spec/template/metadata"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := shape.New(shape.Limits{})
			for i := range 1500 {
				observe(t, s, test.body(i))
			}
			wantMaps(t, s, true, test.maps)
			wantMaps(t, s, false, test.records)
		})
	}
}

func wantMaps(t *testing.T, s *shape.Shape, want bool, paths []string) {
	t.Helper()
	for _, path := range paths {
		if f, ok := s.Field(path); !ok || f.IsMap != want {
			t.Errorf("%q: map %v (found %v), want %v", path, f.IsMap, ok, want)
		}
	}
}

// fat writes an object of n scalar fields and the given others.
func fat(n int, others ...string) string {
	fields := make([]string, n)
	for i := range fields {
		fields[i] = fmt.Sprintf(`"field_%c%d":%d`, 'a'+i%26, i, i)
	}
	return "{" + strings.Join(append(fields, others...), ",") + "}"
}

// pullRequest is as rich as GitHub's: 460 paths, two repositories inside.
func pullRequest() string {
	owner := `"owner":` + fat(19)
	repo := `"repo":` + fat(95, owner, `"license":`+fat(6), `"permissions":`+fat(5), `"security_and_analysis":`+fat(4, `"a":`+fat(1), `"b":`+fat(1)))
	side := fat(3, `"user":`+fat(19), repo)
	return fat(46, `"head":`+side, `"base":`+side, `"user":`+fat(19), `"labels":[`+fat(7)+`]`, `"milestone":`+fat(15, `"creator":`+fat(19)), `"_links":`+fat(0, `"self":`+fat(1), `"html":`+fat(1)))
}

// issue is as rich as one of a tracker with custom fields: 900 paths, of which
// one object has 160 keys.
func issue() string {
	people := []string{}
	for i := range 20 {
		people = append(people, fmt.Sprintf(`"person_%c":%s`, 'a'+i, fat(8, `"avatars":`+fat(4))))
	}
	for i := range 40 {
		people = append(people, fmt.Sprintf(`"choice_%d":%s`, i, fat(3)))
	}
	return `{"id":"1","key":"A-1","fields":` + fat(100, people...) + `,"changelog":` + fat(3, `"histories":[`+fat(3, `"author":`+fat(12), `"entries":[`+fat(7)+`]`)+`]`) + `}`
}

// event is a payload of three root objects with 1,700 paths between them.
func event() string {
	repository := func(name string) string {
		return fmt.Sprintf(`%q:%s`, name, fat(70, `"owner":`+fat(70), `"template":`+fat(60, `"owner":`+fat(60, `"plan":`+fat(60))), `"parent":`+fat(60, `"owner":`+fat(60, `"plan":`+fat(60)))))
	}
	return `{"action":"x",` + repository("head") + "," + repository("base") + "," + repository("fork") + "," + `"sender":` + fat(60) + "}"
}

// invoice is as rich as Stripe's, with lines.
func invoice() string {
	price := `"price":` + fat(15, `"recurring":`+fat(6)) + `,"plan":` + fat(18)
	lines := `"lines":` + fat(4, `"data":[`+fat(20, price, `"metadata":{}`, `"period":`+fat(2))+`]`)
	return fat(90, lines, `"payment_settings":`+fat(3), `"customer_address":`+fat(6), `"status_transitions":`+fat(4), `"metadata":{}`)
}

// TestLimits_ARichRecordIsKept observes the richest records that vendors send
// where they send them.
func TestLimits_ARichRecordIsKept(t *testing.T) {
	for name, test := range map[string]struct{ body, path string }{
		"pull requests":                      {"[" + pullRequest() + "]", "/[]/head/repo/owner/field_a0"},
		"found pull requests":                {`{"items":[` + pullRequest() + `]}`, "/items/[]/head/repo/owner/field_a0"},
		"events with pull requests":          {`[{"id":"1","payload":{"action":"opened","pull_request":` + pullRequest() + `}}]`, "/[]/payload/pull_request/head/repo/owner/field_a0"},
		"pages of events with pull requests": {`{"data":[{"id":"1","payload":{"action":"opened","pull_request":` + pullRequest() + `,"repository":` + fat(95, `"owner":`+fat(19)) + `}}]}`, "/data/[]/payload/pull_request/head/repo/owner/field_a0"},
		"nested pages of them":               {`{"result":{"page":{"events":[{"payload":{"pull_request":` + pullRequest() + `}}]}}}`, "/result/page/events/[]/payload/pull_request/base/repo/owner/field_a0"},
		"issues with custom fields":          {`{"issues":[` + issue() + `]}`, "/issues/[]/fields/person_a/avatars/field_a0"},
		"three large objects of events":      {`{"data":[` + event() + `]}`, "/data/[]/fork/parent/owner/plan/field_a0"},
		"invoices":                           {`{"data":[` + invoice() + `]}`, "/data/[]/lines/data/[]/price/recurring/field_a0"},
		"events with invoices":               {`{"data":[{"type":"invoice.paid","data":{"object":` + invoice() + `}}]}`, "/data/[]/data/object/lines/data/[]/price/recurring/field_a0"},
		"a customer with everything":         {`{"data":` + fat(500) + `}`, "/data/field_a0"},
		"rows with very many columns":        {`{"records":[` + fat(500) + `]}`, "/records/[]/field_a0"},
	} {
		t.Run(name, func(t *testing.T) {
			s := shape.New(shape.Limits{})
			observe(t, s, test.body)
			if _, ok := s.Field(test.path); !ok {
				t.Errorf("%s is not kept", test.path)
			}
			for _, f := range s.Fields() {
				if f.Truncated || f.IsMap {
					t.Errorf("%q: map %v, truncated %v", f.Path, f.IsMap, f.Truncated)
				}
			}
		})
	}
}

func observe(t *testing.T, s *shape.Shape, body string) {
	t.Helper()
	if err := s.Observe([]byte(body), noon); err != nil {
		t.Fatal(err)
	}
}
