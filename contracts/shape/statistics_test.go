package shape_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts/shape"
)

// TestStatistics_AreAllThere names everything a shape promises to count, one
// line each; the formats have a test of their own.
func TestStatistics_AreAllThere(t *testing.T) {
	noon := time.Unix(1_772_366_400, 0).UTC()
	bodies := []string{
		`{"items":[{"id":"cus_9s6XKzkNRiz8i3","n":12,"price":1.50,"big":18446744073709551616,"long":0.1234567890123456789012345,"s":"ab","e":"","l":[],"o":{},"z":null,"b":true},{"n":18,"price":2.5,"s":"abcd","l":[1,2,3],"o":{"k":1},"b":false}]}`,
		`{"items":[{"n":30,"price":3,"s":"ü","opt":1}]}`,
		`{"items":[]}`,
	}
	s := shape.New(shape.Limits{})
	for i, b := range bodies {
		if err := s.Observe([]byte(b), noon.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) shape.Field { return field(t, s, "/items/[]/"+name) }
	for name, test := range map[string]struct{ got, want any }{
		"kinds":                         {at("n").Kinds, shape.KindCounts{shape.Int: 3}},
		"integer and fraction apart":    {at("price").Kinds, shape.KindCounts{shape.Int: 1, shape.Frac: 2}},
		"presence per occurrence":       {[]uint64{at("opt").Count, at("opt").Parents}, []uint64{1, 3}},
		"presence per probe: all":       {at("n").Probes, shape.Presence{All: 2}},
		"presence per probe: some":      {at("id").Probes, shape.Presence{Some: 1, None: 1}},
		"a probe without items is none": {field(t, s, "/items/[]").Probes.Of(), uint64(2)},
		"null":                          {at("z").Kinds[shape.Null], uint64(1)},
		"missing":                       {at("z").Parents - at("z").Count, uint64(2)},
		"empty string":                  {at("e").EmptyStrings, uint64(1)},
		"empty array":                   {at("l").EmptyArrays, uint64(1)},
		"empty object":                  {at("o").EmptyObjects, uint64(1)},
		"true and false":                {[]uint64{at("b").True, at("b").Kinds[shape.Bool]}, []uint64{1, 2}},
		"big integers exact":            {at("big").Numbers.Max, "18446744073709551616"},
		"beyond a float64":              {at("big").Numbers.Beyond53, uint64(1)},
		"long decimals exact":           {at("long").Numbers.Min, "0.1234567890123456789012345"},
		"numeric range":                 {at("n").Numbers.Min + " " + at("n").Numbers.Max, "12 30"},
		"greatest common divisor":       {at("n").Numbers.GCD, uint64(6)},
		"most decimal places":           {at("price").Numbers.Decimals, 2},
		"decimal places":                {s.DecimalPlaces("/items/[]/price"), map[int]uint64{1: 1, 2: 1}},
		"log histogram":                 {countsOf(s.Histogram("/items/[]/n")), "1 1 1"},
		"median":                        {at("n").Numbers.Median > 17.9 && at("n").Numbers.Median < 18.6, true},
		"formats":                       {at("id").Formats, []shape.FormatCount{{Format: "prefixed-id", Count: 1, Share: 1}}},
		"string lengths, in bytes":      {at("s").Lengths, shape.Lengths{Count: 3, Min: 2, Max: 4, Median: 2}},
		"array lengths":                 {at("l").Items, shape.Lengths{Count: 2, Min: 0, Max: 3, Median: 0}},
		"value sets":                    {[]uint64{at("n").Values.Distinct, uint64(len(at("n").Values.List))}, []uint64{3, 3}},
		"values seen once":              {at("n").Values.Once, uint64(3)},
		"unseen values":                 {at("n").Values.Unseen, 1.0},
		"key sets":                      {s.KeySets("/items/[]").Distinct, uint64(3)},
		"key sets and their counts":     {s.KeySets("/items/[]/o").List[0].Count + s.KeySets("/items/[]/o").List[1].Count, uint64(2)},
		"first seen":                    {at("id").First, noon},
		"last seen":                     {at("n").Last, noon.Add(time.Hour)},
		"last seen empty":               {field(t, s, "/items").Last, noon.Add(2 * time.Hour)},
		"duplicate keys":                {field(t, learned(t, `{"a":1,"a":2}`), "").Duplicates, uint64(1)},
		"probes":                        {s.Probes(), uint64(3)},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func countsOf(buckets []shape.Bucket) string {
	var counts []string
	for i, b := range buckets {
		if b.Low > b.High || i > 0 && b.Low < buckets[i-1].High {
			return fmt.Sprintf("out of order: %+v", buckets)
		}
		counts = append(counts, fmt.Sprint(b.Count))
	}
	return strings.Join(counts, " ")
}

// TestStatistics_OfLargeSetsAreSamplesByHash: which values stay depends on
// their hashes alone, not on when they came.
func TestStatistics_OfLargeSetsAreSamplesByHash(t *testing.T) {
	forth, back := shape.New(shape.Limits{}), shape.New(shape.Limits{})
	for i := range 2000 {
		observe(t, forth, fmt.Sprintf(`{"v":"w%d"}`, i))
		observe(t, back, fmt.Sprintf(`{"v":"w%d"}`, 1999-i))
	}
	a, b := field(t, forth, "/v").Values, field(t, back, "/v").Values
	if diff := cmp.Diff(a, b); diff != "" || a.Exact || len(a.List) != 16 {
		t.Errorf("%d values, exact %v: %s", len(a.List), a.Exact, diff)
	}
}

// TestHistogram_CoversAnyNumber: signs, zero, what no float64 holds, and what
// is too spread for fine buckets.
func TestHistogram_CoversAnyNumber(t *testing.T) {
	s := learned(t, `[0,-0,1,-1,1e400,-1e400,1e-400,5e-324,-3.5,1000000]`)
	if got := countsOf(s.Histogram("/[]")); strings.Contains(got, "out") || len(strings.Fields(got)) < 6 {
		t.Error(got, s.Histogram("/[]"))
	}
	var b strings.Builder
	for i := range 600 {
		fmt.Fprintf(&b, ",1e%d", i-300)
	}
	wide := learned(t, "["+b.String()[1:]+"]")
	total := uint64(0)
	for _, bucket := range wide.Histogram("/[]") {
		total += bucket.Count
	}
	if n := len(wide.Histogram("/[]")); n > 32 || total != 600 {
		t.Errorf("%d buckets of %d numbers", n, total)
	}
	if s.Histogram("") != nil || s.Histogram("/nope") != nil || s.DecimalPlaces("/nope") != nil || len(s.KeySets("/nope").List) != 0 {
		t.Error("something where nothing is")
	}
}
