package reconcile_test

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"shapewatch/reconcile"
)

func paris(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestRule_SaysWhatMeansTheSame(t *testing.T) {
	number := reconcile.Rule{As: reconcile.Number}
	cents := reconcile.Rule{As: reconcile.Number, Left: reconcile.SideRule{Minor: 2}}
	local := reconcile.Rule{As: reconcile.Time, Right: reconcile.SideRule{Zone: paris(t)}}
	seconds := reconcile.Rule{As: reconcile.Time, Precision: time.Second}
	phone := reconcile.Rule{As: reconcile.Phone, Region: "DE"}
	country := reconcile.Rule{As: reconcile.Country}
	states := reconcile.Rule{Left: reconcile.SideRule{Values: map[string]string{"A": "active"}}}
	for _, c := range []struct {
		name        string
		rule        reconcile.Rule
		left, right string
		same        bool
	}{
		{"text", reconcile.Rule{}, "a", "a", true},
		{"case counts", reconcile.Rule{}, "a", "A", false},
		{"case", reconcile.Rule{IgnoreCase: true}, "STRASSE", "straße", true},
		{"ascii case", reconcile.Rule{IgnoreCase: true}, "AbC", "aBc", true},
		{"white space", reconcile.Rule{Trim: true}, " a\t", "a", true},
		{"unicode form", reconcile.Rule{Form: reconcile.NFC}, "e\u0301", "\u00e9", true},
		{"unicode form counts", reconcile.Rule{}, "e\u0301", "\u00e9", false},
		{"compatibility", reconcile.Rule{Form: reconcile.NFKC}, "ﬁ", "fi", true},
		{"zeros", number, "1.50", "1.5", true},
		{"exponent", number, "15e-1", "1.5", true},
		{"sign", number, "-0.00", "0", true},
		{"beyond floats", number, "9007199254740993", "9007199254740992", false},
		{"a tenth of a millionth", number, "0.1000000000000000000001", "0.1", false},
		{"minor units", cents, "1250", "12.5", true},
		{"minor units of less", cents, "5", "0.05", true},
		{"other cents", cents, "1251", "12.5", false},
		{"no number", number, "abc", "abc", true},
		{"no number and one", number, "abc", "1", false},
		{"zone", local, "2026-07-01T10:00:00Z", "2026-07-01 12:00:00", true},
		{"winter", local, "2026-01-01T11:00:00Z", "2026-01-01 12:00:00", true},
		{"offset", seconds, "2026-01-01T11:00:00.4Z", "2026-01-01T12:00:00.9+01:00", true},
		{"epoch", seconds, "1767265200", "2026-01-01T11:00:00Z", true},
		{"epoch in milliseconds", seconds, "1767265200123", "2026-01-01T11:00:00Z", true},
		{"before 1970", seconds, "1969-12-31T23:59:58.5Z", "1969-12-31T23:59:58Z", true},
		{"a day", reconcile.Rule{As: reconcile.Date}, "2026-01-01T23:00:00Z", "2026-01-01", true},
		{"flag", reconcile.Rule{As: reconcile.Boolean}, "t", "1", true},
		{"phone", phone, "030 123456", "+49 30 123456", true},
		{"phone of nothing but zeros", phone, "000000", "+4900000", false},
		{"country", country, "DEU", "de", true},
		{"country by number", country, "276", "DE", true},
		{"name of a value", states, "A", "active", true},
	} {
		l, _ := c.rule.Canonical(reconcile.Cell{Text: c.left}, false)
		r, _ := c.rule.Canonical(reconcile.Cell{Text: c.right}, true)
		if (l == r) != c.same {
			t.Errorf("%s: %q is %q, %q is %q; want the same: %v", c.name, c.left, l.Text, c.right, r.Text, c.same)
		}
	}
}

func TestRule_TellsNullMissingAndEmptyApart(t *testing.T) {
	cell := func(r reconcile.Rule, c reconcile.Cell) reconcile.Cell {
		got, _ := r.Canonical(c, false)
		return got
	}
	null, missing, empty := reconcile.Cell{State: reconcile.Null}, reconcile.Cell{State: reconcile.Missing}, reconcile.Cell{}
	plain := reconcile.Rule{}
	if cell(plain, null) == cell(plain, missing) || cell(plain, null) == cell(plain, empty) || cell(plain, missing) == cell(plain, empty) {
		t.Error("three different things are the same")
	}
	said := reconcile.Rule{NullIsMissing: true, EmptyIsNull: true}
	if cell(said, null) != cell(said, missing) || cell(said, null) != cell(said, empty) {
		t.Error("what was said to be the same is not")
	}
}

// TestRule_IsStable holds what digests rest on: the canonical form of a
// canonical form is itself.
func TestRule_IsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := reconcile.Rule{
			As:         reconcile.Kind(rapid.SampledFrom(append(reconcile.Kinds(), "")).Draw(t, "as")),
			IgnoreCase: rapid.Bool().Draw(t, "case"), Trim: rapid.Bool().Draw(t, "trim"),
			Form: rapid.SampledFrom([]reconcile.Form{"", reconcile.NFC, reconcile.NFKC}).Draw(t, "form"), Region: "DE",
		}
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`-?[0-9]{1,12}(\.[0-9]{0,9})?`), rapid.StringMatching(`\+?[0-9 ]{3,14}`),
			rapid.StringMatching(`20[0-9]{2}-0[1-9]-[12][0-9]T1[0-9]:00:00Z`)).Draw(t, "text")
		once, ok := rule.Canonical(reconcile.Cell{Text: text}, false)
		if rule.As == reconcile.Time && ok {
			return // micros are read as what their size says; databases are asked for them as such
		}
		twice, _ := rule.Canonical(once, false)
		if once != twice {
			t.Errorf("%+v: %q, then %q, then %q", rule, text, once.Text, twice.Text)
		}
	})
}

// TestRule_IsStableForEveryCharacter looks at all of Unicode, in which the
// characters that fold strangely are too rare to be met by chance.
func TestRule_IsStableForEveryCharacter(t *testing.T) {
	for _, form := range []reconcile.Form{reconcile.AsIs, reconcile.NFC, reconcile.NFKC} {
		rule := reconcile.Rule{IgnoreCase: true, Form: form}
		for r := rune(0); r < 0x40000; r++ { // nothing that folds is assigned beyond
			once, _ := rule.Canonical(reconcile.Cell{Text: string(r)}, false)
			if twice, _ := rule.Canonical(once, false); once != twice {
				t.Fatalf("%q: %U is %q, then %q", form, r, once.Text, twice.Text)
			}
		}
	}
}

func TestRule_ReadsNumbersExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[-+]?[0-9]{1,25}(\.[0-9]{1,25})?([eE][-+]?[0-9]{1,2})?`).Draw(t, "number")
		minor := rapid.IntRange(0, 4).Draw(t, "minor")
		rule := reconcile.Rule{As: reconcile.Number, Left: reconcile.SideRule{Minor: minor}}
		got, ok := rule.Canonical(reconcile.Cell{Text: text}, false)
		want, _ := new(big.Rat).SetString(text)
		want.Quo(want, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(minor)), nil)))
		is, readable := new(big.Rat).SetString(got.Text)
		if !ok || !readable || is.Cmp(want) != 0 || strings.ContainsAny(got.Text, "eE+") {
			t.Errorf("%s is %q", text, got.Text)
		}
	})
}

func FuzzRule_NeverPanics(f *testing.F) {
	f.Add("12.5e3", "number", 2)
	f.Add("+49 30 1", "phone", 0)
	f.Add("2026-02-30T25:61:00Z", "time", 1)
	f.Fuzz(func(t *testing.T, text, as string, minor int) {
		rule := reconcile.Rule{As: reconcile.Kind(as), IgnoreCase: true, Form: reconcile.NFKC, Trim: true, Region: "US", Left: reconcile.SideRule{Minor: minor % 100}}
		if c, _ := rule.Canonical(reconcile.Cell{Text: text}, false); len(c.Text) > 20*len(text)+1200 {
			t.Errorf("%d bytes became %d", len(text), len(c.Text))
		}
	})
}
