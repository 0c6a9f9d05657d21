package shape_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"shapewatch/contracts/shape"
)

// The cases that JSON parsers disagree on, by the classes in which they are
// usually listed: must be accepted, must be refused, and up to the
// implementation, where ours is a decision that doc.go states.

var mustAccept = []string{
	`[[]   ]`, `[""]`, `[]`, `["a"]`, `[false]`, `[null, 1, "1", {}]`, `[null]`, "[1\n]", ` [1]`, `[1,null,null,null,2]`, `[2] `,
	`[0e+1]`, `[0e1]`, `[ 4]`, `[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]`, `[20e1]`, `[-0]`,
	`[-123]`, `[-1]`, `[1E22]`, `[1E-2]`, `[1E+2]`, `[123e45]`, `[123.456e78]`, `[1e-2]`, `[1e+2]`, `[123]`, `[123.456789]`, `[0]`, `[0.5]`, `[1.0]`,
	`{"asd":"sdf", "dfg":"fgh"}`, `{"a":"b","a":"c"}`, `{"a":"b","a":"b"}`, `{}`, `{"":0}`, `{"foo\u0000bar": 42}`,
	`{ "min": -1.0e+28, "max": 1.0e+28 }`, `{"x":[{"id": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}], "id": "xxx"}`, `{"a":[]}`,
	`{"title":"\u041f\u043e\u043b\u0442\u043e\u0440\u0430" }`, "{\n\"a\": \"b\"\n}",
	`["\u0060\u012a\u12AB"]`, `["\uD801\udc37"]`, `["\ud83d\ude39\ud83d\udc8d"]`, `["\"\\\/\b\f\n\r\t"]`, `["\\u0000"]`, `["\""]`,
	`["a/*b*/c/*d//e"]`, `["\\a"]`, `["\\n"]`, `["\u0012"]`, `["\uFFFF"]`, `["asd"]`, `[ "asd"]`, `["\uDBFF\uDFFF"]`, `["new\u00A0line"]`,
	"[\"\U0010FFFF\"]", "[\"\uFFFF\"]", `["\u0000"]`, `["\u002c"]`, "[\"\u03c0\"]", "[\"\U0001BFFF\"]", `["asd "]`, `" "`, `["\uD834\uDd1e"]`, `["\u0821"]`,
	`["\u0123"]`, "[\"\u2028\"]", "[\"\u2029\"]", `["\u0061\u30af\u30EA\u30b9"]`, `["new\u000Aline"]`, "[\"\x7f\"]", `["\uA66D"]`,
	`["\u005C"]`, "[\"⍂㈴⍂\"]", `["\u0022"]`, `["\uDBFF\uDFFE"]`, `["\uD83F\uDFFE"]`, `["\u200B"]`, `["\u2064"]`, `["\uFDD0"]`, `["\uFFFE"]`, "[\"€𝄞\"]", "[\"a\x7fa\"]",
	`false`, `42`, `-0.1`, `null`, `"asd"`, `true`, `""`, "[\"a\"]\n", `[true]`, ` [] `, "\t\r\n 1 \n", `[[[[[[[[[[1]]]]]]]]]]`, `{"a":{"b":{"c":[{"d":null}]}}}`,
}

var mustRefuse = []string{
	`[1 true]`, "[a\xe5]", `["": 1]`, `[""],`, `[,1]`, `[1,,2]`, `["x",,]`, `["x"]]`, `["",]`, `["x"`, `[x`, `[3[4]]`, "[\xff]", `[1:2]`, `[,]`, `[-]`, `[   , ""]`,
	"[\"a\",\n4\n,1,", `[1,]`, `[1,,]`, "[\"\x0ba\"\\f]", `[*]`, `[""`, `[1,`, "[1,\n1\n,1", `[{}`, `[fals]`, `[nul]`, `[tru]`, "123\x00",
	`[++1234]`, `[+1]`, `[+Inf]`, `[-01]`, `[-1.0.]`, `[-2.]`, `[-NaN]`, `[.-1]`, `[.2e-3]`, `[0.1.2]`, `[0.3e+]`, `[0.3e]`, `[0.e1]`, `[0E+]`, `[0E]`, `[0e+]`, `[0e]`,
	`[1.0e+]`, `[1.0e-]`, `[1.0e]`, `[1 000.0]`, `[1eE2]`, `[2.e+3]`, `[2.e-3]`, `[2.e3]`, `[9.e+]`, `[Inf]`, `[NaN]`, "[\uff11]", `[1+2]`, `[0x1]`, `[0x42]`, `[Infinity]`,
	"[123\xe5]", "[1e1\xe5]", "[0\xe5]", `[-Infinity]`, `[-foo]`, `[- 1]`, `[-012]`, `[-.123]`, "[-1x]", `[1ea]`, "[1e\xe5]", `[1.]`, `[.123]`, `[1.2a-3]`, `[1.8011670033376514H-308]`, `[012]`,
	`["x", truth]`, `{[: "x"}`, `{"x", null}`, `{"x"::"b"}`, `{"a":"a" 123}`, `{key: 'value'}`, "{\"\xb9\":\"0\",}", `{"a" b}`, `{:"b"}`, `{"a" "b"}`, `{"a":`, `{"a"`, `{1:1}`, `{9999E9999:1}`,
	`{null:null,null:null}`, `{"id":0,,,,,}`, `{'a':0}`, `{"id":0,}`, `{"a":"b"}/**/`, `{"a":"b"}/**//`, `{"a":"b"}//`, `{"a":"b"}/`, `{"a":"b",,"c":"d"}`, `{a: "b"}`, `{"a":"a`, `{ "foo" : "bar", "a" }`,
	`{"a":"b"}#`, ` `, `["\uD800\"]`, `["\uD800\u"]`, `["\uD800\u1"]`, `["\uD800\u1x"]`, `[é]`, "[\"\\\x00\"]", `["\\\"]`, `["\x00"]`, "[\"\\\t\"]", "[\"\\🌀\"]", `["\"]`, `["\u00A"]`, `["\uD834\uDd"]`, `["\uD800\uD800\x"]`,
	"[\"\\u\xe5\"]", `["\a"]`, `["\uqqqq"]`, "[\"\\\xe5\"]", `[\u0020"asd"]`, `[\n]`, `"`, `['single quote']`, `abc`, `["\`, "[\"a\x00a\"]", "[\"new\nline\"]", "[\"\t\"]", `"\UA66D"`, `""x`, "[\u2060]", "\xef\xbb\xbf", `<.>`, `[<null>]`, `[1]x`, `[1]]`,
	`["asd]`, "a\xc3\xa5", `[True]`, `1]`, `{"x": true,`, `[][]`, `]`, "\xef\xbb{}", "\xe5", `[`, ``, "[\x00]", `2@`, `{}}`, `{"":`, `{"a":/*comment*/"b"}`, `{"a": true} "x"`, `['`, `["`, `["a`, `[,`, `[{`, `{`, `{]`, `{,`, `{"`, `{'`, `{["`, "{\"\\u", `*`,
	`{"a":"b"}#{}`, "[\u000c]", `["a",`, `[1,2`, `{"asd":"asd"`, "\u00e5", "[\u2060]", `[true,fals`, `{"a":1 "b":2}`, `[01]`, `[1e]`, `[.5]`, `[+5]`, `[00]`, `[-]`, `nan`, `True`, `[1,2]}`, `{"a":[}`, `{"a":]`, `"\u{1F600}"`, "'a'", "[\"\x01\"]", "[\"\x1f\"]",
}

// upToUs are the cases that a parser may decide on, each with our decision.
var upToUs = []struct{ name, body, outcome string }{
	{"an exponent that overflows a float", `[123.456e-789]`, "accepted"},
	{"a huge exponent", `[0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999969999999006]`, "accepted"},
	{"a huge negative integer", `[-123123123123123123123123123123]`, "accepted"},
	{"a huge integer", `[100000000000000000000]`, "accepted"},
	{"a number beyond a double", `[1.5e+9999]`, "accepted"},
	{"a negative one", `[-1e+9999]`, "accepted"},
	{"one half below", `[123e-10000000]`, "accepted"},
	{"10,000 digits", `[` + strings.Repeat("9", 10_000) + `]`, "accepted"},
	{"a key twice", `{"a":1,"a":2}`, "accepted"},
	{"a lone first half in a key", `{"\uDFAA":0}`, "not JSON"},
	{"a lone first half", `["\uDADA"]`, "not JSON"},
	{"a first half and text", `["\uD888\u1234"]`, "not JSON"},
	{"a first half, cut", `["\uD800\n"]`, "not JSON"},
	{"an inverted pair", `["\uDd1e\uD834"]`, "not JSON"},
	{"two first halves", `["\uD800\uD800\n"]`, "not JSON"},
	{"a lone second half", `["\uDFAA"]`, "not JSON"},
	{"an overlong sequence of two bytes", "[\"\xc0\xaf\"]", "not JSON"},
	{"one of six", "[\"\xfc\x83\xbf\xbf\xbf\xbf\"]", "not JSON"},
	{"an overlong null", "[\"\xfc\x80\x80\x80\x80\x80\"]", "not JSON"},
	{"a lone continuation byte", "[\"\x81\"]", "not JSON"},
	{"a byte of Latin-1", "[\"\xe9\"]", "not JSON"},
	{"not in the range of Unicode", "[\"\xf4\xbf\xbf\xbf\"]", "not JSON"},
	{"a surrogate in UTF-8", "[\"\xed\xa0\x80\"]", "not JSON"},
	{"a cut sequence", "[\"\xe0\xff\"]", "not JSON"},
	{"date in Chinese, cut", "[\"\xe6\x97\xa5\xd1\x88\xfa\"]", "not JSON"},
	{"UTF-16 with a mark", "\xff\xfe[\x00\"\x00\xe9\x00\"\x00]\x00", "not JSON"},
	{"UTF-16 without", "\x00[\x00\"\x00\xe9\x00\"\x00]", "not JSON"},
	{"a mark and an object", "\xef\xbb\xbf{}", "accepted"},
	{"64 levels", strings.Repeat("[", 64) + strings.Repeat("]", 64), "accepted"},
	{"500 levels", strings.Repeat("[", 500) + strings.Repeat("]", 500), "over limit"},
	{"100,000 levels, never closed", strings.Repeat("[", 100_000), "over limit"},
	{"50,000 objects in lists, never closed", strings.Repeat(`[{"":`, 50_000), "over limit"},
}

func TestConformance_AcceptsWhatItMust(t *testing.T) {
	for _, body := range mustAccept {
		if got := outcomeOf(body); got != "accepted" {
			t.Errorf("%.100q: %s", body, got)
		}
	}
}

func TestConformance_RefusesWhatItMust(t *testing.T) {
	for _, body := range mustRefuse {
		if got := outcomeOf(body); got != "not JSON" {
			t.Errorf("%.100q: %s", body, got)
		}
	}
}

func TestConformance_DecidesWhatIsOpen(t *testing.T) {
	for _, test := range upToUs {
		if got := outcomeOf(test.body); got != test.outcome {
			t.Errorf("%s: %s, want %s", test.name, got, test.outcome)
		}
	}
}

// TestConformance_AgreesWithTheOracle on every case, and on every beginning of
// every case, which are some thousand more.
func TestConformance_AgreesWithTheOracle(t *testing.T) {
	bodies := append(append([]string{}, mustAccept...), mustRefuse...)
	for _, c := range upToUs {
		if c.outcome != "over limit" && !strings.HasPrefix(c.body, "\xef\xbb\xbf") {
			bodies = append(bodies, c.body[:min(len(c.body), 200)])
		}
	}
	cases := 0
	for _, body := range bodies {
		for end := range len(body) + 1 {
			cases++
			text := body[:end]
			if got, want := outcomeOf(text) == "accepted", oracle(text); got != want {
				t.Errorf("%q: accepted %v, the oracle says %v", text, got, want)
			}
		}
	}
	if cases < 2000 {
		t.Errorf("%d cases only", cases)
	}
}

// outcomeOf is what becomes of a body, the same for a shape that is new and one
// that knows something.
func outcomeOf(body string) string {
	one, other := shape.New(shape.Limits{}), shape.New(shape.Limits{})
	if err := other.Observe([]byte(`[{"a":1}]`), noon); err != nil {
		return err.Error()
	}
	first, second := named(one.Observe([]byte(body), noon)), named(other.Observe([]byte(body), noon))
	if first != second {
		return fmt.Sprintf("%s when new, %s later", first, second)
	}
	return first
}

func named(err error) string {
	switch {
	case err == nil:
		return "accepted"
	case errors.As(err, new(*shape.SyntaxError)):
		return "not JSON"
	case errors.As(err, new(*shape.LimitError)):
		return "over limit"
	}
	return err.Error()
}

// oracle reports whether jsontext takes a text as one value.
func oracle(text string) bool {
	text = strings.TrimPrefix(text, "\ufeff")
	d := jsontext.NewDecoder(bytes.NewReader([]byte(text)), jsontext.AllowDuplicateNames(true))
	if _, err := d.ReadValue(); err != nil {
		return false
	}
	_, err := d.ReadToken()
	return errors.Is(err, io.EOF)
}
