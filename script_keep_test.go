package main

import (
	"regexp"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptKeep sets a variable to what a pattern finds in the last output:
// keep NAME PATTERN.
func scriptKeep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: keep NAME PATTERN")
	}
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	found := pattern.FindString(ts.ReadFile("stdout"))
	if found == "" {
		ts.Fatalf("the output has no %s", args[1])
	}
	ts.Setenv(args[0], found)
}
