package alerting_test

import (
	"bytes"
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

func hidden(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != 0x200d)
}
