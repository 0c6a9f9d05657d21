package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shapewatch/tap"
)

// TestEndToEnd_TapsAClient: a client with a tap asks a vendor; what it uses is
// read by the configuration, its samples by replay, learn and a running server.
func TestEndToEnd_TapsAClient(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"id":"ord_canary","total":12,"note":"whisper"}`)
	}))
	t.Cleanup(vendor.Close)
	writeFile(t, dir, "shapewatch.yaml", fmt.Sprintf(`
apis:
  - name: traffic
    probes:
      - webhook: { name: acme, signed: hmac, header: X-Shapewatch-Signature, id_header: X-Shapewatch-Id, type_header: X-Shapewatch-Operation, secrets: ["${SHOP_KEY}"] }
  - { name: acme, base: %q, allow_private: true, uses_from: [uses.json], every: 1h, probes: [{ get: "/v1/orders/{n}", params: { n: "42" } }] }
`, vendor.URL))
	writeFile(t, dir, "uses.json", `{"shapewatch_uses":1,"operations":{"GET /v1/orders/{id}":["/id"]}}`)
	s := startServer(t, bin, dir)
	tapped := tap.New(tap.Options{
		Uses: filepath.Join(dir, "uses.json"), Folder: filepath.Join(dir, "samples"), Every: time.Nanosecond,
		Post: "http://" + s.addr + "/in/acme", Secret: "sk_canary",
	})
	client := &http.Client{Transport: tapped}
	for i := range 3 {
		response, err := client.Get(fmt.Sprintf("%s/v1/orders/%d", vendor.URL, i))
		if err != nil {
			t.Fatal(err)
		}
		var order struct {
			ID    string `json:"id"`
			Total int    `json:"total"`
		}
		if err := errors.Join(tap.Decode(response, &order), response.Body.Close()); err != nil || order.ID != "ord_canary" {
			t.Fatalf("%+v %v", order, err)
		}
	}
	tapped.Close()
	if stats := tapped.Stats(); stats.Samples != 3 || stats.Faults > 0 {
		t.Fatalf("%+v", stats)
	}
	within(t, 30*time.Second, "the three events learned from", func() bool {
		return strings.Contains(string(fetched(s, "/api/v1/apis/traffic/shape")), `"answers":3,`)
	})
	s.stop()
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), bin, args...)
		cmd.Dir, cmd.Env = dir, append(cmd.Environ(), "SHOP_KEY=sk_canary")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%v: %v: %s", args, err, out)
		}
		if strings.Contains(string(out), "ord_canary") || strings.Contains(string(out), "whisper") {
			t.Errorf("%v shows a value: %s", args, out)
		}
		return string(out)
	}
	sample := "samples/GET__v1_orders_{id}.jsonl"
	if out := run("learn", sample); !strings.Contains(out, "total") || strings.Contains(out, "date") {
		t.Errorf("learned %s", out)
	}
	run("replay", sample)
	if out := run("show", "traffic/webhook acme"); !strings.Contains(out, "GET /v1/orders/{id}") || !strings.Contains(out, "note") {
		t.Errorf("the server learned %s", out)
	}
	run("validate")
	if out := run("config", "show"); !strings.Contains(out, "uses.json") {
		t.Errorf("uses_from is not shown: %s", out)
	}
}
