package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/demo"
	"shapewatch/probes"
)

// wrongStatus is a contract of the demo's vendor that is wrong in one place.
const wrongStatus = `openapi: 3.0.3
info: { title: shop, version: "1" }
paths:
  /v1/status:
    get:
      responses:
        "200":
          description: how the shop is
          content:
            application/json:
              schema:
                type: object
                properties:
                  region: { type: integer } # where it runs
`

// agreedShop is a configuration whose one probe has the contract above, and
// what is remembered of the probe after a few answers.
func agreedShop(t *testing.T) (*Config, alerting.Memory) {
	t.Helper()
	server := httptest.NewServer(demo.New(1))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"openapi.yaml":    wrongStatus,
		"shapewatch.yaml": "apis: [{ name: shop, base: \"" + server.URL + "\", allow_private: true, contract: openapi.yaml, probes: [{ get: /v1/status }] }]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := LoadConfig(filepath.Join(dir, "shapewatch.yaml"), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	client := probes.NewClient(probes.Options{})
	defer client.Close()
	baseline := contracts.NewBaseline()
	for range 5 {
		o := contracts.Observe(client.Do(t.Context(), c.Watches()[0].Probe), nil)
		baseline.Learn(&o, contracts.Weigh(baseline, nil, &o, contracts.Policy{}))
	}
	encoded, err := baseline.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return c, alerting.Memory{Baseline: encoded}
}

// retold is an incident about the place where the contract is wrong.
func retold() alerting.Incident {
	return alerting.Incident{ID: "inc_1", API: "shop", Condition: alerting.Firing, Handling: alerting.New, Version: 1, Entries: []alerting.Entry{{
		Probe:   "shop/GET /v1/status",
		Finding: contracts.Finding{API: "shop", Operation: "GET /v1/status", Path: "/region", Kind: "contract-mismatch", Was: "contract: integer", Now: "answers: string"},
	}}}
}

func TestDrafting_WordsTheEditThatWouldAcceptAnIncident(t *testing.T) {
	c, remembered := agreedShop(t)
	asked := 0
	d := &drafting{config: func() *Config { return c }, log: slog.New(slog.DiscardHandler),
		recall: func(context.Context, string, string) (alerting.Memory, error) { asked++; return remembered, nil }}
	inc := retold()
	got := d.diff(t.Context(), inc)
	for _, want := range []string{"--- openapi.yaml", "\n-", "region: { type: integer } # where it runs", "region: { type: string } # where it runs"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if d.diff(t.Context(), inc); asked != 1 {
		t.Errorf("worked out %d times, want once", asked)
	}
	inc.Version++
	if d.diff(t.Context(), inc); asked != 2 {
		t.Errorf("not worked out anew for another version")
	}
	inc.ID, inc.Handling = "inc_2", alerting.Rejected
	if got := d.diff(t.Context(), inc); got != "" {
		t.Errorf("of a rejected incident: %s", got)
	}
	inc.ID, inc.Handling, inc.Condition = "inc_3", alerting.New, alerting.Resolved
	if got := d.diff(t.Context(), inc); got != "" {
		t.Errorf("of one that is over: %s", got)
	}
}
