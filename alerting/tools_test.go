package alerting_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// tool is the path of a real server that .ci/tools builds into the user's
// cache; without it the test is skipped, unless everything is required.
func tool(t *testing.T, name string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a real server")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip(err)
	}
	path := filepath.Join(cache, "shapewatch-tools", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("SHAPEWATCH_REQUIRE_ALL") == "1" {
			t.Fatalf("%s is not built: sh .ci/tools builds it", name)
		}
		t.Skipf("%s is not built (sh .ci/tools)", name)
	}
	return path
}

// started runs a server until the test ends and waits until an address of its
// answers.
func started(t *testing.T, ready string, program string, args ...string) {
	t.Helper()
	var out bytes.Buffer
	server := exec.Command(program, args...)
	server.Stdout, server.Stderr, server.Dir = &out, &out, t.TempDir()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			t.Logf("%s", out.String())
		}
	})
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		response, err := http.Get(ready)
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(end) {
			t.Fatalf("%s is not ready", program)
		}
	}
}

// address is one of this machine on which nobody listens: below what the system
// gives to whoever asks for any port, and beside those of the root's tests.
func address(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 5_000+rand.IntN(4_500)))
		if err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

func getJSON(t *testing.T, url string, into any) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatalf("%s: %d %v", url, response.StatusCode, err)
	}
}
