package alerting_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"shapewatch/alerting"
)

func TestTerminal_PrintsWhatSlackShows(t *testing.T) {
	var out bytes.Buffer
	terminal := alerting.NewTerminal(alerting.TerminalOptions{W: &out})
	all := stories(t)
	for _, name := range []string{"one", "rename", "fourteen", "resolved", "noted", "hostile"} {
		fmt.Fprintf(&out, "\n=== %s\n", name)
		if _, err := terminal.Notify(t.Context(), all[name]); err != nil {
			t.Fatal(err)
		}
	}
	again := all["resolved"]
	again.Receipt.Version = 1
	fmt.Fprint(&out, "\n=== resolved, told before\n")
	if _, err := terminal.Notify(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	golden(t, "terminal.txt", out.Bytes())
	for line := range strings.SplitSeq(out.String(), "\n") {
		if n := utf8.RuneCountInString(line); n > 80 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	if strings.ContainsAny(out.String(), "\x1b\x07\u202e") {
		t.Error("a control character came through")
	}
}

func TestTerminal_ColoursTheSameWords(t *testing.T) {
	var plain, colored bytes.Buffer
	notice := stories(t)["rename"]
	for _, o := range []alerting.TerminalOptions{{W: &plain}, {W: &colored, Color: true}} {
		if _, err := alerting.NewTerminal(o).Notify(t.Context(), notice); err != nil {
			t.Fatal(err)
		}
	}
	if got := ansi.ReplaceAllString(colored.String(), ""); got != plain.String() || got == colored.String() {
		t.Errorf("without colour %q, with %q", plain.String(), colored.String())
	}
}

// Whatever reaches Slack reaches the terminal, word for word.
func TestTerminal_SaysEveryWordOfTheBlocks(t *testing.T) {
	for name, notice := range stories(t) {
		f := newFakeSlack(t)
		if _, err := bot(t, f).Notify(t.Context(), notice); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, err := alerting.NewTerminal(alerting.TerminalOptions{W: &out}).Notify(t.Context(), notice); err != nil {
			t.Fatal(err)
		}
		printed := strings.Fields(strings.NewReplacer("┃", " ", "\n", " ").Replace(out.String()))
		for _, text := range slackTexts(f.take()[0].Blocks) {
			text = ours.ReplaceAllString(text, "")
			for _, word := range strings.Fields(strings.NewReplacer("*", "", "`", "", "_", " ", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)) {
				if len(word) < 60 && !slices.ContainsFunc(printed, func(p string) bool { return strings.Contains(p, word) }) {
					t.Errorf("%s: %q is not printed", name, word)
				}
			}
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestTerminal_SaysThatItCouldNotPrint(t *testing.T) {
	if _, err := alerting.NewTerminal(alerting.TerminalOptions{W: brokenPipe{}}).Notify(t.Context(), stories(t)["one"]); err == nil {
		t.Error("no error")
	}
}

// A diff is printed as it is: its lines are no markup, and its fences are none
// of its lines.
func TestTerminal_PrintsADiffAsItIs(t *testing.T) {
	notice := stories(t)["one"]
	notice.Proposal = "@@ -1 +1 @@\n-  *a*: { type: integer } # <in cents>\n+  *a*: { type: string }\n"
	var out bytes.Buffer
	if _, err := alerting.NewTerminal(alerting.TerminalOptions{W: &out, Color: true}).Notify(t.Context(), notice); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{" -  *a*: { type: integer } # <in cents>\n", " +  *a*: { type: string }\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "`") {
		t.Errorf("a fence is printed:\n%s", out.String())
	}
}
