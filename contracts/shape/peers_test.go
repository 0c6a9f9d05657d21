package shape_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts/shape"
)

// TestPeers holds this package to what other inference tools are known to get
// wrong. Each line is named after what went wrong there.
func TestPeers(t *testing.T) {
	wide := fat(60)
	optional := []string{`{"o":{"a":1,"b":2}}`, `{"o":{"b":1,"c":3}}`, `{"o":{"c":1,"a":2}}`, `{"o":{"a":1}}`, `{"o":{"b":1}}`, `{"o":{"c":1}}`}
	for name, test := range map[string]struct {
		bodies []string
		path   string
		read   func(f shape.Field) any
		want   any
	}{
		"unlike kinds absorb each other":            {[]string{`["x",1,1]`}, "/[]", kinds, shape.KindCounts{shape.Int: 2, shape.String: 1}},
		"the first kind wins":                       {[]string{`{"a":1}`, `{"a":"x"}`, `{"a":[]}`}, "/a", kinds, shape.KindCounts{shape.Int: 1, shape.String: 1, shape.Array: 1}},
		"an integer beyond int64 panics":            {[]string{`[9223372036854775808,18446744073709551615]`}, "/[]", func(f shape.Field) any { return f.Numbers.Max }, "18446744073709551615"},
		"an integer and its float are one":          {[]string{`[1,1.0]`}, "/[]", kinds, shape.KindCounts{shape.Int: 1, shape.Frac: 1}},
		"required is never tracked":                 {[]string{`{"a":1,"b":1}`, `{"a":1}`}, "/a", required, true},
		"required forgets that it was missing":      {[]string{`{"a":1}`, `{}`, `{"a":1}`}, "/a", required, false},
		"null becomes an object":                    {[]string{`{"a":null}`}, "/a", kinds, shape.KindCounts{shape.Null: 1}},
		"only the first item is seen":               {[]string{`[{"a":1},{"b":1}]`}, "/[]/b", func(f shape.Field) any { return f.Count }, uint64(1)},
		"twenty properties make a map":              {[]string{wide}, "", isMap, false},
		"three half-present fields make a map":      {optional, "/o", isMap, false},
		"a field that vanishes is not visited":      {append([]string{`{"gone":1,"a":1}`}, strings.Split(strings.Repeat(`{"a":1} `, 50), " ")[:50]...), "/gone", func(f shape.Field) any { return f.Probes }, shape.Presence{All: 1, None: 50}},
		"29 February of any year is a date":         {[]string{`["2023-02-29","2100-02-29"]`}, "/[]", format, ""},
		"upper case is no UUID":                     {[]string{`["F47AC10B-58CC-4372-A567-0E02B2C3D479"]`}, "/[]", format, "uuid"},
		"a mean of formats drops the format":        {[]string{`["2026-03-01","x"]`}, "/[]", func(f shape.Field) any { return len(f.Formats) }, 2},
		"an empty list is a list of nothing":        {[]string{`{"a":[]}`, `{"a":[{"b":1}]}`}, "/a/[]/b", required, true},
		"a large number is rounded through a float": {[]string{`[12345678901234567890.123456789]`}, "/[]", func(f shape.Field) any { return f.Numbers.Min }, "12345678901234567890.123456789"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.read(field(t, learned(t, test.bodies...), test.path))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func kinds(f shape.Field) any    { return f.Kinds }
func isMap(f shape.Field) any    { return f.IsMap }
func format(f shape.Field) any   { return f.Formats[0].Format }
func required(f shape.Field) any { yes, _ := f.Required(); return yes }

// TestPeers_SamplesDifferRunToRun: examples are chosen by hash, not by chance,
// and what is kept of ever-new values does not grow.
func TestPeers_SamplesDifferRunToRun(t *testing.T) {
	grown := func(n int) []byte {
		s := shape.New(shape.Limits{})
		for i := range n {
			observe(t, s, fmt.Sprintf(`{"word":"w%d","text":%q}`, i, strings.Repeat("long ", i%50)))
		}
		return encoded(t, s)
	}
	if !bytes.Equal(grown(3000), grown(3000)) {
		t.Error("two runs differ")
	}
	if small, large := len(grown(500)), len(grown(5000)); large > small+100 {
		t.Errorf("%d bytes after 500 answers, %d after 5,000", small, large)
	}
}
