package main

import (
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestEndToEnd_ListensToJobs calls as jobs do, with curl where it is there,
// and wants each way of going wrong told, and over when it goes well again.
func TestEndToEnd_ListensToJobs(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	writeFile(t, dir, "shapewatch.yaml", `
apis:
  - name: jobs
    probes:
      - { heartbeat: export, every: 2s, grace: 1s }
      - { heartbeat: import, every: 1h, key: canary-beat-key }
      - { heartbeat: billing, every: 1h }
`)
	s := startServer(t, bin, dir)
	call := func(address string) { callBeat(t, "http://"+s.addr+"/beat/"+address) }
	told := func(what string) {
		t.Helper()
		within(t, 20*time.Second, what+" told", func() bool { return strings.Contains(incidentsOf(t, s), what) })
	}
	call("export")
	told("job-late")
	within(t, 20*time.Second, "being on time again", func() bool {
		call("export?items=7")
		return strings.Contains(incidentsOf(t, s), `"condition":"resolved"`)
	})
	for attempt := range 3 {
		call(fmt.Sprintf("canary-beat-key/import/fail?attempt=%d", attempt+1))
	}
	told("job-retrying")
	for range 6 {
		call("billing?items=1200")
	}
	call("billing?items=0")
	told("job-nothing-done")
	s.kill() // what jobs said is on disk
	s = startServer(t, bin, dir)
	time.Sleep(2 * time.Second)
	if text := incidentsOf(t, s); !strings.Contains(text, "job-nothing-done") || strings.Contains(text, "canary-beat-key") {
		t.Errorf("after a restart: %s", text)
	}
	if response, err := http.Get("http://" + s.addr + "/beat/import"); err != nil || response.StatusCode != http.StatusNotFound {
		t.Errorf("without its key: %v, %v", response, err)
	}
	s.stop()
	if strings.Contains(s.log(), "canary-beat-key") {
		t.Error("the key is in the log")
	}
}

// callBeat calls as the documentation says: with curl, or else like it.
func callBeat(t *testing.T, url string) {
	t.Helper()
	if curl, err := exec.LookPath("curl"); err == nil {
		if out, err := exec.Command(curl, "-fsS", "-m", "10", url).CombinedOutput(); err != nil || string(out) != "OK\n" {
			t.Fatalf("curl %s: %v: %s", url, err, out)
		}
		return
	}
	response, err := http.Get(url)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v, %v", url, response, err)
	}
}
