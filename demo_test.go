package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// demoShows says where each scripted change is found.
var demoShows = []struct{ change, sign string }{
	{"rename", `"path":"/data/[]/customer"`},
	{"enum", `"path":"/data/[]/status"`},
	{"limit", `"path":"header:x-ratelimit-limit"`},
	{"retype", `"path":"/data/[]/total"`},
	{"grow", `"path":"/data"`},
	{"gone", `"path":"/data/[]/country"`},
	{"sunset", `"path":"header:sunset"`},
	{"stuck", `"path":"/packed"`},
	{"mute", `"path":"/payout.paid"`},
	{"refused", `"kind":"job-retrying"`},
	{"behind", `"path":"side:warehouse"`},
}

// TestDemo_ShowsEveryChangeWithinAMinute runs the demo as a newcomer does, in
// real time: it is the promise of the README's first command.
func TestDemo_ShowsEveryChangeWithinAMinute(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute; left out by -short")
	}
	t.Parallel()
	page, folder := freeAddress(t), t.TempDir()
	var out, errOut shared
	demo := exec.Command("shapewatch", "demo", "--listen", page) // under the race detector, if this test is
	demo.Env, demo.Stdout, demo.Stderr = append(os.Environ(), "TMPDIR="+folder), &out, &errOut
	start := time.Now()
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = demo.Process.Kill() }) // it has ended, if all is well
	missing := []string{"everything"}
	for len(missing) > 0 && time.Since(start) < patient(time.Minute) {
		time.Sleep(200 * time.Millisecond)
		missing = notShown(page)
	}
	if len(missing) > 0 {
		t.Errorf("not on the page within a minute of a machine at leisure: %s", strings.Join(missing, ", "))
	}
	t.Logf("all shown after %v", time.Since(start).Round(time.Second))
	if err := errors.Join(demo.Process.Signal(os.Interrupt), demo.Wait()); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"http://" + page, "x-ratelimit-limit", "incidents in", "shapewatch init"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q was not printed:\n%s", want, out.String())
		}
	}
	if errOut.String() != "" {
		t.Errorf("printed as an error: %s", errOut.String())
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// notShown are the changes that no open incident of the page tells.
func notShown(page string) (missing []string) {
	var list struct{ Incidents []struct{ ID string } }
	getJSON("http://"+page+"/api/v1/incidents", &list)
	var told strings.Builder
	for _, one := range list.Incidents {
		var whole json.RawMessage
		getJSON("http://"+page+"/api/v1/incidents/"+one.ID, &whole)
		told.Write(whole)
	}
	for _, s := range demoShows {
		if !strings.Contains(told.String(), s.sign) {
			missing = append(missing, s.change)
		}
	}
	return missing
}

// getJSON leaves v as it is when the page does not answer yet.
func getJSON(url string, v any) {
	response, err := http.Get(url)
	if err != nil {
		return
	}
	defer response.Body.Close()
	_ = json.NewDecoder(response.Body).Decode(v) // asked again until it does
}

// shared is a buffer that may be read while it is written.
type shared struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
