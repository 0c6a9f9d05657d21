package shape_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"shapewatch/contracts/shape"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// tiny limits, so that folding is met all the time.
var tiny = shape.Limits{Nodes: 48, Depth: 12}

func encoded(t interface {
	Helper()
	Fatal(...any)
}, s *shape.Shape) []byte {
	t.Helper()
	b, err := s.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// document draws a JSON document with the mischief of the real world:
// duplicate and empty keys, big numbers, deep nesting, many keys.
func document() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		drawValue(t, &b, 0)
		return b.String()
	})
}

func drawValue(t *rapid.T, b *strings.Builder, depth int) {
	top := 9
	if depth > 5 {
		top = 5
	}
	switch rapid.IntRange(0, top).Draw(t, "kind") {
	case 0:
		b.WriteString("null")
	case 1:
		b.WriteString(rapid.SampledFrom([]string{"true", "false"}).Draw(t, "bool"))
	case 2:
		fmt.Fprint(b, rapid.Int64().Draw(t, "int"))
	case 3:
		b.WriteString(rapid.SampledFrom([]string{"1.0", "1", "1e0", "1.50", "-0", "1e400", "-1e-400", "123456789012345678901234567890", "0.1", "9007199254740993", strings.Repeat("9", 300), "52.520008", "52.6", "52", "51.9999999999999999", "-52.520008", "-52.6", "4.9e-324", "1234567"}).Draw(t, "number"))
	case 4, 5:
		text, _ := json.Marshal(rapid.SampledFrom([]string{"", "open", "closed", "2026-01-02T03:04:05Z", "a@b.example", "ü", "x\ny", "1"}).Draw(t, "text") + rapid.StringN(0, 3, 9).Draw(t, "tail"))
		b.Write(text)
	case 6:
		drawList(t, b, depth)
	default:
		drawObject(t, b, depth)
	}
}

func drawList(t *rapid.T, b *strings.Builder, depth int) {
	b.WriteByte('[')
	for i := range rapid.IntRange(0, 3).Draw(t, "items") {
		if i > 0 {
			b.WriteByte(',')
		}
		drawValue(t, b, depth+1)
	}
	b.WriteByte(']')
}

func drawObject(t *rapid.T, b *strings.Builder, depth int) {
	b.WriteByte('{')
	for i := range rapid.IntRange(0, 6).Draw(t, "keys") {
		if i > 0 {
			b.WriteByte(',')
		}
		name := rapid.SampledFrom([]string{"a", "b", "c", "type", "lat", "d\"e", "", "id", "k"}).Draw(t, "name")
		if name == "k" {
			name += fmt.Sprint(rapid.IntRange(0, 99).Draw(t, "suffix"))
		}
		key, _ := json.Marshal(name)
		b.Write(key)
		b.WriteByte(':')
		drawValue(t, b, depth+1)
	}
	b.WriteByte('}')
}

// TestMerge_IsByteIdenticalForAnySplitAndOrder is the heart of the package:
// however the documents are dealt out to shapes, in whatever stretches they are
// read, and in whatever tree the shapes are merged, the encoded state has the
// same bytes.
func TestMerge_IsByteIdenticalForAnySplitAndOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		docs := rapid.SliceOfN(document(), 1, 12).Draw(t, "docs")
		limits := rapid.SampledFrom([]shape.Limits{{}, tiny, {Nodes: 33, Depth: 12}}).Draw(t, "limits")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		whole := shape.New(limits)
		parts := make([]*shape.Shape, 1+random.IntN(5))
		for i := range parts {
			parts[i] = shape.New(limits)
		}
		for i, d := range docs {
			at := noon.Add(time.Duration(i) * time.Minute)
			errWhole := whole.Observe([]byte(d), at)
			errPart := parts[random.IntN(len(parts))].ObserveInStretches([]byte(d), at, 1+random.IntN(20))
			if (errWhole == nil) != (errPart == nil) {
				t.Fatalf("%s: %v but %v", d, errWhole, errPart)
			}
		}
		for len(parts) > 1 {
			i := random.IntN(len(parts))
			p := parts[i]
			parts = append(parts[:i], parts[i+1:]...)
			into := parts[random.IntN(len(parts))]
			before := encoded(t, p)
			into.Merge(p)
			if !bytes.Equal(before, encoded(t, p)) {
				t.Fatal("merging changed its argument")
			}
		}
		if got, want := encoded(t, parts[0]), encoded(t, whole); !bytes.Equal(got, want) {
			t.Fatalf("split state differs: %s", cmp.Diff(whole.Fields(), parts[0].Fields()))
		}
		copied := new(shape.Shape)
		if err := copied.UnmarshalBinary(encoded(t, whole)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(encoded(t, copied), encoded(t, whole)) || !bytes.Equal(encoded(t, whole.Clone()), encoded(t, whole)) {
			t.Fatal("decoding or cloning changed the state")
		}
		if diff := cmp.Diff(whole.Fields(), copied.Fields()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestMerge_IsByteIdenticalWhereMapsOutgrowTheirRecords is the same law where
// real limits are met: objects of thousands of keys, by number and by weight,
// that are light in every part.
func TestMerge_IsByteIdenticalWhereMapsOutgrowTheirRecords(t *testing.T) {
	for seed := range uint64(24) {
		random := rand.New(rand.NewPCG(50+seed, 3))
		whole, parts := shape.New(shape.Limits{}), make([]*shape.Shape, 4)
		for i := range parts {
			parts[i] = shape.New(shape.Limits{})
		}
		for _, body := range outgrowing(random, seed%2 == 0) {
			at := noon.Add(time.Duration(random.IntN(99)) * time.Minute)
			part, stretch := parts[random.IntN(len(parts))], 1+random.IntN(2000)
			for _, err := range []error{whole.Observe([]byte(body), at), part.ObserveInStretches([]byte(body), at, stretch)} {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		left, right := parts[0].Clone(), parts[3].Clone()
		for _, p := range parts[1:] {
			left.Merge(p)
		}
		for _, i := range []int{2, 0, 1} {
			right.Merge(parts[i])
		}
		if want := encoded(t, whole); !bytes.Equal(encoded(t, left), want) || !bytes.Equal(encoded(t, right), want) {
			t.Fatalf("seed %d: split state differs: %s%s", seed, cmp.Diff(whole.Fields(), left.Fields()), cmp.Diff(whole.Fields(), right.Fields()))
		}
	}
}

// outgrowing writes lists of a record with several maps of which one after the
// other gets hundreds of keys: words, numbers or both.
func outgrowing(random *rand.Rand, scalars bool) (bodies []string) {
	values := []string{`1`, `"x"`, `null`}
	if !scalars {
		values = append(values, `{"a":1,"b":{"c":[1,{"d":2}]}}`, `[{"type":"a","id":%d}]`, `{"k%d":{"k%d":1}}`)
	}
	maps, names, kinds := 3+random.IntN(4), 600+random.IntN(1600), random.IntN(6)
	const docs = 24
	for i := range docs {
		var b strings.Builder
		b.WriteString(`{"data":[{`)
		for m := range maps {
			fmt.Fprintf(&b, `"map%d":{"fixed":1`, m)
			keys := random.IntN(20)
			if m == i*maps/docs {
				keys = 300
			}
			for range keys {
				value := values[(random.IntN(2)+m+kinds)%len(values)]
				fmt.Fprintf(&b, `,"%s%d":%s`, []string{"k", "", "k"}[(m+kinds+random.IntN(2))%3], random.IntN(names), strings.ReplaceAll(value, "%d", fmt.Sprint(random.IntN(900))))
			}
			b.WriteString(`},`)
		}
		b.WriteString(`"id":1}]}`)
		bodies = append(bodies, b.String())
	}
	return bodies
}

// TestReset_LeavesNoTrace: a reused shape is a new one.
func TestReset_LeavesNoTrace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scratch := shape.New(tiny)
		for i, d := range rapid.SliceOfN(document(), 1, 8).Draw(t, "docs") {
			scratch.Reset()
			fresh := shape.New(tiny)
			_, _ = scratch.Observe([]byte(d), noon), fresh.Observe([]byte(d), noon)
			if !bytes.Equal(encoded(t, scratch), encoded(t, fresh)) {
				t.Fatalf("document %d %s: %s", i, d, cmp.Diff(fresh.Fields(), scratch.Fields()))
			}
		}
	})
}

// TestObserve_AnErrorLeavesNoTrace cuts documents short.
func TestObserve_AnErrorLeavesNoTrace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := shape.New(shape.Limits{})
		if rapid.Bool().Draw(t, "warm") {
			_ = s.Observe([]byte(document().Draw(t, "first")), noon)
		}
		before := encoded(t, s)
		d := "[" + document().Draw(t, "doc") + "]"
		cut := rapid.IntRange(0, len(d)-1).Draw(t, "cut")
		if err := s.Observe([]byte(d[:cut]), noon); err == nil {
			t.Fatalf("%q was accepted", d[:cut])
		}
		if !bytes.Equal(before, encoded(t, s)) {
			t.Fatal("an error left a trace")
		}
	})
}

// TestObserve_NeverPassesTheCap drives a shape with far more paths than it may keep.
func TestObserve_NeverPassesTheCap(t *testing.T) {
	s := shape.New(shape.Limits{})
	random := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		var b strings.Builder
		hostile(random, &b, 0)
		if err := s.Observe([]byte(b.String()), noon); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.Fields()); n > 4096+64 {
		t.Errorf("%d fields", n)
	}
	if root, _ := s.Field(""); !root.Truncated {
		t.Error("the shape does not say that it is truncated")
	}
	if b := encoded(t, s); len(b) > 1<<20 {
		t.Errorf("encoded in %d bytes", len(b))
	}
}

func hostile(random *rand.Rand, b *strings.Builder, depth int) {
	b.WriteByte('{')
	for i := range 8 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, `"k%d":`, random.IntN(50))
		if depth < 4 {
			hostile(random, b, depth+1)
		} else {
			b.WriteByte('1')
		}
	}
	b.WriteByte('}')
}
