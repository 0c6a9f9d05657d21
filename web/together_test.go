package web_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
	"shapewatch/web"
)

// A slowWorld answers nothing before it is opened, whoever gives up.
type slowWorld struct {
	*world
	opened chan struct{}
	looks  atomic.Int64
}

func newSlowWorld() *slowWorld {
	return &slowWorld{world: newWorld(time.Now()), opened: make(chan struct{})}
}

func (s *slowWorld) Latest(ctx context.Context) ([]contracts.Check, error) {
	s.looks.Add(1)
	<-s.opened
	return s.world.Latest(ctx)
}

func (s *slowWorld) Incidents(ctx context.Context, api string, limit int) ([]alerting.Incident, error) {
	<-s.opened
	return s.world.Incidents(ctx, api, limit)
}

func (s *slowWorld) handler() http.Handler {
	return web.New(web.Options{
		Source: s, Probes: func() []probes.Probe { return s.probes }, Log: slog.New(slog.DiscardHandler),
	})
}

// An asked request has an answer once done is closed.
type asked struct {
	*httptest.ResponseRecorder
	done chan struct{}
}

func asking(ctx context.Context, h http.Handler, address string, come func(*http.Request)) asked {
	a := asked{httptest.NewRecorder(), make(chan struct{})}
	r := httptest.NewRequestWithContext(ctx, "GET", address, nil)
	come(r)
	go func() {
		defer close(a.done)
		h.ServeHTTP(a, r)
	}()
	return a
}

func (a asked) answered() bool {
	select {
	case <-a.done:
		return true
	default:
		return false
	}
}

// views are ways to come that see different answers, with a text of the own
// address.
var views = []struct {
	person
	base string
}{
	{person{"private", atHome}, "http://localhost:8080"},
	{person{"private, by another name", from("127.0.0.1:50000", "127.0.0.1:8080")}, "http://127.0.0.1:8080"},
	{person{"public", elsewhere}, "http://drift.example"},
	{person{"public, by another name", from("203.0.113.9:50000", "other.example")}, "http://other.example"},
	{person{"public, by TLS", func(r *http.Request) {
		elsewhere(r)
		r.TLS = &tls.ConnectionState{}
	}}, "https://drift.example"},
}

// TestTogether_GivesEachViewItsOwn asks as everybody at once, several times
// each so that answers are shared, and compares with what each is told alone.
func TestTogether_GivesEachViewItsOwn(t *testing.T) {
	for _, address := range []string{"/", "/api/v1/overview", "/api/v2/summary.json", "/feed.atom", "/calendar.ics"} {
		synctest.Test(t, func(t *testing.T) {
			quick, slow := newSlowWorld(), newSlowWorld()
			close(quick.opened)
			alone, h := quick.handler(), slow.handler()
			all := map[int][]asked{}
			for range 3 {
				for i, v := range views {
					all[i] = append(all[i], asking(t.Context(), h, address, v.come))
				}
			}
			synctest.Wait()
			close(slow.opened)
			for i, v := range views {
				want := asking(t.Context(), alone, address, v.come)
				<-want.done
				for _, got := range all[i] {
					<-got.done
					if diff := cmp.Diff(want.Body.String(), got.Body.String()); got.Code != 200 || diff != "" {
						t.Errorf("%s, %s: %d\n%.1000s", address, v.name, got.Code, diff)
					}
				}
				checkView(t, address, v.name, v.base, want.Body.String())
			}
		})
	}
}

// checkView holds that views differ at all.
func checkView(t *testing.T, address, name, base, body string) {
	t.Helper()
	private := strings.HasPrefix(name, "private")
	if address == "/" || address == "/api/v1/overview" || address == "/feed.atom" {
		if strings.Contains(body, "customer_id") != private {
			t.Errorf("%s, %s: tells of customer_id: %t", address, name, !private)
		}
	}
	if (address == "/api/v2/summary.json" || address == "/feed.atom") && !strings.Contains(body, base+"/incidents/") {
		t.Errorf("%s, %s: no link to %s", address, name, base)
	}
}

// TestTogether_MakesNothingForWhoLeft asks for an answer and, while it is made,
// for the next one, and leaves.
func TestTogether_MakesNothingForWhoLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newSlowWorld()
		h := w.handler()
		first := asking(t.Context(), h, "/", atHome)
		synctest.Wait()
		ctx, leave := context.WithCancel(t.Context())
		second, third := asking(ctx, h, "/", atHome), asking(ctx, h, "/", atHome)
		synctest.Wait()
		leave()
		synctest.Wait()
		if !second.answered() || !third.answered() || first.answered() {
			t.Error("who left still waits, or who stayed does not")
		}
		close(w.opened)
		<-first.done
		synctest.Wait()
		if looks := w.looks.Load(); first.Code != 200 || looks != 1 {
			t.Errorf("%d after %d looks, want 1", first.Code, looks)
		}
	})
}

// TestTogether_SaysInTimeThatItTakesTooLong asks what waits for a source that
// minds no deadline.
func TestTogether_SaysInTimeThatItTakesTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newSlowWorld()
		start := time.Now()
		got := asking(t.Context(), w.handler(), "/feed.atom", atHome)
		<-got.done
		if took := time.Since(start); got.Code != 503 || got.Header().Get("Retry-After") == "" || took > 25*time.Second {
			t.Errorf("%d after %v, headers %v", got.Code, took, got.Header())
		}
		close(w.opened)
	})
}

// TestTogether_QueuesSoManyAnswers asks for more different ones than are made
// and wait: those beyond are refused at once, and room is free when others
// leave.
func TestTogether_QueuesSoManyAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newSlowWorld()
		h := w.handler()
		ctx, leave := context.WithCancel(t.Context())
		const most = 16 + 256
		for n := range most {
			asking(ctx, h, fmt.Sprintf("/incidents.csv?q=%d", n), atHome)
			synctest.Wait()
		}
		over := asking(t.Context(), h, "/incidents.csv?q=over", atHome)
		synctest.Wait()
		if !over.answered() || over.Code != 503 || over.Header().Get("Retry-After") == "" {
			t.Errorf("one more than %d: answered %t, %d", most, over.answered(), over.Code)
		}
		leave()
		synctest.Wait()
		late := asking(t.Context(), h, "/incidents.csv?q=late", atHome)
		synctest.Wait()
		if late.answered() {
			t.Errorf("when all have left: %d", late.Code)
		}
		close(w.opened)
		if <-late.done; late.Code != 200 {
			t.Errorf("when all have left: %d", late.Code)
		}
	})
}
