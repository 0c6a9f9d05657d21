package main

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"shapewatch/grpc/grpctest"
)

// TestEndToEnd_CallsGRPC of a partner who changes its messages, then lets
// nobody in: what the descriptors say is told, what the answers show, and that
// the credential is refused.
func TestEndToEnd_CallsGRPC(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	partner := grpctest.New(t, grpctest.Options{})
	writeFile(t, dir, "shapewatch.yaml", `
defaults: { sensitivity: alert, allow_private: true, every: 1s, limits: { per_second: 100 }, auth: { bearer: `+grpctest.Token+` } }
apis:
  - name: partner
    base: "`+partner.URL+`"
    probes: [{ grpc: { method: shop.v1.Orders/Get, request: { id: "4711" } } }]
  - name: descriptors
    base: "`+partner.URL+`"
    probes: [{ grpc: { schema: true } }]
`)
	s := startServer(t, bin, dir)
	answers := regexp.MustCompile(`From (\d+) answers`)
	within(t, 180*time.Second, "learned", func() bool {
		found := answers.FindSubmatch(fetched(s, "/apis/partner"))
		if found == nil {
			return false
		}
		n, err := strconv.Atoi(string(found[1]))
		return err == nil && n >= 25
	})
	tells := func(what string, words ...string) {
		t.Helper()
		within(t, 120*time.Second, what+" told", func() bool {
			text := incidentsOf(t, s)
			for _, w := range words {
				if !strings.Contains(text, w) {
					return false
				}
			}
			return true
		})
	}
	partner.Change(grpctest.Second, `{"id":"4711","total":"12.00","state":"PAID","created":"2026-03-02T09:00:00Z","lines":[{"sku":"a-1","amount":2}]}`)
	tells("the descriptors", "schema-changed", "Order.total = int64, number 2", "string, number 7", "schema-value-new", "schema-deprecated")
	tells("the answers", "field-removed", "/gift")
	partner.Refuse(codes.Unauthenticated, "token expired")
	tells("the credential", `"auth"`, "the credential has expired")
	if strings.Contains(incidentsOf(t, s), grpctest.Token) {
		t.Error("the token is told")
	}
	s.stop()
}
