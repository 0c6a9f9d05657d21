package demo_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/demo"
)

type answer struct {
	Header http.Header
	Data   []map[string]any
	One    map[string]any
	Text   string
}

func ask(t *testing.T, vendor http.Handler, path string) (a answer) {
	t.Helper()
	recorder := httptest.NewRecorder()
	vendor.ServeHTTP(recorder, httptest.NewRequest("GET", path, nil))
	if recorder.Code != 200 {
		t.Fatalf("%s: status %d", path, recorder.Code)
	}
	a.Header, a.Text = recorder.Header(), recorder.Body.String()
	if err := json.Unmarshal([]byte(a.Text), &a.One); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	list, _ := a.One["data"].([]any)
	for _, one := range list {
		a.Data = append(a.Data, one.(map[string]any))
	}
	return a
}

func do(t *testing.T, vendor http.Handler, method, name string) int {
	t.Helper()
	recorder := httptest.NewRecorder()
	vendor.ServeHTTP(recorder, httptest.NewRequest(method, "/demo/change/"+name, nil))
	return recorder.Code
}

// shows says by which sign each change can be told from an answer.
var shows = map[string]struct {
	path string
	sign func(answer) bool
}{
	"rename": {"/v1/orders", func(a answer) bool { return a.Data[0]["customer_id"] != nil && a.Data[0]["customer"] == nil }},
	"limit":  {"/v1/status", func(a answer) bool { return a.Header.Get("X-RateLimit-Limit") == "500" }},
	"retype": {"/v1/invoices", func(a answer) bool { _, text := a.Data[0]["total"].(string); return text }},
	"grow":   {"/v1/products", func(a answer) bool { return len(a.Data) == 4000 }},
	"gone":   {"/v1/customers", func(a answer) bool { return strings.Count(a.Text, `"country"`) < len(a.Data) }},
	"enum":   {"/v1/orders", func(a answer) bool { return strings.Contains(a.Text, `"disputed"`) }},
	"sunset": {"/v1/balances", func(a answer) bool { return a.Header.Get("Sunset") != "" }},
}

func TestVendor_ShowsAChangeFromWhenItIsMadeUntilItIsTakenBack(t *testing.T) {
	for _, change := range demo.Script() {
		t.Run(change.Name, func(t *testing.T) {
			vendor := demo.New(1)
			sees := func() bool {
				if broken := breaks[change.Name]; broken != nil {
					return broken(t, vendor)
				}
				for range 10 {
					if shows[change.Name].sign(ask(t, vendor, shows[change.Name].path)) {
						return true
					}
				}
				return false
			}
			if sees() {
				t.Error("the change shows before it is made")
			}
			if code := do(t, vendor, "POST", change.Name); code != http.StatusNoContent || !sees() {
				t.Errorf("status %d; the change does not show", code)
			}
			if code := do(t, vendor, "DELETE", change.Name); code != http.StatusNoContent || sees() {
				t.Errorf("status %d; the change is not taken back", code)
			}
		})
	}
}

func TestVendor_AnswersAlikeForOneSeed(t *testing.T) {
	one, same, other := demo.New(7), demo.New(7), demo.New(8)
	differs := false
	for _, path := range demo.Paths() {
		for range 5 {
			a, b, c := ask(t, one, path), ask(t, same, path), ask(t, other, path)
			if diff := cmp.Diff(a, b); diff != "" {
				t.Errorf("%s: %s", path, diff)
			}
			differs = differs || a.Text != c.Text
		}
	}
	if !differs {
		t.Error("another seed gives the same content")
	}
}

func TestVendor_VariesAnswersThatMeanTheSame(t *testing.T) {
	vendor := demo.New(1)
	for _, path := range demo.Paths() {
		if first, second := ask(t, vendor, path), ask(t, vendor, path); first.Text == second.Text {
			t.Errorf("%s: the same answer twice is no noise to stand", path)
		}
	}
}

func TestVendor_RefusesAnUnknownChange(t *testing.T) {
	if code := do(t, demo.New(1), "POST", "meteor"); code != http.StatusNotFound {
		t.Errorf("status %d, want 404", code)
	}
	if err := demo.New(1).Apply("meteor"); err == nil || !strings.Contains(err.Error(), "rename") {
		t.Errorf("got %v, want the names there are", err)
	}
}

func TestPlay_MakesEveryChangeAtItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		got := map[string]time.Duration{}
		err := demo.New(1).Play(t.Context(), func(c demo.Change) { got[c.Name] = time.Since(start) })
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]time.Duration{}
		for _, c := range demo.Script() {
			want[c.Name] = c.At
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
