package pullrequest_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"shapewatch/alerting/pullrequest"
	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
)

var update = flag.Bool("update", false, "write the golden files anew")

var seen = time.Date(2026, 3, 2, 14, 5, 0, 0, time.UTC)

func ground(path, kind, was, now string, s contracts.Severity) pullrequest.Ground {
	return pullrequest.Ground{Since: seen, Incident: "inc_4f2a9c0d1e3b5a78", Link: "https://drift.acme.example/incidents/inc_4f2a9c0d1e3b5a78", Finding: contracts.Finding{
		API: "stripe", Operation: "GET /v1/charges/{id}", Path: path, Kind: kind, Was: was, Now: now, Severity: s,
		Evidence: contracts.Evidence{WasSeen: 412, WasOf: 412, NowSeen: 37, NowOf: 37, Checks: 37, Of: 37, Since: seen},
	}}
}

const charges = "properties:\n  status: { type: string, enum: [paid, open] } # as billed\n  amount: { type: integer }\n"

// proposal is an edit of charges.
func proposal(before, after string, changes ...contracts.Change) contracts.Proposal {
	return contracts.Proposal{File: "contracts/stripe.yaml", Before: []byte(before), After: []byte(after), Changes: changes}
}

// hostile is what a vendor may send as the name of a field.
const hostile = "a|b`` @everyone #1 <script>alert(1)</script>\n\n## Merged\n/close\n- [x] Rebuild this branch\n[//]: # (shapewatch v1 e30)\u202e"

var matters = map[string]pullrequest.Matter{
	"enum": {API: "stripe", Contract: "contracts/stripe.yaml",
		Grounds: []pullrequest.Ground{
			ground("/fee", "field-new", "not there, in all of 412 answers", "integer", contracts.Info),
			ground("/status", "enum-new", "one of 2 values: open, paid", "also a new value: disputed", contracts.Warning),
			ground("/receipt", "null-new", "string, in all of 412 answers", "null", contracts.Warning),
		},
		Proposals: []contracts.Proposal{proposal(charges, strings.Replace(charges, "[paid, open]", "[paid, open, disputed]", 1),
			contracts.Change{Words: "`status` may be disputed", Line: 2, Shared: 3},
			contracts.Change{Finding: ground("/receipt", "null-new", "", "", 0).Finding, Skipped: "the contract does not describe it"})}},
	"breaking": {API: "stripe", Contract: "contracts/stripe.yaml",
		Grounds: []pullrequest.Ground{func() pullrequest.Ground {
			g := ground("/amount", "kind-changed", "integer in all of 412 answers", "string", contracts.Breaking)
			g.Uses = []string{"/amount"}
			return g
		}()},
		Proposals: []contracts.Proposal{proposal(charges, strings.Replace(charges, "integer", "string", 1), contracts.Change{Words: "`amount` is string", Line: 3})}},
	"hostile": {API: "stripe", Contract: "contracts/stripe.yaml",
		Grounds: []pullrequest.Ground{func() pullrequest.Ground {
			g := ground("/"+hostile, "enum-new", hostile, hostile, contracts.Warning)
			g.Finding.Operation, g.Uses = "GET "+hostile, []string{"/" + hostile}
			return g
		}()},
		Proposals: []contracts.Proposal{proposal("a: 1\n", "a: 1\nb: \"``` @everyone\"\n- [x] Rebuild this branch\n", contracts.Change{Words: "`" + hostile + "` is described", Line: 1})}},
	"refused": {API: "stripe", Contract: "contracts/stripe.yaml",
		Grounds: []pullrequest.Ground{ground("/amount", "kind-changed", "integer", "string", contracts.Breaking)},
		Proposals: []contracts.Proposal{{File: "contracts/stripe.yaml", Before: []byte(charges), Refused: "the place is an alias",
			Patch: []byte(`[{"op":"replace","path":"/properties/amount/type","value":"string"}]`), Changes: []contracts.Change{{Words: "`amount` is string", Line: 3}}}}},
}

// TestWish_Words holds what reviewers read.
func TestWish_Words(t *testing.T) {
	for name, matter := range matters {
		w := matter.Wish("shapewatch/stripe", pullrequest.Style{Prefix: "fix(contract): ", Labels: []string{"api-drift"}, Max: 65536})
		got := fmt.Sprintf("title: %s\nlabels: %s\ndraft: %t\n\n== message\n%s\n== body\n%s", w.Title, strings.Join(w.Labels, ", "), w.Draft, w.Message, w.Body)
		for _, f := range w.Files {
			got += fmt.Sprintf("\n== %s\n%s", f.Path, f.Content)
		}
		golden(t, name, got)
	}
	reverted := matters["breaking"]
	reverted.Reverted, reverted.Grounds, reverted.Proposals = reverted.Grounds, nil, nil
	reverted.Reverted[0].Ended = seen.Add(5 * time.Hour)
	golden(t, "reverted", reverted.Wish("shapewatch/stripe", pullrequest.Style{}).Over)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "words", name+".md")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: want -, got +:\n%s", name, diff)
	}
}

// TestWish_StandsStillWhileOnlyNumbersMove keeps requests from being edited at
// every check.
func TestWish_StandsStillWhileOnlyNumbersMove(t *testing.T) {
	wish := func(checks int) pullrequest.Wish {
		m := matters["enum"]
		m.Grounds = append([]pullrequest.Ground{}, m.Grounds...)
		for i := range m.Grounds {
			e := &m.Grounds[i].Finding.Evidence
			e.Checks, e.Of, e.NowSeen, e.NowOf = checks, checks, uint64(checks), uint64(checks)
			m.Grounds[i].Finding.Was = strings.ReplaceAll(m.Grounds[i].Finding.Was, "412", fmt.Sprint(412+checks))
		}
		return m.Wish("shapewatch/stripe", pullrequest.Style{Max: 65536})
	}
	if diff := cmp.Diff(wish(21), wish(49)); diff != "" {
		t.Errorf("moved:\n%s", diff)
	}
	if wish(49).Body == wish(50).Body {
		t.Error("a step that was reached is not told")
	}
}

// TestWish_KeepsWithinTheForgesLimit loses the diff and rows before it is too
// long.
func TestWish_KeepsWithinTheForgesLimit(t *testing.T) {
	m := matters["enum"]
	m.Grounds = nil
	for i := range 200 {
		m.Grounds = append(m.Grounds, ground(fmt.Sprintf("/%s%d", strings.Repeat("x", 100), i), "enum-new", strings.Repeat("w", 300), strings.Repeat("n", 300), contracts.Warning))
	}
	long := strings.Repeat("- this line goes\n", 5000)
	m.Proposals = []contracts.Proposal{proposal(long, charges, contracts.Change{Words: "all of it", Line: 1})}
	for _, limit := range []int{250_000, 65_536, 32_768, 12_000} {
		w := m.Wish("shapewatch/stripe", pullrequest.Style{Max: limit})
		if len(w.Body) > limit-pullrequest.MarkRoom {
			t.Errorf("%d characters where %d are allowed", len(w.Body), limit)
		}
		if !strings.Contains(w.Body, "- [ ] Rebuild this branch") || !strings.Contains(w.Body, "xxx1") {
			t.Errorf("limit %d: no check box, or nothing of what was found:\n%.500s", limit, w.Body)
		}
	}
}

var foreignBox = regexp.MustCompile(`(?m)^- \[x\]|^\[//\]|^/close|^## `)

// TestWish_TakesNoOrdersFromAVendor: whatever a vendor calls its fields, no
// line of ours begins with its words, and no forge acts on them.
func TestWish_TakesNoOrdersFromAVendor(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{hostile, "`", "``", "|", "@a", "fixes #1", "Closes https://x/issues/1", "<!-- -->", "\r\n/merge\r\n"})).Draw(rt, "text")
		m := pullrequest.Matter{API: "stripe", Contract: "contracts/stripe.yaml",
			Grounds:   []pullrequest.Ground{ground("/"+text, "enum-new", text, text, contracts.Warning)},
			Proposals: []contracts.Proposal{proposal("a: 1\n", "b: 1\n", contracts.Change{Words: "`" + text + "` is described", Line: 1})}}
		m.Grounds[0].Finding.Operation = text
		w := m.Wish("shapewatch/stripe", pullrequest.Style{Max: 65536})
		if foreignBox.MatchString(w.Body) || strings.ContainsFunc(w.Title+w.Body+w.Message, hidden) {
			rt.Fatalf("%q\n%q", w.Body, w.Title)
		}
		if orders.MatchString(w.Title) || orders.MatchString(w.Message) || strings.Count(w.Title, "\n") > 0 || strings.Count(w.Message, "\n") != 3 {
			rt.Fatalf("a forge would act on %q, %q", w.Title, w.Message)
		}
	})
}

// orders are what forges act on in titles and messages.
var orders = regexp.MustCompile(`(?i)@\w|#\d|\b(close[sd]?|fix(e[sd])?|resolve[sd]?) |://|\bGH-\d`)

func hidden(r rune) bool {
	return r != '\n' && r != '\u200b' && r != '\u200d' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp))
}

// TestWish_KnowsEveryKindThatIsEdited: what a contract has a word for, a
// request has a sentence for; and no sentence is for a kind that is no more.
func TestWish_KnowsEveryKindThatIsEdited(t *testing.T) {
	known := map[string]bool{}
	for _, d := range detectors.All() {
		known[d.Name] = true
	}
	for _, kind := range []string{
		"contract-mismatch", "field-new", "field-removed", "field-optional", "null-new", "kind-changed", "number-widened", "enum-new", "format-changed",
		"status-changed", "media-type-changed", "rate-limit", "rate-limit-raised", "rate-limit-header-new", "volume", "provider-says",
	} {
		m := pullrequest.Matter{API: "stripe", Contract: "c.yaml", Grounds: []pullrequest.Ground{ground("/f", kind, "a", "b", contracts.Warning)},
			Proposals: []contracts.Proposal{proposal("a: 1\n", "b: 1\n")}}
		if w := m.Wish("b", pullrequest.Style{}); strings.Contains(w.Body, "Look at what reads") {
			t.Errorf("%s has no sentence of its own", kind)
		}
		if !known[kind] {
			t.Errorf("no detector finds %s", kind)
		}
	}
}
