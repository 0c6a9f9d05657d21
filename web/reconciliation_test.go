package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"shapewatch/probes"
	"shapewatch/reconcile"
)

// TestReconciliation_IsCountedAndListed wants counts and keys on the page of
// whoever may read it whole.
func TestReconciliation_IsCountedAndListed(t *testing.T) {
	w := newWorld(time.Now())
	p := w.probes[0]
	now := time.Now().UTC()
	ledger, err := json.Marshal(reconcile.Ledger{
		Runs: 7, At: now,
		Open: []reconcile.Entry{
			{Name: "#1", How: reconcile.MissingRight, Since: now.Add(-time.Hour), Key: []string{"order-4711<b>"}},
			{Name: "#2", How: reconcile.Differs, Fields: []string{"total"}, Since: now, Key: []string{"order-4712"}},
		},
		Last: probes.Reconciled{
			Left: "shop", Right: "warehouse", LeftRows: 12345, RightRows: 12344, Lag: time.Minute,
			Counted: probes.Differences{MissingRight: 1}, Pending: probes.Differences{Differing: 1},
			Fields: []probes.FieldAgreement{{Name: "total", Stopped: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.ledgers = map[string][]byte{p.ID: ledger}
	answer := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/apis/"+url.PathEscape(p.API)+"?operation="+url.QueryEscape(p.Name), nil)
	request.RemoteAddr = "127.0.0.1:9"
	w.handler().ServeHTTP(answer, request)
	for _, want := range []string{"order-4711&lt;b&gt;", "missing in warehouse", "12,345 rows", "since 2026-03-02", "not yet: it may be on its way", "never in step so far"} {
		if !strings.Contains(answer.Body.String(), want) {
			t.Errorf("status %d: no %q", answer.Code, want)
		}
	}
}
