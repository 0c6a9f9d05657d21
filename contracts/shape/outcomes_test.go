package shape_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts/shape"
)

// TestObserve_GivesEveryBadBodyItsOutcome: a syntax error with its place or a
// limit that was passed, and no trace, whether the shape was empty or not.
func TestObserve_GivesEveryBadBodyItsOutcome(t *testing.T) {
	limits := shape.Limits{Keys: 3, Body: 1 << 20}
	for name, test := range map[string]struct{ body, want string }{
		"nothing":                   {"", `not JSON at byte 0, path "": the text ends before a value`},
		"blanks":                    {" \n\t", `not JSON at byte 3, path "": the text ends before a value`},
		"only a mark":               {"\ufeff", `not JSON at byte 3, path "": the text ends before a value`},
		"two marks":                 {"\ufeff\ufeff{}", `not JSON at byte 3, path "": invalid value`},
		"a mark in UTF-16":          {"\xff\xfe{\x00}\x00", `not JSON at byte 0, path "": invalid value`},
		"HTML":                      {"<html>", `not JSON at byte 0, path "": invalid value`},
		"text after":                {`{"a":1} ok`, `not JSON at byte 8, path "": text after the value`},
		"two documents":             {"{}\n{}", `not JSON at byte 3, path "": text after the value`},
		"cut in a string":           {`{"a":{"b":"x`, `not JSON at byte 12, path "/a/b": the text ends inside a string`},
		"cut after a key":           {`{"a"`, `not JSON at byte 4, path "/a": expected a colon after a key`},
		"cut after a colon":         {`{"a":`, `not JSON at byte 5, path "/a": the text ends before a value`},
		"cut in a list":             {`{"a":[1,{"b":2}`, `not JSON at byte 15, path "/a/1": the text ends inside an object or array`},
		"cut in a number":           {`[1.`, `not JSON at byte 3, path "": number that ends in a point`},
		"cut in a word":             {`[tru`, `not JSON at byte 1, path "": invalid value`},
		"trailing comma":            {`{"a":1,}`, `not JSON at byte 7, path "/a": expected a key`},
		"trailing comma in a list":  {`[1,]`, `not JSON at byte 3, path "/0": invalid value`},
		"no comma":                  {`[1 2]`, `not JSON at byte 3, path "/0": expected a comma or the end of the object or array`},
		"the wrong bracket":         {`[1}`, `not JSON at byte 2, path "/0": expected a comma or the end of the object or array`},
		"single quotes":             {`{'a':1}`, `not JSON at byte 1, path "": expected a key`},
		"a comment":                 {`{/**/}`, `not JSON at byte 1, path "": expected a key`},
		"NaN":                       {`[NaN]`, `not JSON at byte 1, path "": invalid value`},
		"a leading zero":            {`{"a":012}`, `not JSON at byte 6, path "/a": number with a leading zero`},
		"a plus":                    {`+1`, `not JSON at byte 0, path "": invalid value`},
		"a bare minus":              {`-`, `not JSON at byte 1, path "": invalid number`},
		"an empty exponent":         {`1e+`, `not JSON at byte 3, path "": number with an empty exponent`},
		"a control character":       {"[\"a\x01\"]", `not JSON at byte 3, path "": control character in a string`},
		"an unknown escape":         {`["\x41"]`, `not JSON at byte 2, path "": invalid escape in a string`},
		"invalid UTF-8":             {"{\"a\":\"\xc3\x28\"}", `not JSON at byte 6, path "/a": invalid UTF-8 in a string`},
		"invalid UTF-8 in a key":    {"{\"\xff\":1}", `not JSON at byte 2, path "": invalid UTF-8 in a string`},
		"an overlong zero":          {"[\"\xc0\x80\"]", `not JSON at byte 2, path "": invalid UTF-8 in a string`},
		"a surrogate in UTF-8":      {"[\"\xed\xa0\x80\"]", `not JSON at byte 2, path "": invalid UTF-8 in a string`},
		"half a surrogate pair":     {`["\ud83d"]`, `not JSON at byte 2, path "": invalid escape in a string`},
		"the other half":            {`["\ude00"]`, `not JSON at byte 2, path "": invalid escape in a string`},
		"two first halves":          {`["\ud83d\ud83d"]`, `not JSON at byte 2, path "": invalid escape in a string`},
		"too deep":                  {strings.Repeat("[", 65) + strings.Repeat("]", 65), `over limit at path "` + strings.Repeat("/0", 64) + `": nested deeper than 64`},
		"too deep, never closed":    {strings.Repeat(`{"a":`, 100_000), `over limit at path "` + strings.Repeat("/a", 64) + `": nested deeper than 64`},
		"too many keys":             {`{"x":{"a":1,"b":2,"c":3,"d":4}}`, `over limit at path "/x/d": object with more than 3 keys`},
		"too large":                 {`"` + strings.Repeat("x", 1<<20) + `"`, `over limit at path "": body larger than 1048576 bytes`},
		"a long path is cut at ...": {`{"` + strings.Repeat("ü", 200) + `":[}`, `not JSON at byte 405, path "/` + strings.Repeat("ü", 127) + `": invalid value`},
	} {
		t.Run(name, func(t *testing.T) {
			for _, first := range []string{"", `{"a":[1,{"b":null}]}`} {
				s := shape.New(limits)
				if first != "" {
					observe(t, s, first)
				}
				before := encoded(t, s)
				err := s.Observe([]byte(test.body), noon)
				if err == nil {
					t.Fatal("accepted")
				}
				syntax, limit := errors.As(err, new(*shape.SyntaxError)), errors.As(err, new(*shape.LimitError))
				if syntax == limit || limit != strings.HasPrefix(test.want, "over limit") {
					t.Errorf("%T", err)
				}
				if diff := cmp.Diff(test.want, err.Error()); diff != "" {
					t.Error(diff)
				}
				if !bytes.Equal(before, encoded(t, s)) {
					t.Error("the error left a trace")
				}
			}
		})
	}
}

func TestObserve_AcceptsWhatIsOddButRight(t *testing.T) {
	deep := strings.Repeat("[", 64) + strings.Repeat("]", 64)
	for name, test := range map[string]struct {
		body, path string
		read       func(f shape.Field) any
		want       any
	}{
		"a byte order mark":     {"\ufeff{\"a\":1}", "/a", func(f shape.Field) any { return f.Count }, uint64(1)},
		"a bare value":          {" 7 ", "", func(f shape.Field) any { return f.Kinds[shape.Int] }, uint64(1)},
		"the deepest":           {deep, strings.Repeat("/[]", 63), func(f shape.Field) any { return f.EmptyArrays }, uint64(1)},
		"a duplicate key":       {`{"a":1,"a":"x","b":2,"a":null}`, "", func(f shape.Field) any { return f.Duplicates }, uint64(2)},
		"first of duplicates":   {`{"a":1,"a":"x","a":null}`, "/a", func(f shape.Field) any { return f.Kinds }, shape.KindCounts{shape.Int: 1}},
		"escaped duplicates":    {`{"a":1,"\u0061":"x"}`, "", func(f shape.Field) any { return f.Duplicates }, uint64(1)},
		"an empty key":          {`{"":1}`, "/", func(f shape.Field) any { return f.Name }, ""},
		"a key with a slash":    {`{"a/b~c":1}`, "/a~1b~0c", func(f shape.Field) any { return f.Name }, "a/b~c"},
		"a long key":            {`{"` + strings.Repeat("k", 300) + `":1}`, "/" + strings.Repeat("k", 239) + "~03e901c94ff54faa0", func(f shape.Field) any { return f.Depth }, 1},
		"a surrogate pair":      {`["\ud83d\ude00"]`, "/[]", func(f shape.Field) any { return f.Lengths.Max }, uint64(4)},
		"a zero byte":           {`["\u0000"]`, "/[]", func(f shape.Field) any { return f.Lengths.Max }, uint64(1)},
		"minus zero":            {`[0,-0]`, "/[]", func(f shape.Field) any { return f.Values.Distinct }, uint64(2)},
		"1.0 is no integer":     {`[1.0]`, "/[]", func(f shape.Field) any { return f.Kinds }, shape.KindCounts{shape.Frac: 1}},
		"9007199254740993":      {`[9007199254740993]`, "/[]", func(f shape.Field) any { return f.Numbers.Max + " " + strings.Repeat("!", int(f.Numbers.Beyond53)) }, "9007199254740993 !"},
		"beyond 64 bits":        {`[18446744073709551616,-9223372036854775809]`, "/[]", func(f shape.Field) any { return f.Numbers.Min + " " + f.Numbers.Max }, "-9223372036854775809 18446744073709551616"},
		"beyond a float":        {`[1e400,-1e400,1e401]`, "/[]", func(f shape.Field) any { return f.Numbers.Min + " " + f.Numbers.Max }, "-1e400 1e401"},
		"below a float":         {`[1e-400,1e-401]`, "/[]", func(f shape.Field) any { return f.Numbers.Min + " " + f.Numbers.Max }, "1e-401 1e-400"},
		"10,000 digits":         {"[" + strings.Repeat("7", 10_000) + "]", "/[]", func(f shape.Field) any { return f.Numbers.Max }, strings.Repeat("7", 40) + "e9960"},
		"10,000 decimals":       {"[0." + strings.Repeat("3", 10_000) + "]", "/[]", func(f shape.Field) any { return f.Numbers.Decimals }, 255},
		"an exponent of 10,000": {"[1e" + strings.Repeat("9", 10_000) + "]", "/[]", func(f shape.Field) any { return f.Kinds[shape.Frac] }, uint64(1)},
		"price by decimal":      {`[0.1,0.30000000000000004,0.3]`, "/[]", func(f shape.Field) any { return f.Numbers.Max }, "0.30000000000000004"},
		"five kinds of emptying": {`[{},{"a":null},{"a":""},{"a":[]},{"a":{}}]`, "/[]/a", func(f shape.Field) any {
			return []uint64{f.Parents - f.Count, f.Kinds[shape.Null], f.EmptyStrings, f.EmptyArrays, f.EmptyObjects}
		}, []uint64{1, 1, 1, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			s := shape.New(shape.Limits{})
			observe(t, s, test.body)
			f, ok := s.Field(test.path)
			if !ok {
				t.Fatalf("no %q in %+v", test.path, s.Fields())
			}
			if diff := cmp.Diff(test.want, test.read(f)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
