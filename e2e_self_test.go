package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCheck_OnOurOwnInterface has the built binary watch the JSON interface of
// another run of itself, by the document that this run serves: we eat our own
// cooking.
func TestCheck_OnOurOwnInterface(t *testing.T) {
	t.Parallel()
	bin, dir, vendor := builtBinary(t), t.TempDir(), newCountedVendor(t)
	writeConfig(t, dir, vendor.URL, "http://127.0.0.1:1")
	s := startServer(t, bin, dir)
	within(t, 40*time.Second, "some checks", func() bool { return vendor.asked.Load() > 40 })
	own := t.TempDir()
	write := func(name string, content []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(own, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("openapi.json", fetched(s, "/api/v1/openapi.json"))
	write("shapewatch.yaml", fmt.Appendf(nil, `
apis:
  - name: shapewatch
    base: http://%s
    allow_private: true
    contract: openapi.json
    probes:
      - get: /api/v1/overview
      - { get: "/api/v1/apis/{api}", params: { api: shop } }
      - { get: "/api/v1/apis/{api}/shape", params: { api: shop } }
      - get: /api/v1/incidents
      - get: /api/v1/silences
      - get: /api/v1/audit
      - get: /api/v1/deadlines
      - get: /api/v2/summary.json
store: { path: own.db }
`, s.addr))
	check := func() (string, error) {
		cmd := exec.CommandContext(t.Context(), bin, "check")
		cmd.Dir = own
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := check()
	if err != nil || strings.Count(out, "ok ") < 8 {
		t.Errorf("our own interface: %v\n%s", err, out)
	}
	document := string(fetched(s, "/api/v1/openapi.json"))
	write("openapi.json", []byte(strings.ReplaceAll(document, `"time_zone"`, `"zone_of_time"`)))
	if out, err := check(); err == nil {
		t.Errorf("a document that describes something else is kept:\n%s", out)
	}
	s.stop()
}
