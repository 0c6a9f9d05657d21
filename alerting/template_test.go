package alerting_test

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"shapewatch/alerting"
)

// wordsOf is what a template makes of a notice, read from a log's line.
func wordsOf(t *testing.T, template string, notice alerting.Notice) string {
	t.Helper()
	var out bytes.Buffer
	n, err := alerting.NewLog(alerting.LogOptions{Name: "log", W: &out, Template: template})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Notify(t.Context(), notice); err != nil {
		t.Fatal(err)
	}
	event, err := checkCloudEvent(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	data, _ := event["data"].(map[string]any)
	text, _ := data["text"].(string)
	return text
}

func TestTemplate_SaysWhatItIsTold(t *testing.T) {
	got := wordsOf(t, `{{.API}}/{{.Severity}}/{{.Step}}/{{len .Changes}}+{{.More}}/{{(index .Changes 0).Place}}/{{clock .Opened}}`, stories(t)["fourteen"])
	if want := "shop/breaking/opened/5+9//f01/2026-03-04 12:00 UTC"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	usual := wordsOf(t, "", stories(t)["fourteen"])
	for _, want := range []string{"breaking · firing · since 2026-03-04 12:00 UTC · @ana", "breaking: /f01 · GET /orders", "was: integer", "now: string", "and 9 more"} {
		if !strings.Contains(usual, want) {
			t.Errorf("the usual words lack %q: %s", want, usual)
		}
	}
}

func TestTemplate_WritesNoMoreThanItMay(t *testing.T) {
	endless := wordsOf(t, `{{define "x"}}{{range .Changes}}long words of a template {{end}}{{end}}`+strings.Repeat(`{{template "x" .}}`, 9000), stories(t)["fourteen"])
	if n := len([]rune(endless)); n > 20_000 || n < 15_000 {
		t.Errorf("%d characters", n)
	}
}

func TestCheckTemplate_FindsWhatNoLetterHas(t *testing.T) {
	for text, want := range map[string]string{
		"{{.Titel}}": "Titel", "{{": "unclosed", "{{index .Changes 99}}": "range", "{{call .Title}}": "call", "{{shell}}": "shell",
	} {
		if err := alerting.CheckTemplate(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", text, err, want)
		}
	}
	if err := alerting.CheckTemplate("{{.Labels.team}} {{range .Changes}}{{.Evidence}}{{end}}"); err != nil {
		t.Error(err)
	}
}

// TestTemplate_LettersAreVisibleLines holds every text of a letter, whatever a
// vendor sends, to one visible line.
func TestTemplate_LettersAreVisibleLines(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		notice := stories(t)["one"]
		f := &notice.Incident.Entries[0].Finding
		f.Was, f.Path, f.Operation = rapid.String().Draw(rt, "was"), rapid.String().Draw(rt, "path"), rapid.String().Draw(rt, "operation")
		notice.Incident.Title = rapid.String().Draw(rt, "title")
		got := wordsOf(t, "{{.Title}}|{{range .Changes}}{{.Was}}|{{.Path}}|{{.Operation}}{{end}}|", notice)
		if strings.ContainsAny(got, "\n\r\x00\x1b\u202e\u2028") {
			rt.Fatalf("not one visible line: %q", got)
		}
	})
}
