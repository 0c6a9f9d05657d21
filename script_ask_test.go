package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptAsk sends a request once, wants a status, and prints the answer:
// ask STATUS METHOD URL [NAME:VALUE…] [BODY]. A word with a space or a brace
// in it is the body, which is JSON.
func scriptAsk(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: ask STATUS METHOD URL [NAME:VALUE…] [BODY]")
	}
	r, err := http.NewRequest(args[1], args[2], nil)
	ts.Check(err)
	for _, word := range args[3:] {
		addWord(r, word)
	}
	response, err := http.DefaultTransport.RoundTrip(r) // a redirect is an answer
	ts.Check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s\n%s\n", response.Header.Get("Content-Type"), body)
	if got := fmt.Sprint(response.StatusCode); got != args[0] {
		ts.Fatalf("%s %s answers %s, want %s: %s", args[1], args[2], got, args[0], body)
	}
}

// addWord adds a header or the body to a request.
func addWord(r *http.Request, word string) {
	name, value, isHeader := strings.Cut(word, ":")
	switch {
	case !isHeader || strings.ContainsAny(name, " {"):
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(word)), int64(len(word))
		if r.Header.Get("Content-Type") == "" {
			r.Header.Set("Content-Type", "application/json")
		}
	case name == "Host":
		r.Host = value
	default:
		r.Header.Set(name, value)
	}
}
