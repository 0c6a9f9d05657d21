package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// runCommand runs the program in this process.
func runCommand(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func TestValidate_CountsAndSaysGood(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "shapewatch.yaml")
	write(t, dir, "shapewatch.yaml", "apis: [{ name: a, base: 'https://a.example', cron: '0 9 * * *', timezone: Europe/Paris, probes: [{ get: /x }, { get: /y, auth: { bearer: in-plain-text } }] }]")
	code, out, errOut := runCommand(t, "validate", file)
	if code != 0 || !strings.HasSuffix(out, "shapewatch.yaml: 1 API, 2 probes: good\n") {
		t.Errorf("%d %s", code, out)
	}
	if !strings.Contains(errOut, "warning: a secret in plain text") || strings.Contains(errOut, "in-plain-text") {
		t.Errorf("warning: %s", errOut)
	}
	if _, out, _ := runCommand(t, "validate", "-v", file); !strings.Contains(out, "a/GET /x") || !strings.Contains(out, "09:00:00 CE") {
		t.Errorf("-v lacks the next run:\n%s", out)
	}
}

func TestValidate_WritesJSON(t *testing.T) {
	code, out, _ := runCommand(t, "validate", "-o", "json", "testdata/config/bad-duration.yml")
	var v validation
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatal(err, out)
	}
	if code != 2 || v.Good || len(v.Problems) != 5 {
		t.Fatalf("code %d, %+v", code, v)
	}
	want := statedProblem{File: "testdata/config/bad-duration.yml", Line: 1, Column: 22, Path: "defaults.timeout", Message: `duration "10" has no unit`, Hint: "add the unit: 10s, 10m or 10h"}
	if v.Problems[0] != want {
		t.Errorf("%+v", v.Problems[0])
	}
}

func TestValidate_SaysWhatToDoWithoutAFile(t *testing.T) {
	code, _, errOut := runCommand(t, "validate", filepath.Join(t.TempDir(), "none.yaml"))
	if code != 2 || !strings.Contains(errOut, "none.yaml: no such file or directory\n      shapewatch init --url URL writes a first one") {
		t.Errorf("%d %s", code, errOut)
	}
}

func TestConfigCommand_PrintsSchemaDocsAndWhatHolds(t *testing.T) {
	file, _ := example(t)
	for _, name := range []string{"STRIPE_KEY", "ACME_KEY", "LEDGER_PASSWORD", "LEDGER_KEY", "LEDGER_SECRET", "SLACK_BOT_TOKEN", "SHAPEWATCH_TOKEN", "PAGE_PASSWORD", "OIDC_SECRET",
		"SLACK_APP_TOKEN", "HOOK_SECRET", "SMTP_PASSWORD", "PAGERDUTY_KEY", "OPSGENIE_KEY", "TELEGRAM_TOKEN", "AM_PASSWORD", "AM_TOKEN", "ISSUES_TOKEN", "GITHUB_TOKEN", "TELL_TOKEN", "OTLP_TOKEN"} {
		t.Setenv(name, "value-of-"+name)
	}
	for _, name := range []string{"HOOK_URL", "TEAMS_WEBHOOK", "DISCORD_WEBHOOK"} {
		t.Setenv(name, "https://hooks.example/value-of-"+name)
	}
	for want, args := range map[string][]string{
		`"$schema": "https://json-schema.org/draft/2020-12/schema"`: {"config", "schema"},
		"# Configuration":            {"config", "docs"},
		`bearer: "${STRIPE_KEY}"`:    {"config", "show", file},
		"sensitivity: calm\n":        {"config", "show", file},
		"\n  listen: \"127.0.0.1:80": {"config", "show", file},
	} {
		code, out, errOut := runCommand(t, args...)
		if code != 0 || !strings.Contains(out, want) || strings.Contains(out, "value-of-") {
			t.Errorf("%v: %d %s%s lacks %q", args, code, out, errOut, want)
		}
	}
}
