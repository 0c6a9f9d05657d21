package web_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"testing"
	"time"
)

var metricName = regexp.MustCompile(`shapewatch_[a-z_]+`)

// TestMetrics_AreDocumented holds docs/metrics.md, the example alerts and the
// dashboard to what is really measured.
func TestMetrics_AreDocumented(t *testing.T) {
	w := endingWorld(time.Now())
	handsOn(w)
	w.outbox.Waiting, w.outbox.Oldest = 1, time.Now()
	measured := slices.Compact(slices.Sorted(slices.Values(metricName.FindAllString(get(w.handler(), "GET", "/metrics").Body.String(), -1))))
	for _, file := range []string{"metrics.md", "shapewatch.rules.yml", "grafana.json"} {
		text, err := os.ReadFile("../docs/" + file)
		if err != nil {
			t.Fatal(err)
		}
		used := metricName.FindAllString(string(text), -1)
		for _, name := range used {
			if !slices.Contains(measured, name) {
				t.Errorf("docs/%s speaks of %s, which is not measured", file, name)
			}
		}
		for _, name := range measured {
			if file == "metrics.md" && !slices.Contains(used, name) {
				t.Errorf("docs/metrics.md does not tell of %s", name)
			}
		}
	}
}

// TestMetrics_AreAcceptedByPromtool has Prometheus' own tool read what is
// measured and the example alerts.
func TestMetrics_AreAcceptedByPromtool(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("SHAPEWATCH_REQUIRE_ALL") == "1" {
			t.Fatal("promtool is not installed: apt-get install prometheus")
		}
		t.Skip("promtool is not installed: apt-get install prometheus")
	}
	check := exec.CommandContext(t.Context(), tool, "check", "metrics")
	check.Stdin = get(endingWorld(time.Now()).handler(), "GET", "/metrics").Body
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("metrics: %v\n%s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), tool, "check", "rules", "../docs/shapewatch.rules.yml").CombinedOutput(); err != nil {
		t.Errorf("rules: %v\n%s", err, out)
	}
}
