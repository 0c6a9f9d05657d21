package probes_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/probes"
)

// A vendor is a fake one for use inside synctest bubbles, where a loopback
// listener would keep time from passing.
type vendor func(r *http.Request) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (v vendor) RoundTrip(r *http.Request) (*http.Response, error) { return v(r) }

func answer(code int, header http.Header, body io.Reader) (*http.Response, error) {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: code, Header: header, Body: io.NopCloser(body), ContentLength: -1}, nil
}

func object() io.Reader { return strings.NewReader(`{}`) }

// silent never answers.
func silent(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func probe() probes.Probe {
	return probes.Probe{ID: "api/op", URL: "https://api.example.com/v1", Limits: probes.HostLimits{PerSecond: 1000, Concurrent: 100}}
}

func TestDo_EndsAtTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s := newClient(t, probes.Options{Transport: vendor(silent)}).Do(t.Context(), probe())
		if s.Class != probes.Unreachable || !strings.HasPrefix(s.Problem, "no answer within 10 s") {
			t.Errorf("%s %q", s.Class, s.Problem)
		}
		if took := time.Since(start); took != 10*time.Second || s.Latency != took || s.Attempts != 1 {
			t.Errorf("took %s, latency %s, %d attempts, want 10 s once", took, s.Latency, s.Attempts)
		}
	})
}

func TestDo_StopsWhenTheCallerDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s := newClient(t, probes.Options{Transport: vendor(silent)}).Do(ctx, probe())
		if s.Class != probes.Unreachable || !strings.HasPrefix(s.Problem, "the check was stopped before the answer") {
			t.Errorf("%s %q", s.Class, s.Problem)
		}
	})
}

func TestDo_RetriesOnceWhatMayPass(t *testing.T) {
	refused := fmt.Errorf("dial: %w", syscall.ECONNREFUSED)
	unavailable := func(header http.Header) vendor {
		return func(*http.Request) (*http.Response, error) { return answer(503, header, object()) }
	}
	for _, test := range []struct {
		name         string
		method       string
		first        vendor
		wantAttempts int
	}{
		{"connection refused", "GET", func(*http.Request) (*http.Response, error) { return nil, refused }, 2},
		{"connection refused to PUT", "PUT", func(*http.Request) (*http.Response, error) { return nil, refused }, 2},
		{"connection refused to POST", "POST", func(*http.Request) (*http.Response, error) { return nil, refused }, 1},
		{"closed without an answer", "GET", func(*http.Request) (*http.Response, error) { return nil, io.EOF }, 2},
		{"503", "GET", unavailable(nil), 2},
		{"503 to POST", "POST", unavailable(nil), 1},
		{"503 with Retry-After", "GET", unavailable(http.Header{"Retry-After": {"1"}}), 1},
		{"500", "GET", func(*http.Request) (*http.Response, error) { return answer(500, nil, object()) }, 1},
		{"429", "GET", func(*http.Request) (*http.Response, error) { return answer(429, nil, object()) }, 1},
		{"silence", "GET", silent, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked []time.Time
				client := newClient(t, probes.Options{Transport: vendor(func(r *http.Request) (*http.Response, error) {
					if asked = append(asked, time.Now()); len(asked) == 1 {
						return test.first(r)
					}
					return answer(200, nil, object())
				})})
				p := probe()
				p.Method = test.method
				s := client.Do(t.Context(), p)
				if s.Attempts != test.wantAttempts || len(asked) != test.wantAttempts {
					t.Fatalf("%d attempts, %d seen, want %d (%s)", s.Attempts, len(asked), test.wantAttempts, s.Problem)
				}
				if s.Attempts == 1 {
					return
				}
				if wait := asked[1].Sub(asked[0]); wait < time.Second || wait > 2*time.Second {
					t.Errorf("retried after %s, want 1 to 2 s", wait)
				}
				if s.Class != probes.Valid || s.Latency != 0 || !s.At.Equal(asked[1]) {
					t.Errorf("%s, latency %s, at %s: want the second answer alone", s.Class, s.Latency, s.At)
				}
			})
		})
	}
}

func TestDo_RetriesNoMoreThanOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, probes.Options{Transport: vendor(func(*http.Request) (*http.Response, error) { return answer(502, nil, object()) })})
		s := client.Do(t.Context(), probe())
		if s.Attempts != 2 || s.Problem != "answered 502 Bad Gateway" {
			t.Errorf("%d attempts, %q", s.Attempts, s.Problem)
		}
	})
}

func TestDo_RetriesOnlyWhenTimeIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, probes.Options{Transport: vendor(func(*http.Request) (*http.Response, error) {
			time.Sleep(9 * time.Second)
			return answer(503, nil, object())
		})})
		start := time.Now()
		if s := client.Do(t.Context(), probe()); s.Attempts != 1 || time.Since(start) != 9*time.Second {
			t.Errorf("%d attempts in %s, want 1: one second is not enough for another", s.Attempts, time.Since(start))
		}
	})
}

// A trickle sends a byte at a time.
type trickle struct{ every time.Duration }

// Read implements [io.Reader].
func (s trickle) Read(p []byte) (int, error) {
	time.Sleep(s.every)
	p[0] = '1'
	return 1, nil
}

func TestDo_EndsABodyThatTrickles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, probes.Options{Transport: vendor(func(*http.Request) (*http.Response, error) {
			return answer(200, nil, trickle{100 * time.Millisecond})
		})})
		p := probe()
		p.Timeout = 10 * time.Minute
		start := time.Now()
		s := client.Do(t.Context(), p)
		if s.Class != probes.Unreachable || !strings.HasPrefix(s.Problem, "the body came slower than 1 KiB a second") {
			t.Errorf("%s %q", s.Class, s.Problem)
		}
		if took := time.Since(start); took > 11*time.Second {
			t.Errorf("took %s to notice", took)
		}
	})
}

func TestDo_LeavesAHostAloneThatAsksForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		client := newClient(t, probes.Options{Transport: vendor(func(*http.Request) (*http.Response, error) {
			if asked++; asked == 1 {
				return answer(429, http.Header{"Retry-After": {"60"}}, object())
			}
			return answer(200, nil, object())
		})})
		first, sibling, stranger := probe(), probe(), probe()
		sibling.ID, sibling.URL = "api/other", "http://API.example.com./v2"
		stranger.ID, stranger.URL = "other/op", "https://api.example.org/v1"
		until := time.Now().Add(time.Minute)
		if s := client.Do(t.Context(), first); !s.RetryAt.Equal(until) {
			t.Errorf("RetryAt %s, want %s", s.RetryAt, until)
		}
		if s := client.Do(t.Context(), sibling); s.Attempts != 0 || !s.RetryAt.Equal(until) || !strings.HasPrefix(s.Problem, "not asked: ") {
			t.Errorf("sibling: %d attempts, RetryAt %s, %q", s.Attempts, s.RetryAt, s.Problem)
		}
		if got := client.BlockedUntil(sibling); !got.Equal(until) {
			t.Errorf("BlockedUntil %s, want %s", got, until)
		}
		if s := client.Do(t.Context(), stranger); s.Class != probes.Valid {
			t.Errorf("another host is blocked too: %q", s.Problem)
		}
		time.Sleep(time.Minute)
		if s := client.Do(t.Context(), sibling); s.Class != probes.Valid || !client.BlockedUntil(first).IsZero() {
			t.Errorf("after the pause: %s %q", s.Class, s.Problem)
		}
	})
}

func TestDo_SurvivesAPanic(t *testing.T) {
	client := newClient(t, probes.Options{Transport: vendor(func(*http.Request) (*http.Response, error) { panic("oops " + canary) })})
	p := probe()
	p.Limits.Concurrent = 1
	for range 2 { // the second is asked only if the first gave its place back
		s := client.Do(t.Context(), p)
		if s.Class != probes.Protocol || s.Problem != "our own fault: reading the answer broke" || s.Attempts != 1 {
			t.Errorf("%s %q, %d attempts", s.Class, s.Problem, s.Attempts)
		}
	}
}

func TestDo_RefusesAURLThatItCannotAsk(t *testing.T) {
	client := newClient(t, probes.Options{Transport: vendor(func(*http.Request) (*http.Response, error) { return nil, errors.New("asked") })})
	for _, url := range []string{"", "/v1", "ftp://api.example.com/", "file:///etc/passwd", "https://", "https://me:" + canary + "@api.example.com/", "https://[::1", "http://a b/"} {
		p := probe()
		p.URL = url
		s := client.Do(t.Context(), p)
		if s.Class != probes.Unreachable || s.Attempts != 0 || !strings.HasPrefix(s.Problem, "the probe's URL") || strings.Contains(s.Problem, canary) {
			t.Errorf("%q: %s %q", url, s.Class, s.Problem)
		}
	}
}

func TestDo_SaysWhoAsks(t *testing.T) {
	var got http.Header
	client := newClient(t, probes.Options{Version: "1.2", UserAgentContact: "https://example.com/us", Transport: vendor(func(r *http.Request) (*http.Response, error) {
		got = r.Header
		return answer(200, nil, object())
	})})
	client.Do(t.Context(), probe())
	if agent := got.Get("User-Agent"); agent != "shapewatch/1.2 (+https://example.com/us)" {
		t.Errorf("User-Agent %q", agent)
	}
	p := probe()
	p.Header = http.Header{"user-agent": {"ours"}, "accept": {"application/vnd.api+json"}}
	client.Do(t.Context(), p)
	if got.Get("User-Agent") != "ours" || got.Get("Accept") != "application/vnd.api+json" || got.Get("Accept-Encoding") != "gzip" {
		t.Errorf("header %v", got)
	}
}

func TestDo_SendsAQueryBesideTheURLs(t *testing.T) {
	var got string
	client := newClient(t, probes.Options{Transport: vendor(func(r *http.Request) (*http.Response, error) {
		got = r.URL.RawQuery
		return answer(200, nil, object())
	})})
	p := probe()
	p.URL += "?b=2&a=%20x#part"
	p.Query = http.Header{"limit": {"10"}, "expand[]": {"a", "b"}}
	p.Auth = probes.Query("api_key", "k&y")
	client.Do(t.Context(), p)
	if want := "b=2&a=%20x&expand%5B%5D=a&expand%5B%5D=b&limit=10&api_key=k%26y"; got != want {
		t.Errorf("query %q, want %q", got, want)
	}
}

func TestDo_KeepsToTheLimitsOfTheHost(t *testing.T) {
	for _, test := range []struct {
		name   string
		limits []probes.HostLimits
		rate   int // in any one second
		flight int
	}{
		{"defaults", []probes.HostLimits{{}, {}}, probes.DefaultPerSecond, probes.DefaultConcurrent},
		{"the strictest of two", []probes.HostLimits{{PerSecond: 5, Concurrent: 3}, {PerSecond: 50, Concurrent: 1}}, 5, 1},
		{"one request at a time", []probes.HostLimits{{PerSecond: 1000, Concurrent: 1}}, 1000, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var inFlight, most atomic.Int32
				var arrivals counter
				client := newClient(t, probes.Options{Transport: vendor(func(*http.Request) (*http.Response, error) {
					arrivals.note(time.Now())
					now := inFlight.Add(1)
					defer inFlight.Add(-1)
					for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
					}
					time.Sleep(300 * time.Millisecond)
					return answer(200, nil, object())
				})})
				askAll(t, client, test.limits, 40)
				if got := arrivals.busiest(time.Second); got > test.rate {
					t.Errorf("%d requests within a second, want at most %d", got, test.rate)
				}
				if got := most.Load(); int(got) != test.flight {
					t.Errorf("%d requests in flight, want %d", got, test.flight)
				}
			})
		})
	}
}

// askAll asks n probes of one host at once, each with the next of the limits.
func askAll(t *testing.T, client *probes.Client, limits []probes.HostLimits, n int) {
	done := make(chan probes.Sample)
	for i := range n {
		p := probe()
		p.ID, p.Limits = fmt.Sprint("api/", i), limits[i%len(limits)]
		client.BlockedUntil(p) // the client knows all limits before the first request
		go func() { done <- client.Do(t.Context(), p) }()
	}
	for range n {
		if s := <-done; s.Class != probes.Valid || s.Latency != 300*time.Millisecond {
			t.Errorf("%s %q, latency %s: waiting for the budget is no latency", s.Class, s.Problem, s.Latency)
		}
	}
}

func TestDo_WaitsForItsTurnNoLongerThanTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, probes.Options{Transport: vendor(func(r *http.Request) (*http.Response, error) {
			time.Sleep(8 * time.Second)
			return answer(200, nil, object())
		})})
		p := probe()
		p.Limits.Concurrent = 1
		go client.Do(context.Background(), p)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s := client.Do(ctx, p)
		want := "not asked: no turn within the limits of api.example.com (1000 requests a second, 1 at a time): see limits in the configuration"
		if s.Attempts != 0 || s.Problem != want {
			t.Errorf("%d attempts, %q, want %q", s.Attempts, s.Problem, want)
		}
		if s := client.Do(t.Context(), p); s.Class != probes.Valid {
			t.Errorf("who gave up kept the place: %q", s.Problem)
		}
	})
}

func TestDo_LoosensWhenTheStrictProbeDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, probes.Options{Transport: vendor(func(r *http.Request) (*http.Response, error) { return answer(200, nil, object()) })})
		p := probe()
		p.Limits.PerSecond = 0.1
		client.Do(t.Context(), p)
		p.Limits.PerSecond = 1000
		start := time.Now()
		for range 3 {
			client.Do(t.Context(), p)
		}
		if took := time.Since(start); took > 11*time.Second {
			t.Errorf("three requests took %s after a reload loosened the limit", took)
		}
	})
}

func TestDo_SavesUpNoBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var arrivals counter
		client := newClient(t, probes.Options{Transport: vendor(func(*http.Request) (*http.Response, error) {
			arrivals.note(time.Now())
			time.Sleep(300 * time.Millisecond)
			return answer(200, nil, object())
		})})
		askAll(t, client, []probes.HostLimits{{PerSecond: 2, Concurrent: 10}}, 1)
		time.Sleep(time.Hour)
		askAll(t, client, []probes.HostLimits{{PerSecond: 2, Concurrent: 10}}, 20)
		if got := arrivals.busiest(time.Second); got > 2 {
			t.Errorf("%d requests within a second after an idle hour, want at most 2", got)
		}
	})
}

func TestDo_KeepsNoCredentialOfTheVendor(t *testing.T) {
	sent := http.Header{
		"Set-Cookie": {"session=abc", "b=c"}, "X-Csrf-Token": {"abc"}, "X-Amz-Security-Token": {"abc"},
		"X-Ratelimit-Remaining-Tokens": {"99"}, "Etag": {`"abc"`},
	}
	client := newClient(t, probes.Options{Transport: vendor(func(*http.Request) (*http.Response, error) { return answer(200, sent.Clone(), object()) })})
	want := http.Header{
		"Set-Cookie": {probes.Redacted, probes.Redacted}, "X-Csrf-Token": {probes.Redacted}, "X-Amz-Security-Token": {probes.Redacted},
		"X-Ratelimit-Remaining-Tokens": {"99"}, "Etag": {`"abc"`},
	}
	if diff := cmp.Diff(want, client.Do(t.Context(), probe()).Header); diff != "" {
		t.Error(diff)
	}
}
