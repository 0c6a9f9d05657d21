package web_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"shapewatch/web"
)

// listen opens an event stream; the result returns its next line with text.
func listen(t *testing.T, address string) (next func() (string, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if media := answer.Header.Get("Content-Type"); answer.StatusCode != 200 || media != "text/event-stream" {
		t.Fatalf("%d %s", answer.StatusCode, media)
	}
	lines := bufio.NewReader(answer.Body)
	return func() (string, error) {
		for {
			line, err := lines.ReadString('\n')
			if strings.HasPrefix(line, "data: ") || err != nil {
				return line, err
			}
		}
	}
}

func TestEvents_TellOfAChangeOnceAndNothingOfIt(t *testing.T) {
	w := newWorld(time.Now())
	next := listen(t, newTestServer(t, w))
	before, err := next()
	if err != nil {
		t.Fatal(err)
	}
	w.change(func() {
		w.incidents[0].Title = "private"
		w.incidents[0].Version++
	})
	after, err := next()
	if err != nil || after == before || strings.Contains(after, "private") {
		t.Errorf("%q after %q, %v", after, before, err)
	}
}

// TestEvents_EndWithTheServer holds Shutdown to its promise: a stream is never
// idle, and must not keep the program from ending.
func TestEvents_EndWithTheServer(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.Config = web.Server("", newWorld(time.Now()).handler())
	server.Start()
	next := listen(t, server.URL)
	if _, err := next(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := server.Config.Shutdown(ctx); err != nil {
		t.Errorf("shutdown: %v", err)
	}
	if _, err := next(); !errors.Is(err, io.EOF) {
		t.Errorf("the stream ended with %v", err)
	}
}

func TestEvents_LeaveRoomForPages(t *testing.T) {
	h := newWorld(time.Now()).handler()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	const most = 200
	for range most {
		go func() {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/events", nil))
			ended <- struct{}{}
		}()
	}
	refused := func() bool { return get(h, "HEAD", "/events").Code == http.StatusServiceUnavailable }
	for deadline := time.Now().Add(10 * time.Second); !refused() && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if !refused() {
		t.Errorf("more than %d streams are open", most)
	}
	if code := get(h, "GET", "/").Code; code != http.StatusOK {
		t.Errorf("the page itself: %d", code)
	}
	stop()
	for range most {
		<-ended
	}
	if refused() {
		t.Error("streams that ended keep their places")
	}
}
