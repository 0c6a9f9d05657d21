package web_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// bigWorld watches n APIs, each with its day of hours and an open incident in
// every tenth.
func bigWorld(now time.Time, n int) *world {
	w := &world{checks: map[string][]contracts.Check{}, hours: map[string][]contracts.Hour{}, baselines: map[string][]byte{}, parts: map[string][]contracts.Part{}}
	for i := range n {
		name := fmt.Sprintf("vendor-%04d", i)
		w.add(now, history{
			api: name, group: fmt.Sprintf("Group %d", i%20), operation: "GET /v1/things/{id}/parts", every: 30 * time.Minute, count: 60,
			latency: 120 * time.Millisecond, items: 25, spoil: func(age int, c *contracts.Check) {
				if i%10 == 0 && age < 9 {
					c.Confirmed, c.Worst = 1, contracts.Warning
				}
			},
		})
		if i%10 != 0 {
			continue
		}
		w.incidents = append(w.incidents, alerting.Incident{
			ID: fmt.Sprintf("inc_%04d", i), API: name, Severity: contracts.Warning, Title: "`things` has a new value in `kind`",
			Condition: alerting.Firing, Handling: alerting.New, Opened: now.Add(-4 * time.Hour), Changed: now, Version: 1,
			Entries: make([]alerting.Entry, 5),
		})
	}
	return w
}

// TestOverview_StaysSmallAndQuickWithManyAPIs is what the sizes in overview.go
// are for: 2,000 APIs are one look.
func TestOverview_StaysSmallAndQuickWithManyAPIs(t *testing.T) {
	w := bigWorld(time.Now(), 2000)
	h := w.handler()
	get(h, "GET", "/") // the first look counts what was learned
	for _, address := range []string{"/", "/?page=7", "/?q=vendor-1", "/incidents", "/about", "/apis/vendor-0000", "/api/v1/overview"} {
		start := time.Now()
		got := get(h, "GET", address)
		took, size := time.Since(start), got.Body.Len()
		if limit := map[bool]int{true: 1 << 20, false: 200_000}[address == "/api/v1/overview"]; got.Code != 200 || size > limit {
			t.Errorf("%s: %d, %d bytes, more than %d", address, got.Code, size, limit)
		}
		if took > 20*time.Second { // 20 ms, and then a busy machine with the race detector
			t.Errorf("%s took %v", address, took)
		}
		t.Logf("%s: %d KB in %v", address, size/1000, took)
	}
}

// TestOverview_CountsAllOpenIncidents holds for more than are read at first.
func TestOverview_CountsAllOpenIncidents(t *testing.T) {
	body := get(bigWorld(time.Now(), 2000).handler(), "GET", "/").Body.String()
	if want := "188 more open incidents"; !strings.Contains(body, want) {
		t.Errorf("the overview does not speak of %s", want)
	}
}

// TestOverview_ListsEveryAPIOnce pages through all of them.
func TestOverview_ListsEveryAPIOnce(t *testing.T) {
	h := bigWorld(time.Now(), 250).handler()
	met := map[string]int{}
	for n := range 3 {
		body := get(h, "GET", fmt.Sprintf("/?page=%d", n+1)).Body.Bytes()
		for _, row := range bytes.Split(body, []byte(`<div class="who"><a href="/apis/`))[1:] {
			name, _, _ := bytes.Cut(row, []byte(`"`))
			met[string(name)]++
		}
	}
	for name, times := range met {
		if times != 1 {
			t.Errorf("%s is listed %d times", name, times)
		}
	}
	if len(met) != 250 {
		t.Errorf("%d of 250 APIs are listed", len(met))
	}
}
