package main

import (
	"io"
	"net/http"
	"regexp"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptAwait waits until a page matches a pattern, as long as it takes on a
// busy machine.
func scriptAwait(ts *testscript.TestScript, _ bool, args []string) {
	wanted, last := regexp.MustCompile(args[1]), ""
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		response, err := http.Get(args[0])
		if err != nil {
			last = err.Error()
			continue
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if last = string(body); err == nil && wanted.MatchString(last) {
			return
		}
	}
	ts.Fatalf("%s does not match %q: %s", args[0], args[1], last)
}
