package shape_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"shapewatch/contracts/shape"
)

// repeated makes a list of n items, each from the pattern of its turn.
func repeated(n int, patterns ...string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = strings.ReplaceAll(patterns[i%len(patterns)], "#", fmt.Sprint(i))
	}
	return "[" + strings.Join(items, ",") + "]"
}

// TestUnion_IsFoundByEvidence: the tag is the string that explains which keys
// there are, whatever its name; a string that explains nothing is none.
func TestUnion_IsFoundByEvidence(t *testing.T) {
	for name, test := range map[string]struct {
		body, path, tag string
		variants        int
	}{
		"payment methods": {repeated(60, `{"id":"pm_#","type":"card","card":{"last4":"42"}}`, `{"id":"pm_#","type":"sepa_debit","sepa_debit":{"bank":"x"}}`, `{"id":"pm_#","type":"card","card":{"last4":"43"},"note":"n"}`), "/[]", "type", 2},
		"events":          {repeated(60, `{"type":"PushEvent","payload":{"ref":"x","size":1}}`, `{"type":"WatchEvent","payload":{"action":"started"}}`, `{"type":"ForkEvent","payload":{"forkee":{"a":1}}}`), "/[]", "type", 3},
		"attributes":      {repeated(60, `{"id":"#","type":"people","attributes":{"name":"x","age":#}}`, `{"id":"#","type":"articles","attributes":{"title":"x","body":"y"}}`), "/[]", "type", 2},
		"a strange name":  {repeated(60, `{"id":#,"flavour":"sweet","sugar":1}`, `{"id":#,"flavour":"sour","acid":2}`), "/[]", "flavour", 2},
		"graphql":         {`{"data":{"nodes":` + repeated(60, `{"__typename":"Issue","number":1}`, `{"__typename":"User","login":"x"}`) + `}}`, "/data/nodes/[]", "__typename", 2},
		"other kinds":     {repeated(60, `{"type":"number","value":#}`, `{"type":"text","value":"v"}`, `{"type":"none","value":null}`), "/[]", "type", 3},
		"in a map":        {`{"by":{` + strings.Trim(strings.ReplaceAll(repeated(60, `"2026-01-01":{"kind":"a","x":1}`, `"2026-01-02":{"kind":"b","y":1}`), "2026-01-0", "2026-01-0"), "[]") + `}}`, "/by", "", 0},
		"beside noise": {repeated(300, `{"kind":"a","x":1,"opt":1,"status":"open"}`, `{"kind":"b","y":1,"status":"closed"}`, `{"kind":"a","x":1,"status":"closed"}`, `{"kind":"b","y":1,"status":"open"}`,
			`{"kind":"b","y":1,"opt":1,"status":"open"}`), "/[]", "kind", 2},
		"one shape":                 {repeated(60, `{"type":"a","x":1}`, `{"type":"b","x":2}`), "/[]", "", 0},
		"optional, but by chance":   {repeated(60, `{"type":"a","x":1}`, `{"type":"b"}`, `{"type":"a"}`, `{"type":"b","x":1}`), "/[]", "", 0},
		"ids":                       {repeated(60, `{"key":"K#","x":1}`, `{"key":"L#","y":1}`), "/[]", "", 0},
		"too many values":           {repeated(60, `{"type":"a#","x":1}`, `{"type":"b#","y":1}`), "/[]", "", 0},
		"a tag that is often away":  {repeated(60, `{"type":"a","x":1}`, `{"x":1}`, `{"type":"b","y":1}`), "/[]", "", 0},
		"too few to tell":           {repeated(8, `{"type":"a","x":1}`, `{"type":"b","y":1}`), "/[]", "", 0},
		"times are no tags":         {repeated(60, `{"at":"2026-01-01","x":1}`, `{"at":"2026-01-02","y":1}`), "/[]", "", 0},
		"names of people are none":  {repeated(60, `{"name":"ada","x":1}`, `{"name":"bob","y":1}`), "/[]", "", 0},
		"a state with its own time": {repeated(60, `{"state":"open","id":#}`, `{"state":"closed","id":#,"closed_at":"2026-01-01"}`), "/[]", "state", 2},
	} {
		t.Run(name, func(t *testing.T) {
			u := field(t, learned(t, test.body), test.path).Union
			switch {
			case u == nil && test.tag != "":
				t.Error("no union")
			case u != nil && (u.Tag != test.tag || len(u.Variants) != test.variants):
				t.Errorf("%+v", *u)
			}
		})
	}
}

// TestUnion_KnowsTheKeysOfEachVariant, in lists, per answer, and in the object
// right below.
func TestUnion_KnowsTheKeysOfEachVariant(t *testing.T) {
	s := shape.New(shape.Limits{})
	for range 5 {
		observe(t, s, `[{"type":"a","x":1,"more":{"m":1}},{"type":"b","y":null},{"type":"a","x":"t","z":2,"more":{}}]`)
		observe(t, s, `[{"type":"b","y":2}]`)
	}
	observe(t, s, `[{"type":"b","y":2}]`)
	u := field(t, s, "/[]").Union
	if u == nil || u.Tag != "type" {
		t.Fatalf("%+v", u)
	}
	var got []string
	for _, v := range u.Variants {
		got = append(got, fmt.Sprintf("%s %d in %d", v.Value, v.Count, v.Probes))
		for _, k := range v.Keys {
			got = append(got, fmt.Sprintf("%s %d/%d %v %v", k.Path, k.Count, k.Parents, k.Probes, k.Kinds))
		}
	}
	want := []string{
		"b 11 in 11",
		"/[]/type 11/11 {11 0 0} [string]", "/[]/y 11/11 {11 0 0} [null integer]",
		"a 10 in 5",
		"/[]/more 10/10 {5 0 0} [object]", "/[]/more/m 5/10 {0 5 0} [integer]",
		"/[]/type 10/10 {5 0 0} [string]", "/[]/x 10/10 {5 0 0} [integer string]", "/[]/z 5/10 {0 5 0} [integer]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(u.Variants, s.Variants("/[]", "type")); diff != "" {
		t.Error(diff)
	}
	for _, odd := range [][2]string{{"/[]", "y"}, {"/[]/x", "type"}, {"/nope", "type"}, {"", "type"}, {"/[]/{}", "type"}} {
		if v := s.Variants(odd[0], odd[1]); v != nil {
			t.Errorf("%q: %+v", odd, v)
		}
	}
}

// TestVariants_AreKnownOfOneAnswer so that it can be held to an old union.
func TestVariants_AreKnownOfOneAnswer(t *testing.T) {
	s := learned(t, `{"object":"card","last4":"42"}`)
	v := s.Variants("", "object")
	if len(v) != 1 || v[0].Value != "card" || v[0].Count != 1 || v[0].Probes != 1 || len(v[0].Keys) != 2 || !v[0].Keys[0].Required() {
		t.Errorf("%+v", v)
	}
}

// TestVariants_CountWhatAnyoneWouldCount compares the rows with counts made
// the simple way, on documents that meet all of the shortcuts: lone objects,
// lists, nesting, keys that come late, more varieties than are kept.
func TestVariants_CountWhatAnyoneWouldCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 9))
		s, want, formats := shape.New(shape.Limits{}), map[string]uint64{}, map[string][]string{}
		drawn := func(key string) (literal string) {
			literal, format := valueOfFormat(random)
			if format != none && !slices.Contains(formats[key], format) {
				formats[key] = append(formats[key], format)
			}
			return literal
		}
		for range 1 + random.IntN(12) {
			body, items := "", 1+random.IntN(30)
			probe := map[string][2]uint64{}
			for range items {
				tag := string(rune('a' + random.IntN(3)))
				item := fmt.Sprintf(`"type":%q`, tag)
				keys := []string{tag, tag + " type"}
				for k := range 5 {
					if random.IntN(3) > 0 {
						key := fmt.Sprintf("%s k%d", tag, k)
						item = fmt.Sprintf(`"k%d":%s,`, k, drawn(key)) + item
						keys = append(keys, key)
					}
				}
				if random.IntN(2) == 0 {
					item += `,"o":{"p":` + drawn(tag+" o/p") + `}`
					keys = append(keys, tag+" o", tag+" o/p")
				}
				for _, k := range keys {
					want[k]++
					p := probe[k]
					probe[k] = [2]uint64{p[0] + 1}
				}
				body += ",{" + item + "}"
			}
			for k, p := range probe {
				of := probe[k[:1]][0]
				if strings.HasSuffix(k, "o/p") {
					of = probe[k[:1]+" o"][0]
				}
				switch {
				case len(k) == 1:
					want["probes "+k]++
				case p[0] == of:
					want["all "+k]++
				default:
					want["some "+k]++
				}
			}
			observeIn(t, s, "["+body[1:]+"]")
		}
		got, told := map[string]uint64{}, map[string][]string{}
		for _, v := range s.Variants("/[]", "type") {
			got[v.Value], got["probes "+v.Value] = v.Count, v.Probes
			for _, k := range v.Keys {
				name := v.Value + " " + strings.TrimPrefix(k.Path, "/[]/")
				got[name] = k.Count
				if k.Formats != nil && k.Name != "type" {
					told[name] = k.Formats
				}
				if k.Probes.All > 0 {
					got["all "+name] = k.Probes.All
				}
				if k.Probes.Some > 0 {
					got["some "+name] = k.Probes.Some
				}
			}
		}
		if diff := cmp.Diff(want, got) + cmp.Diff(withoutTimes(formats), told); diff != "" {
			t.Fatal(diff)
		}
	})
}

const none = "none" // of a value that no format narrows

// valueOfFormat is a literal and its format; "1" stands for an integer that is
// no time.
func valueOfFormat(random *rand.Rand) (literal, format string) {
	all := [][2]string{{`1`, "1"}, {`"a"`, ""}, {`""`, none}, {`null`, none}, {`1.5`, none}, {`[]`, none}, {`{}`, none}, {`"2026-03-01"`, "date"}, {`"f47ac10b-58cc-4372-a567-0e02b2c3d479"`, "uuid"}, {`1772366400`, "epoch-s"}, {`true`, none}}
	one := all[random.IntN(len(all))]
	return one[0], one[1]
}

// withoutTimes sorts formats and leaves times of integers out where another
// integer was none.
func withoutTimes(formats map[string][]string) map[string][]string {
	out := map[string][]string{}
	for key, all := range formats {
		if slices.Contains(all, "1") {
			all = slices.DeleteFunc(slices.Clone(all), func(f string) bool { return f == "1" || f == "epoch-s" })
		}
		if slices.Sort(all); len(all) > 0 {
			out[key] = all
		}
	}
	return out
}

func observeIn(t *rapid.T, s *shape.Shape, body string) {
	if err := s.Observe([]byte(body), noon); err != nil {
		t.Fatal(err)
	}
}

// unionDocument draws lists of variants among objects that fold.
func unionDocument(random *rand.Rand) string {
	tags := []string{"type", "kind", "status", "@type", "mode", "colour", "shade", "hue", "tone"}
	var write func(depth int) string
	write = func(depth int) string {
		var parts []string
		for _, tag := range tags {
			if random.IntN(3) == 0 {
				continue
			}
			value := string(rune('a' + random.IntN(3)))
			switch random.IntN(40) {
			case 0:
				value += fmt.Sprint("x", random.IntN(30))
			case 1:
				value = "2026-01-02"
			}
			parts = append(parts, fmt.Sprintf("%q:%q", tag, value))
		}
		for range random.IntN(5) {
			parts = append(parts, fmt.Sprintf(`"k%d":%s`, random.IntN(6), []string{"1", "null", `"x"`, "[]", "1.5", `"2026-01-02"`, "1772366400", `""`}[random.IntN(8)]))
		}
		if depth < 3 {
			for range random.IntN(3) {
				parts = append(parts, fmt.Sprintf(`"o%d":%s`, random.IntN(4), write(depth+1)))
			}
		}
		if random.IntN(12) == 0 {
			for range 8 {
				parts = append(parts, fmt.Sprintf(`"w%d":1`, random.IntN(200)))
			}
		}
		random.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		return "{" + strings.Join(slices.Clip(parts), ",") + "}"
	}
	var items []string
	for range 1 + random.IntN(6) {
		items = append(items, write(0))
	}
	if len(items) == 1 {
		return items[0]
	}
	return "[" + strings.Join(items, ",") + "]"
}

// TestMerge_IsByteIdenticalForUnions deals documents of many tags out to
// shapes and merges these in any order, where folding is met and where not.
func TestMerge_IsByteIdenticalForUnions(t *testing.T) {
	for seed := range uint64(120) {
		random := rand.New(rand.NewPCG(seed, 11))
		limits := []shape.Limits{{}, {Nodes: 60}, {Nodes: 300}}[seed%3]
		whole, parts := shape.New(limits), []*shape.Shape{shape.New(limits), shape.New(limits), shape.New(limits)}
		var docs []string
		for range 1 + random.IntN(30) {
			d := unionDocument(random)
			docs = append(docs, d)
			for _, s := range []*shape.Shape{whole, parts[random.IntN(3)]} {
				if err := s.Observe([]byte(d), noon); err != nil {
					t.Fatal(err)
				}
			}
		}
		stream := shape.New(limits)
		if _, err := stream.ObserveStream(strings.NewReader(strings.Join(docs, "\n")), noon); err != nil {
			t.Fatal(err)
		}
		i := random.IntN(3)
		left := parts[i].Clone()
		left.Merge(parts[(i+1)%3])
		left.Merge(parts[(i+2)%3])
		for name, s := range map[string]*shape.Shape{"merged": left, "streamed": stream} {
			if string(encoded(t, s)) != string(encoded(t, whole)) {
				t.Fatalf("seed %d: %s state differs: %s", seed, name, cmp.Diff(whole.Fields(), s.Fields()))
			}
		}
		copied := new(shape.Shape)
		if err := copied.UnmarshalBinary(encoded(t, whole)); err != nil || string(encoded(t, copied)) != string(encoded(t, whole)) {
			t.Fatalf("seed %d: decoding changed the state: %v", seed, err)
		}
	}
}

// TestDrop_LeavesNoKeyOfAVariant: what is dropped is gone from the rows too,
// and what is left is written and read as any state is.
func TestDrop_LeavesNoKeyOfAVariant(t *testing.T) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 12))
		s := shape.New(shape.Limits{})
		for range 10 {
			observe(t, s, unionDocument(random))
		}
		fields := s.Fields()
		gone := fields[1+random.IntN(len(fields)-1)]
		if !s.Drop(gone.Path) {
			continue
		}
		copied := new(shape.Shape)
		if err := copied.UnmarshalBinary(encoded(t, s)); err != nil || string(encoded(t, copied)) != string(encoded(t, s)) {
			t.Fatalf("seed %d, %s: %v, or another state", seed, gone.Path, err)
		}
		for _, f := range s.Fields() {
			for _, v := range s.Variants(f.Path, "type") {
				if _, there := v.Key(gone.Path); there {
					t.Errorf("seed %d: %s is still in %s", seed, gone.Path, v.Value)
				}
			}
		}
	}
}
