package shape_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts/shape"
)

func learned(t *testing.T, bodies ...string) *shape.Shape {
	t.Helper()
	s := shape.New(shape.Limits{})
	for _, b := range bodies {
		observe(t, s, b)
	}
	return s
}

func field(t *testing.T, s *shape.Shape, path string) shape.Field {
	t.Helper()
	f, ok := s.Field(path)
	if !ok {
		t.Fatalf("no %q", path)
	}
	return f
}

func TestPresence_IsCountedPerAnswer(t *testing.T) {
	s := learned(t,
		`{"items":[{"a":1,"b":1,"c":{"d":1}},{"a":2}]}`,
		`{"items":[{"a":3},{"a":4}]}`,
		`{"items":[]}`,
		`{"items":[{"a":5,"b":null,"c":{}}]}`,
	)
	for path, want := range map[string]shape.Presence{
		"":              {All: 4},
		"/items":        {All: 4},
		"/items/[]":     {All: 3}, // an empty list says nothing about items
		"/items/[]/a":   {All: 3},
		"/items/[]/b":   {All: 1, Some: 1, None: 1},
		"/items/[]/c/d": {All: 1, None: 1}, // where there is no c, d is not missing
	} {
		if diff := cmp.Diff(want, field(t, s, path).Probes); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
	if f := field(t, s, "/items/[]/b"); f.Count != 2 || f.Parents != 5 {
		t.Errorf("b: %d of %d", f.Count, f.Parents)
	}
}

func TestRequiredAtLeast_IsTheBoundOfTheEvidence(t *testing.T) {
	s := shape.New(shape.Limits{})
	for range 2016 {
		observe(t, s, `{"a":1}`)
	}
	if got := field(t, s, "/a").RequiredAtLeast(); math.Abs(got-0.9985) > 1e-4 {
		t.Errorf("2016 of 2016: %f", got)
	}
	observe(t, s, `{}`)
	if got := field(t, s, "/a").RequiredAtLeast(); got != 0 {
		t.Errorf("once missing: %f", got)
	}
}

func TestView_DecidesWhatIsAMap(t *testing.T) {
	fruit := strings.Split("apple pear plum fig kiwi lime date sloe quince melon grape peach", " ")
	changing := make([]string, 40)
	for i := range changing {
		changing[i] = fmt.Sprintf(`{"stock":{%q:1,%q:2,"%s %d":3}}`, fruit[i%12], fruit[(i*5+1)%12], fruit[i%7], i)
	}
	for name, test := range map[string]struct {
		bodies []string
		path   string
		want   bool
	}{
		"keys that are currencies":        {[]string{`{"rates":{"EUR":1.1,"USD":1,"GBP":0.8}}`}, "/rates", true},
		"keys that are dates":             {[]string{`{"days":{"2026-03-01":1,"2026-03-02":2}}`}, "/days", true},
		"keys that are ids":               {[]string{`{"by":{"cus_9s6XKzkNRiz8i3":{"a":1},"cus_4fdAW5ftNQow1a":{"a":2}}}`}, "/by", true},
		"keys that keep changing":         {changing, "/stock", true},
		"one key only":                    {[]string{`{"days":{"2026-03-01":1}}`}, "/days", false},
		"values of different kinds":       {[]string{`{"days":{"2026-03-01":1,"2026-03-02":"x"}}`}, "/days", false},
		"words that stay":                 {[]string{`{"urls":{"self":"a","html":"b","issue":"c","comments":"d","review_comments":"e","commits":"f","statuses":"g","diff":"h","patch":"i"}}`}, "/urls", false},
		"three optional fields of a kind": {[]string{`{"o":{"a":1}}`, `{"o":{"b":1}}`, `{"o":{"c":1}}`, `{"o":{"a":1,"b":2}}`, `{"o":{"b":1,"c":1}}`, `{"o":{"a":1,"c":2}}`}, "/o", false},
		"reactions":                       {[]string{`{"reactions":{"+1":3,"-1":0,"laugh":1,"hooray":0,"confused":0,"heart":5,"rocket":0,"eyes":0}}`}, "/reactions", false},
	} {
		s := learned(t, test.bodies...)
		if got := field(t, s, test.path).IsMap; got != test.want {
			t.Errorf("%s: map %v", name, got)
		}
		for _, view := range []shape.View{{Maps: []string{test.path}}, {Records: []string{test.path}}} {
			for _, f := range view.Fields(s) {
				if f.Path == test.path && f.IsMap != (view.Maps != nil) {
					t.Errorf("%s: pinned by %+v, map %v", name, view, f.IsMap)
				}
			}
		}
	}
}

func TestFields_OfAMapAreThoseOfAnyKey(t *testing.T) {
	s := learned(t, `{"by":{"cus_9s6XKzkNRiz8i3":{"a":1,"b":2},"cus_4fdAW5ftNQow1a":{"a":2}}}`)
	var got []string
	for _, f := range s.Fields() {
		got = append(got, fmt.Sprintf("%s %d/%d %v %v", f.Path, f.Count, f.Parents, f.InMap, f.Probes))
	}
	want := []string{
		" 1/1 false {1 0 0}", "/by 1/1 false {1 0 0}", "/by/{} 2/2 true {1 0 0}", "/by/{}/a 2/2 true {1 0 0}", "/by/{}/b 1/2 true {0 1 0}",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestValues_CloseOnlyWhenSettled(t *testing.T) {
	s := shape.New(shape.Limits{})
	for i := range 60 {
		observe(t, s, fmt.Sprintf(`{"state":%q,"n":%d,"flag":%t}`, []string{"open", "closed"}[i%2], i*1000, i%3 == 0))
	}
	state, n, flag := field(t, s, "/state").Values, field(t, s, "/n").Values, field(t, s, "/flag")
	if !state.Closed || state.Distinct != 2 || state.Unseen != 0 {
		t.Errorf("state: %+v", state)
	}
	if n.Closed || n.Once != 60 || n.Unseen != 1 {
		t.Errorf("n: %+v", n)
	}
	if flag.True != 20 || len(flag.Values.List) != 2 {
		t.Errorf("flag: %+v", flag)
	}
	observe(t, s, `{"state":"merged"}`)
	if v := field(t, s, "/state").Values; v.Closed || v.Unseen == 0 {
		t.Errorf("a value that came once: %+v", v)
	}
}

// TestValues_OfLargeSetsAreEstimated within three standard errors.
func TestValues_OfLargeSetsAreEstimated(t *testing.T) {
	for name, bound := range map[string]float64{"word": 0.81, "id": 0.39} {
		s := shape.New(shape.Limits{})
		for i := range 10_000 {
			observe(t, s, fmt.Sprintf(`{%q:"w%d"}`, name, i))
		}
		v := field(t, s, "/"+name).Values
		if off := math.Abs(float64(v.Distinct)-10_000) / 10_000; v.Exact || off > bound {
			t.Errorf("%s: %d distinct", name, v.Distinct)
		}
	}
}

// TestState_HoldsNothingPrivate looks for what was sent in what is stored.
func TestState_HoldsNothingPrivate(t *testing.T) {
	body := `{"id":"K7","email":"a@b.example","name":"Ada Lovelace","phone":4915112345678,"lat":52.720008,"note":"call me","state":"open",
		"address":{"line1":"12 Main Street","city":"Bern","surname":"Muster"},"subject":"divorce","token":"s3cr3t","size":"1234567890123456","body":"hello you",
		"map":{"2026-01-01":1234567,"2026-01-02":7654321}}`
	s := learned(t, body)
	state := fmt.Sprint(s.Fields())
	for _, secret := range []string{"K7", "a@b.example", "Ada", "49151", "52.72", "call me", "Main Street", "Bern", "Muster", "divorce", "s3cr3t", "123456789012", "hello you"} {
		if strings.Contains(state, secret) {
			t.Errorf("%q is kept", secret)
		}
	}
	if !strings.Contains(state, "open") {
		t.Error("a code is not kept")
	}
	if f := field(t, s, "/phone").Numbers; f.Min != "4900000000000" || f.GCD != 0 {
		t.Errorf("phone: %+v", f)
	}
}

func TestEnvelope_KnowsTheConventions(t *testing.T) {
	for body, want := range map[string]shape.Envelope{
		`[{"id":1}]`: {Style: "list"},
		`7`:          {Style: "scalar"},
		`{"id":1,"subscriptions":{"data":[{"id":2}],"has_more":false,"total_count":1}}`:                       {Style: "record"},
		`{"leds":{"count":3},"maps":[{"id":1}]}`:                                                              {Style: "record"},
		`{"object":"list","data":[{"id":1}],"has_more":true}`:                                                 {Style: "page", Items: "/data", Next: "/has_more"},
		`{"results":[{"id":1}],"meta":{"pagination":{"next_cursor":"x","total":9}}}`:                          {Style: "page", Items: "/results", Next: "/meta/pagination/next_cursor", Total: "/meta/pagination/total"},
		`{"response":{"docs":[{"id":1}],"total":9}}`:                                                          {Style: "page", Items: "/response/docs", Total: "/response/total"},
		`{"value":[{"id":1}],"@odata.nextLink":"https://a.example/x","@odata.count":2}`:                       {Style: "page", Items: "/value", Next: "/@odata.nextLink", Total: "/@odata.count"},
		`{"_links":{"next":{"href":"/x"}},"_embedded":{"orders":[{"id":1}]},"total":3}`:                       {Style: "hal", Items: "/_embedded/orders", Next: "/_links/next/href", Total: "/total"},
		`{"data":[{"type":"a","id":"1","attributes":{"x":1}}],"links":{"next":"/x"}}`:                         {Style: "json:api", Items: "/data", Next: "/links/next"},
		`{"data":{"repository":{"issues":{"nodes":[{"id":1}],"pageInfo":{"endCursor":"x"},"totalCount":3}}}}`: {Style: "graphql", Items: "/data/repository/issues/nodes", Next: "/data/repository/issues/pageInfo/endCursor", Total: "/data/repository/issues/totalCount"},
		`{"data":null,"errors":[{"message":"no"}]}`:                                                           {Style: "graphql", Error: "/errors"},
		`{"error":{"code":1}}`: {Style: "record", Error: "/error"},
		`{"error":null,"a":1}`: {Style: "record"},
	} {
		if diff := cmp.Diff(want, learned(t, body).Envelope()); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
	if got := shape.New(shape.Limits{}).Envelope(); got != (shape.Envelope{}) {
		t.Errorf("nothing seen: %+v", got)
	}
}

func TestLists_FindTheirKey(t *testing.T) {
	for body, want := range map[string][]shape.List{
		`{"a":[1,2],"data":[{"name":"x","id":1,"lines":[{"sku":1}]},{"name":"y","id":2}]}`: {
			{Path: "/data", Items: shape.Lengths{Count: 1, Min: 2, Max: 2, Median: 2}, Key: "id"},
			{Path: "/data/[]/lines", Items: shape.Lengths{Count: 1, Min: 1, Max: 1, Median: 1}},
		},
		`[{"user_id":1,"x":2}]`: {{Path: "", Items: shape.Lengths{Count: 1, Min: 1, Max: 1, Median: 1}, Key: "user_id"}},
		`[{"id":null}]`:         {{Path: "", Items: shape.Lengths{Count: 1, Min: 1, Max: 1, Median: 1}}},
		`{"data":[]}`:           nil,
	} {
		if diff := cmp.Diff(want, learned(t, body).Lists()); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
}

func TestFields_TellIDsAndTimes(t *testing.T) {
	s := learned(t, `[{"id":"a","status":1,"created":1772366400,"updated_at":"2026-03-01T12:00:00Z","n":5},{"id":"b","status":1,"created":1772366401,"updated_at":"2026-03-01T12:00:01Z","n":6}]`)
	if !field(t, s, "/[]/id").MaybeID() || field(t, s, "/[]/status").MaybeID() || field(t, s, "/[]").MaybeID() {
		t.Error("ids are not told")
	}
	for name, want := range map[string]string{"created": "epoch-s", "updated_at": "date-time", "n": "", "id": ""} {
		if format, ok := field(t, s, "/[]/"+name).IsTimestamp(); format != want || ok != (want != "") {
			t.Errorf("%s: %q", name, format)
		}
	}
}
