package alerting_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// FuzzTerminal: no text of a vendor reaches a terminal as anything but text.
func FuzzTerminal(f *testing.F) {
	for _, seed := range []string{"/amount", "\x1b[2J", "\u202egnp.exe", "<!channel>", "a`b*c_d", "\xff\xfe", "\u0085\u009b31m", strings.Repeat("&", 5000), "👩\u200d💻"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, path, words string) {
		finding := found("GET /"+words, path, "kind-changed", contracts.Breaking)
		finding.Was, finding.Now = words, path
		changed, steps := alerting.Fold(nil, checked("GET /", noon, finding))
		var out bytes.Buffer
		if _, err := alerting.NewTerminal(alerting.TerminalOptions{W: &out}).Notify(t.Context(), alerting.Notice{Incident: changed[0], Transition: steps[0]}); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		if !utf8.ValidString(text) || strings.IndexFunc(text, hidden) >= 0 {
			t.Errorf("printed %q", text)
		}
	})
}

// TestTerminal_NoNameHidesBehindACharacterWithoutAFace: "name" and "name" with
// a filler behind it are two fields, and must read as two.
func TestTerminal_NoNameHidesBehindACharacterWithoutAFace(t *testing.T) {
	for name, r := range map[string]rune{
		"Hangul filler": 0x3164, "half-width filler": 0xffa0, "choseong filler": 0x115f, "jungseong filler": 0x1160,
		"private use": 0xe000, "zero-width space": 0x200b, "right-to-left override": 0x202e,
	} {
		finding := found("GET /things", "/name"+string(r), "field-removed", contracts.Breaking)
		changed, steps := alerting.Fold(nil, checked("GET /things", noon, finding))
		var out bytes.Buffer
		notice := alerting.Notice{Incident: changed[0], Transition: steps[0]}
		if _, err := alerting.NewTerminal(alerting.TerminalOptions{W: &out}).Notify(t.Context(), notice); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsRune(out.String(), r) || !strings.Contains(out.String(), fmt.Sprintf("name⟨U+%04X⟩", r)) {
			t.Errorf("%s: printed %q", name, out.String())
		}
	}
}

func hidden(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != 0x200d)
}
