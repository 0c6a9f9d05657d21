package splice

import "testing"

// TestInQuotes_ReadsBack: what YAML must not hold as it is, is escaped.
func TestInQuotes_ReadsBack(t *testing.T) {
	for _, quote := range []byte{'"', '\''} {
		for _, text := range []string{"a\u0085b", "\ufffe", "\uffff", "\ufeffa", "\u2028", "\x7f\u0080", "it's \\u0085", "\x01\n"} {
			d, err := Parse([]byte("a: " + inQuotes(text, quote) + "\n"))
			if err != nil {
				t.Errorf("%q in %c: %v", text, quote, err)
				continue
			}
			if got := d.Root.Members[0].Value.Value; got != text {
				t.Errorf("%q in %c: read %q", text, quote, got)
			}
		}
	}
}
