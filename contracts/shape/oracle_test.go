package shape

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/go-json-experiment/json/jsontext"
)

// A scalar is what a scanner makes of one scalar or key.
type scalar struct {
	kind byte // of jsontext: '"', '0', 't', 'f', 'n'
	text string
}

// ours passes a text with the scanner of this package and reads the scalars and
// keys of a valid one, the way the walker does, in stretches of some tokens.
func ours(b []byte, stretch int) (tokens []scalar, ok bool) {
	w := walker{b: b[skipSpace(b, 0):], pass: pass{room: stretch, limits: wideLimits}}
	end := w.pass.whole(w.b, nil)
	if end < 0 || skipSpace(w.b, end) < len(w.b) {
		return nil, false
	}
	for depth, first := 0, true; first || depth > 0; first = false {
		t := w.take()
		switch c := w.b[t.at]; c {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			text, escaped := t.text(w.b)
			if far, _ := (token{at: t.at}).text(w.b); !bytes.Equal(far, text) {
				return nil, false
			}
			if escaped {
				text = unescape(nil, text)
			}
			tokens = append(tokens, scalar{'"', string(text)})
		case 't', 'f', 'n':
			tokens = append(tokens, scalar{c, ""})
		default:
			tokens = append(tokens, scalar{'0', string(w.b[t.at:t.end])})
		}
	}
	return tokens, true
}

// theirs reads the same with jsontext; ok is false when it is not one value.
func theirs(b []byte) (tokens []scalar, ok bool) {
	d := jsontext.NewDecoder(bytes.NewReader(b), jsontext.AllowDuplicateNames(true))
	for first := true; first || d.StackDepth() > 0; first = false {
		if d.PeekKind() == '0' {
			v, err := d.ReadValue()
			if err != nil {
				return nil, false
			}
			tokens = append(tokens, scalar{'0', string(v)})
			continue
		}
		t, err := d.ReadToken()
		if err != nil {
			return nil, false
		}
		switch k := t.Kind(); k {
		case '"':
			tokens = append(tokens, scalar{'"', t.String()})
		case 't', 'f', 'n':
			tokens = append(tokens, scalar{byte(k), ""})
		}
	}
	return tokens, len(bytes.TrimLeft(b[d.InputOffset():], " \t\r\n")) == 0
}

// wide limits, so that only what is valid decides.
var wideLimits = Limits{Depth: 250, Keys: 1 << 20, KeyBytes: 1 << 16}.orDefaults()

// agree holds the two walks of this package, and what they read, to jsontext.
func agree(t *testing.T, b []byte) {
	t.Helper()
	got, fast := ours(b, longestTape)
	c := checker{b: b, limits: wideLimits}
	c.body(func(i int) int { return c.skip(i, 0) })
	want, valid := theirs(b)
	if c.limit { // deeper than we go
		if fast {
			t.Fatalf("%q is beyond the limits of one walk only", b)
		}
		return
	}
	if slow := c.problem == ""; fast != valid || slow != valid {
		t.Fatalf("%q: jsontext says %v, the fast walk %v, the slow one %v (%s)", b, valid, fast, slow, c.problem)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(scalar{})); valid && diff != "" {
		t.Fatalf("%q: %s", b, diff)
	}
	for _, stretch := range []int{1, 3} {
		if again, ok := ours(b, stretch); ok != fast || !slices.Equal(again, got) {
			t.Fatalf("%q: %v %v in stretches of %d tokens, %v %v in one", b, ok, again, stretch, fast, got)
		}
	}
}

// oddTexts are valid and invalid, at every length around the eight bytes that
// are looked at at once.
func oddTexts() (out []string) {
	parts := []string{`"`, `\"`, `\\`, `\u00e9`, `\ud83d\ude00`, `\ud83d`, `\ude00`, `\x`, "\x00", "\x1f", "\x7f", "é", "😀", "\xff", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a"}
	for _, p := range parts {
		for n := range 18 {
			for _, after := range []string{"", "b", "bcdefghij"} {
				out = append(out, `"`+strings.Repeat("x", n)+p+after+`"`, `{"`+strings.Repeat("k", n)+p+after+`":1}`)
			}
		}
	}
	numbers := []string{"0", "-0", "-", "01", "-01", "1.", ".1", "1.0", "1e", "1e+", "1E-7", "1e5.", "0e0", "00", "1.5e300", "+1", "1_0", "0x1", "9223372036854775808", "- 1", "1 2", "1,2", "NaN", "Infinity"}
	words := []string{"true", "tru", "trues", "false", "fals", "falsee", "null", "nul", "nulll", "True", "t", ""}
	for _, s := range append(numbers, words...) {
		out = append(out, s, " "+s+"\n", "["+s+"]", `{"a":`+s+`}`, "["+s+","+s+"]")
	}
	return append(out, `{}`, `[]`, `{"a":{},"b":[]}`, `[[],{}]`, `{]`, `[}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `[1,]`, `{,}`, `[,]`, `{"a":1 "b":2}`, `[1 2]`, `{"a":1}}`, `[1]]`, `{"a":1]`, `[1}`, `{a:1}`, `{1:1}`, `{null:1}`,
		"\ufeff{}", "{}\x00", "{}\x0b", " \t\r\n[ 1 , 2 ] ", "{ \"a\" : 1 , \"b\" : [ ] }", `{"a":1,"a":2}`, strings.Repeat("[", 250)+strings.Repeat("]", 250), strings.Repeat("[", 251)+strings.Repeat("]", 251), "/**/1", "1//", `'a'`)
}

func TestScanner_AgreesWithJSONText(t *testing.T) {
	for _, s := range oddTexts() {
		agree(t, []byte(s))
	}
}

// FuzzScanner looks for a text on which this package and jsontext differ.
func FuzzScanner(f *testing.F) {
	for i, s := range oddTexts() {
		if i%9 == 0 && utf8.ValidString(s) || i%31 == 0 {
			f.Add([]byte(s))
		}
	}
	f.Fuzz(agree)
}
