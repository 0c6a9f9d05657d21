package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConfig_ReadsWhenAWebhookIsQuiet: on whose clocks, and what is no time.
func TestConfig_ReadsWhenAWebhookIsQuiet(t *testing.T) {
	load := func(quiet string) (*Config, error) {
		file := filepath.Join(t.TempDir(), "shapewatch.yaml")
		text := "apis:\n  - name: shop\n    probes:\n      - webhook: { name: orders, signed: github, secrets: [abcdefgh], timezone: Europe/Berlin, quiet: " + quiet + " }\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return LoadConfig(file, os.LookupEnv)
	}
	c, err := load(`[sun, "22:00-06:00", "12-24..01-01"]`)
	if err != nil {
		t.Fatal(err)
	}
	times := c.Watches()[0].Source.Times
	if times.Zone.String() != "Europe/Berlin" || len(times.Quiet) != 3 {
		t.Errorf("read as %+v", times)
	}
	if _, err := load("[sundays]"); err == nil || !strings.Contains(err.Error(), `"sundays" is no hours (22:00-06:00), no day of the week (sat)`) || !strings.Contains(err.Error(), "shapewatch.yaml:4:") {
		t.Errorf("says %v", err)
	}
}
