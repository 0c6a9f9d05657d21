package demo_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"shapewatch/demo"
)

// breaks says by which sign each change of an integration can be told.
var breaks = map[string]func(*testing.T, *demo.Vendor) bool{
	"stuck":  func(t *testing.T, v *demo.Vendor) bool { return !packs(t, v) },
	"behind": fallsBehind,
	"refused": func(t *testing.T, v *demo.Vendor) bool {
		return strings.Contains(called(t, v, "GET", "/v1/exports/last", ""), "refused")
	},
	"mute": func(t *testing.T, v *demo.Vendor) bool {
		return strings.Contains(called(t, v, "GET", "/v1/webhook-endpoint", ""), "disabled")
	},
}

func called(t *testing.T, vendor http.Handler, method, path, body string) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	vendor.ServeHTTP(recorder, httptest.NewRequest(method, path, strings.NewReader(body)))
	if recorder.Code >= 300 {
		t.Fatalf("%s %s: status %d", method, path, recorder.Code)
	}
	return recorder.Body.String()
}

// packs places an order, looks twice whether it was packed, and takes it back.
func packs(t *testing.T, v *demo.Vendor) bool {
	var order struct{ ID string }
	if err := json.Unmarshal([]byte(called(t, v, "POST", "/v1/test-orders", `{"ref":"watch-1"}`)), &order); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(called(t, v, "GET", "/v1/test-orders?ref=watch-1", ""), order.ID) {
		t.Error("the order cannot be found by its reference")
	}
	called(t, v, "GET", "/v1/parcels?order="+order.ID, "")
	packed := strings.Contains(called(t, v, "GET", "/v1/parcels?order="+order.ID, ""), `"packed"`)
	called(t, v, "DELETE", "/v1/test-orders/"+order.ID, "")
	if strings.Contains(called(t, v, "GET", "/v1/test-orders?ref=watch-1", ""), order.ID) {
		t.Error("the order is still there")
	}
	return packed
}

// fallsBehind sells ten things and looks whether the warehouse has them all.
func fallsBehind(t *testing.T, v *demo.Vendor) bool {
	var shop string
	for range 10 {
		shop = called(t, v, "GET", "/v1/sales", "")
	}
	return shop != called(t, v, "GET", "/v1/warehouse/sales", "")
}

func TestPayouts_AreNeverQuietForLongerThanANight(t *testing.T) {
	last := time.Date(2026, 3, 2, 15, 4, 5, 0, time.UTC)
	all := demo.Payouts(1, last)
	nights := 0
	for i := 1; i < len(all); i++ {
		pause := all[i].At.Sub(all[i-1].At)
		if pause <= 0 || pause > demo.PayoutNight {
			t.Fatalf("payout %d came %v after the one before", i, pause)
		}
		if pause == demo.PayoutNight {
			nights++
		}
	}
	if n := len(all); n < 150 || nights != 9 || !all[n-1].At.Equal(last) || last.Sub(all[0].At) < 8*24*time.Hour {
		t.Errorf("%d payouts with %d nights, from %v to %v", n, nights, all[0].At, all[n-1].At)
	}
}

// TestVendor_TellsHowItsJobGoes wants good runs counted, and tries numbered.
func TestVendor_TellsHowItsJobGoes(t *testing.T) {
	v := demo.New(1)
	heard := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what is missing shows below
		select {
		case heard <- r.URL.Path + "?" + r.URL.RawQuery + " " + string(body):
		case <-r.Context().Done(): // nobody listens any more
		}
	}))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go v.Work(ctx, server.URL+"/beat/export", time.Millisecond)
	if got := <-heard; got != "/beat/export?items=120 " {
		t.Errorf("a good run says %q", got)
	}
	if err := v.Apply("refused"); err != nil {
		t.Fatal(err)
	}
	want := "/beat/export/fail?attempt=3 order ord_4711: unknown warehouse"
	for range 1000 {
		if <-heard == want {
			return
		}
	}
	t.Errorf("never heard %q", want)
}
