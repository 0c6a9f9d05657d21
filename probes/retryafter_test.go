package probes_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"shapewatch/probes"
)

// pauseOf is the pause that a header makes a client keep; zero for none.
func pauseOf(t *testing.T, header http.Header, code int) time.Duration {
	client := newClient(t, probes.Options{Transport: vendor(func(*http.Request) (*http.Response, error) { return answer(code, header, object()) })})
	p := probe()
	p.Method = "POST"
	s := client.Do(t.Context(), p)
	if blocked := client.BlockedUntil(p); !blocked.Equal(s.RetryAt) {
		t.Errorf("RetryAt %s, but blocked until %s", s.RetryAt, blocked)
	}
	if s.RetryAt.IsZero() {
		return 0
	}
	return time.Until(s.RetryAt)
}

func TestDo_ReadsRetryAfter(t *testing.T) {
	day := 24 * time.Hour
	for _, test := range []struct {
		value string
		want  time.Duration
	}{
		{"", 0}, {"soon", 0}, {"1h", 0}, {"0x10", 0}, {"1e9", 0}, {"NaN", 0}, {"Inf", 0}, {"-", 0}, {".", 0}, {"1.2.3", 0}, {"1, 2", 0}, {"\x00", 0},
		{"0", time.Second}, {"-5", time.Second}, {"-0.0", time.Second}, {"0.2", time.Second}, {"1", time.Second},
		{"2.5", 2500 * time.Millisecond}, {" 30 ", 30 * time.Second}, {"+30", 30 * time.Second}, {"0030", 30 * time.Second}, {"120", 2 * time.Minute},
		{"86400", day}, {"86401", day}, {"315360000", day}, {"99999999999999999999999999999999999999", day}, {"-99999999999999999999", time.Second},
		{"Sat, 01 Jan 2000 00:01:00 GMT", time.Minute},
		{"Saturday, 01-Jan-00 00:01:00 GMT", time.Minute},
		{"Sat Jan  1 00:01:00 2000", time.Minute},
		{"Fri, 31 Dec 1999 00:00:00 GMT", time.Second},
		{"Sun, 01 Jan 2040 00:00:00 GMT", day},
		{"Sat, 01 Jan 2000 00:01:00 CET", 0},
	} {
		synctest.Test(t, func(t *testing.T) { // begins on 1 January 2000 at midnight UTC
			if got := pauseOf(t, http.Header{"Retry-After": {test.value}}, 429); got != test.want {
				t.Errorf("Retry-After: %q is a pause of %s, want %s", test.value, got, test.want)
			}
		})
	}
}

func TestDo_TakesTheLongestOfSeveralPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if got := pauseOf(t, http.Header{"Retry-After": {"5", "nonsense", "50", "7"}}, 503); got != 50*time.Second {
			t.Errorf("pause of %s, want 50 s", got)
		}
	})
}

func TestDo_ReadsDatesByTheVendorsClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		header := http.Header{"Date": {"Sat, 01 Jan 2000 05:00:00 GMT"}, "Retry-After": {"Sat, 01 Jan 2000 05:00:30 GMT"}}
		if got := pauseOf(t, header, 429); got != 30*time.Second {
			t.Errorf("pause of %s, want 30 s: the vendor's clock is five hours ahead", got)
		}
	})
}

func TestDo_HeedsRetryAfterOfRefusalsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if got := pauseOf(t, http.Header{"Retry-After": {"60"}}, 202); got != 0 {
			t.Errorf("pause of %s after a 202", got)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"1", "-1", "Sat, 01 Jan 2000 00:01:00 GMT", "999999999999999999999", "1.5", "..", "+-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got := pauseOf(t, http.Header{"Retry-After": {value}}, 429)
		if got != 0 && (got < 900*time.Millisecond || got > 24*time.Hour) {
			t.Errorf("%q is a pause of %s", value, got)
		}
	})
}
