package main

import (
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestEndToEnd_TellsOfStrandedEvents renames a webhook whose receiver is down:
// what waited for it is told at the start and in the list, goes to the receiver
// of the new name only when a person says so, and that is in the audit trail.
func TestEndToEnd_TellsOfStrandedEvents(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	down, up := newOwnReceiver(t, everyTime(http.StatusServiceUnavailable)), newOwnReceiver(t, everyTime(http.StatusOK))
	writeFile(t, dir, "shapewatch.yaml", forwardConfig(down.URL))
	s := startServer(t, bin, dir)
	for _, id := range []string{"evt_0", "evt_1"} {
		vend(t, s, id, `{"id":"`+id+`","type":"charge.paid","card":"canary-card"}`)
	}
	s.stop()
	writeFile(t, dir, "shapewatch.yaml", strings.Replace(forwardConfig(up.URL), "name: payments\n          signed", "name: europe\n          signed", 1))
	s = startServer(t, bin, dir)
	const probe = "payments/webhook payments"
	within(t, 30*time.Second, "the warning", func() bool {
		return strings.Contains(s.log(), "2 events of") && strings.Contains(s.log(), "has none any more")
	})
	if page := string(fetched(s, "/")); !strings.Contains(page, "wait for a receiver and it has none any more") {
		t.Error("the page does not tell of it")
	}
	if text := runForwards(t, bin, dir, s.addr); !strings.Contains(text, probe+": 0 taken, 2 waiting, 0 given up") || !strings.Contains(text, "no receiver any more") || strings.Contains(text, "canary-") {
		t.Errorf("listed: %s", text)
	}
	run := func(args ...string) string {
		cmd := exec.Command(bin, append(args, "--server", "http://"+s.addr)...)
		cmd.Dir = dir
		out, _ := cmd.CombinedOutput() // what it says tells whether it went well
		return string(out)
	}
	if text := run("forwards", "send", probe); !strings.Contains(text, "has no forward any more") || !strings.Contains(text, "--to") {
		t.Errorf("sent to nobody: %s", text)
	}
	if len(up.taken()) > 0 {
		t.Errorf("sent without being asked: %v", up.taken())
	}
	if text := run("forwards", "send", probe, "--to", "europe"); text != "2 sent again\n" {
		t.Errorf("send: %s", text)
	}
	within(t, 60*time.Second, "both at the other receiver", func() bool { return slices.Equal(up.taken(), []string{"evt_0", "evt_1"}) })
	if text := run("audit"); !strings.Contains(text, "send ") || !strings.Contains(text, "2 events of "+probe) || !strings.Contains(text, "by command") {
		t.Errorf("audit: %s", text)
	}
	if page := string(fetched(s, "/silences")); !strings.Contains(page, "2 events of "+probe) {
		t.Error("the audit trail on the page does not have it")
	}
	within(t, 60*time.Second, "the metrics", func() bool {
		text := string(fetched(s, "/metrics"))
		of := `{api="payments",operation="webhook europe"`
		return strings.Contains(text, "shapewatch_forward_sent_total"+of+"} 2") &&
			strings.Contains(text, "shapewatch_forward_events"+of+`,state="waiting"} 0`) &&
			strings.Contains(text, "shapewatch_forward_oldest_age_seconds"+of+"} 0")
	})
	if text := runForwards(t, bin, dir, s.addr); strings.Contains(text, probe) {
		t.Errorf("still listed: %s", text)
	}
	s.stop()
}
