package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"shapewatch/demo"
	"shapewatch/webhooks"
)

// A shop is the demo's vendor on a free port of this machine.
type shop struct {
	*demo.Vendor
	*http.Server
	address string
}

func openShop() (*shop, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	vendor := demo.New(demoSeed)
	s := &shop{Vendor: vendor, Server: &http.Server{Handler: vendor, ReadHeaderTimeout: time.Second}, address: "http://" + l.Addr().String()}
	go func() { _ = s.Serve(l) }() // ends with Close
	return s, nil
}

// reachedAt is where jobs and the vendor on this machine reach the page.
func reachedAt(l net.Listener) string {
	at, ok := l.Addr().(*net.TCPAddr)
	if ok && at.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", at.Port)
	}
	return "http://" + l.Addr().String()
}

// demoSecret signs the events of a vendor that ends with the demo.
const demoSecret = "whsec_c2hhcGV3YXRjaC1kZW1vLXNlY3JldC0wMDE="

// demoIntegrations is what a person would write to watch more than answers.
const demoIntegrations = `
      - name: order to parcel
        workflow:
          - { name: create, post: /v1/test-orders, json: { ref: "${run.name}" }, extract: { id: /id }, makes: "order ${steps.create.id}" }
          - { name: packed, get: /v1/parcels, query: { order: "${steps.create.id}" }, wait: { until: ["/0/state = packed"], within: 2s, every: 250ms } }
        cleanup:
          - { name: find, get: /v1/test-orders, query: { ref: "${run.name}" }, extract: { id: /0/id } }
          - { name: remove, delete: "/v1/test-orders/${steps.find.id}" }
      - webhook: { name: shop, signed: standard, secrets: [` + demoSecret + `] }
      - { heartbeat: export, every: 10m, grace: 10m, severity: { job-failed: off } } # it tries again by itself
      - name: sales
        severity: { drifting-apart: off } # what is late differs, too
        reconcile:
          left: { name: shop, get: /v1/sales }
          right: { name: warehouse, get: /v1/warehouse/sales }
          key: [id]
          fields: [amount]
          updated: { name: sold_at }
          lag: 4s
          tolerate: 1000
`

// demoConfig is what a person would write to watch the vendor.
func demoConfig(vendor string) (*Config, error) {
	var text strings.Builder
	fmt.Fprintf(&text, "apis:\n  - name: shop\n    base: %s\n    every: 1s\n    allow_private: true\n"+
		"    limits: { per_second: 50, concurrent: 8 }\n    probes:\n", vendor)
	for _, path := range demo.Paths() {
		fmt.Fprintf(&text, "      - get: %s\n", path)
	}
	text.WriteString(strings.TrimPrefix(demoIntegrations, "\n"))
	c, err := parseConfig("demo", []byte(text.String()), func(string) (string, bool) { return "", false })
	if err == nil {
		c.each = true
	}
	return c, err
}

// recallPayouts gives the store the payouts that came before the demo began:
// so many that a minute is enough to see that they have stopped.
func recallPayouts(ctx context.Context, state memory, c *Config, now time.Time) error {
	for _, w := range c.Watches() {
		if w.Source == nil {
			continue
		}
		for _, p := range demo.Payouts(demoSeed, now.Add(demo.MuteAt+2*time.Second-2*demo.PayoutNight)) {
			if _, err := state.KeepArrival(ctx, w.Probe.ID, webhooks.Arrival{ID: p.ID, Type: "payout.paid", At: p.At.UTC(), Body: []byte(p.Body)}); err != nil {
				return fmt.Errorf("the past of the demo: %w", err)
			}
		}
	}
	return nil
}
