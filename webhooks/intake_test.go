package webhooks_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"shapewatch/webhooks"
)

// TestRhythm_IsLateAfterThree: one that is late was tried again; when three in
// a row are, the vendor's queue stands.
func TestRhythm_IsLateAfterThree(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var r webhooks.Rhythm
	for range 300 {
		at = at.Add(time.Hour)
		r.Add(at, at.Add(-2*time.Second))
	}
	add := func(delay time.Duration) {
		at = at.Add(time.Second)
		r.Add(at, at.Add(-delay))
	}
	add(time.Hour)
	add(time.Second)
	add(time.Hour)
	add(time.Hour)
	if late := r.Delay(at); late != 0 {
		t.Errorf("two in a row are told as %s", late)
	}
	add(2 * time.Hour)
	if late := r.Delay(at); late != time.Hour {
		t.Errorf("three in a row are %s late, want 1h", late)
	}
	if was := r.WasSlow(); was != 2*time.Second {
		t.Errorf("usually %s late", was)
	}
}

// TestHourCounts_KeepTheirProportions when an hour is full, and never make an
// hour that had events a quiet one.
func TestHourCounts_KeepTheirProportions(t *testing.T) {
	var h webhooks.HourCounts
	monday := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	h.Add(monday.Add(time.Hour))
	for range 70_000 {
		h.Add(monday)
	}
	if n := h.Of(24 + 9); n < 35_000 || n > 1<<16 {
		t.Errorf("70,000 events are %d", n)
	}
	if h.Of(24+10) != 1 || h.Of(24+11) != 0 || webhooks.HourCounts(nil).Of(3) != 0 {
		t.Errorf("%d, %d", h.Of(24+10), h.Of(24+11))
	}
	hours := webhooks.Within(monday, monday.Add(2*time.Hour))
	if !hours[24+9] || !hours[24+11] || hours[24+12] || hours[24+8] {
		t.Errorf("within two hours: %v", hours)
	}
	all := webhooks.Within(monday, monday.AddDate(1, 0, 0))
	if strings.Contains(fmt.Sprint(all), "false") {
		t.Error("a year does not touch all hours")
	}
}

// TestSchemes_ReadWhenItHappened: vendors sign the time at which they send;
// when it happened stands in the body.
func TestSchemes_ReadWhenItHappened(t *testing.T) {
	now := time.Unix(1_700_000_000, 0).UTC()
	happened := now.Add(-90 * time.Minute)
	for body, want := range map[string]time.Time{
		fmt.Sprintf(`{"type":"a","created":%d}`, happened.Unix()): happened,
		`{"type":"a","created":"2023-11-14T20:43:20Z"}`:           happened,
		`{"type":"a","created":1700000000000}`:                    now, // no seconds
		`{"type":"a","created":-5}`:                               now,
		`{"type":"a","created":[]}`:                               now,
		`{"type":"a"}`:                                            now,
		`[]`:                                                      now,
	} {
		h := http.Header{}
		h.Set("Stripe-Signature", fmt.Sprintf("t=%d,v1=%x", now.Unix(), sum("s", fmt.Sprintf("%d.%s", now.Unix(), body))))
		d, err := scheme(t, "stripe").Verify(h, []byte(body), []string{"s"}, now)
		if err != nil || !d.Event.Equal(want) {
			t.Errorf("%s: %v, %v", body, d.Event, err)
		}
	}
}

// TestReasonOf_KnowsEveryError by a word of its own.
func TestReasonOf_KnowsEveryError(t *testing.T) {
	seen := map[webhooks.Reason]bool{}
	for _, err := range []error{webhooks.ErrSignature, webhooks.ErrUnsigned, webhooks.ErrStale, webhooks.ErrTooLarge, webhooks.ErrNotJSON, webhooks.ErrBrokenOff} {
		r := webhooks.ReasonOf(fmt.Errorf("source: %w", err))
		if seen[r] || r.Words() == string(r) {
			t.Errorf("%v is %q: %s", err, r, r.Words())
		}
		seen[r] = true
	}
}
