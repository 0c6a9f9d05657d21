package contracts_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"shapewatch/contracts"
)

func TestSignals_WhatIsNumberedThrough(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		body string
		want []contracts.Sequence
	}{
		"ids of a list":             {`{"data":[{"id":48118,"owner":{"id":990000}},{"id":48120},{"id":48119}]}`, []contracts.Sequence{{Path: "/data/[]/id", At: 48120}}},
		"texts of digits":           {`[{"id":"1094000000000000001"},{"id":"1094000000000000007"}]`, []contracts.Sequence{{Path: "/[]/id", At: 1094000000000000007}}},
		"a better name first":       {`{"data":[{"id":7,"account_id":3,"seq":12}]}`, []contracts.Sequence{{Path: "/data/[]/seq", At: 12}, {Path: "/data/[]/id", At: 7}}},
		"numbers alone":             {`[48120,48117]`, []contracts.Sequence{{Path: "/[]", At: 48120}}},
		"a height":                  {`{"chain":{"height":840000}}`, []contracts.Sequence{{Path: "/chain/height", At: 840000}}},
		"the last id":               {`{"lastUpdateId":1027024,"bids":[["4.0"]]}`, []contracts.Sequence{{Path: "/lastUpdateId", At: 1027024}}},
		"one thing":                 {`{"id":48120,"number":7}`, nil},
		"the same in each":          {`{"data":[{"id":"a","account_id":3},{"id":"b","account_id":3}]}`, nil},
		"a time":                    {`{"data":[{"id":1772445600},{"id":1772445601}]}`, nil},
		"not whole":                 {`{"data":[{"id":1.5},{"id":2}]}`, nil},
		"in a list that is no main": {`{"data":[{"name":"x","tags":[{"id":1}]}]}`, nil},
	} {
		if diff := cmp.Diff(c.want, contracts.Observe(answered(c.body, at), nil).Signals.Sequences); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestHighestAt_ReadsWhatADecoderReads holds the quick way through a text
// against the standard library's.
func TestHighestAt_ReadsWhatADecoderReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := anyValue(t, 3)
		text, err := json.MarshalIndent(value, rapid.SampledFrom([]string{"", " "}).Draw(t, "prefix"), rapid.SampledFrom([]string{"", "\t"}).Draw(t, "indent"))
		if err != nil {
			t.Fatal(err)
		}
		path := "/" + strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"[]", "id", "da/ta", `q"`}), 1, 3).Draw(t, "path"), "/")
		path = strings.ReplaceAll(path, "da/ta", "da~1ta")
		want, seen := decodedAt(value, strings.Split(path, "/")[1:])
		got, ok := contracts.HighestAt(string(text), path)
		if strings.Contains(path, `"`) && !ok {
			return // a key with an escape is not looked for
		}
		if got != want || ok != seen {
			t.Fatalf("%s at %s: %d %t, want %d %t", text, path, got, ok, want, seen)
		}
	})
}

func anyValue(t *rapid.T, depth int) any {
	kind := rapid.IntRange(0, 6).Draw(t, "kind")
	if depth == 0 {
		kind %= 4
	}
	switch kind {
	case 0:
		return rapid.Int64Range(-5, 1<<60).Draw(t, "n")
	case 1:
		return strconv.Itoa(rapid.IntRange(0, 1e6).Draw(t, "digits"))
	case 2:
		return rapid.SampledFrom([]any{nil, true, 1.5, `,]}"{`, `\`, "", "x:1"}).Draw(t, "other")
	case 3:
		return rapid.String().Draw(t, "text")
	case 4:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			list = append(list, anyValue(t, depth-1))
		}
		return list
	}
	o := map[string]any{}
	for range rapid.IntRange(0, 3).Draw(t, "keys") {
		o[rapid.SampledFrom([]string{"id", "da/ta", `q"`, "x"}).Draw(t, "key")] = anyValue(t, depth-1)
	}
	return o
}

func decodedAt(value any, way []string) (highest int64, seen bool) {
	merge := func(n int64, ok bool) { highest, seen = max(highest, n), seen || ok }
	switch v := value.(type) {
	case int64:
		if len(way) == 0 && v >= 0 {
			return v, true
		}
	case string:
		if n, err := strconv.ParseInt(v, 10, 64); err == nil && len(way) == 0 && n >= 0 {
			return n, true
		}
	case []any:
		if len(way) > 0 && way[0] == "[]" {
			for _, item := range v {
				merge(decodedAt(item, way[1:]))
			}
		}
	case map[string]any:
		if len(way) > 0 && way[0] != "[]" {
			if child, ok := v[strings.ReplaceAll(way[0], "~1", "/")]; ok {
				merge(decodedAt(child, way[1:]))
			}
		}
	}
	return highest, seen
}

// FuzzHighestAt never reads beyond what a vendor sent, nor for ever.
func FuzzHighestAt(f *testing.F) {
	for _, text := range []string{`{"data":[{"id":7}]}`, `[`, `{"data"`, `{"data":`, `{"data":[{"id":"\`, `]]`, `{"data":[}`, ``} {
		f.Add(text)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		contracts.HighestAt(text, "/data/[]/id")
		contracts.HighestAt(text, "/[]")
	})
}
