package contracts

import (
	"fmt"
	"strings"

	"shapewatch/contracts/shape"
)

// envelope reports in words why a body that came with a success status says
// failure, or "" when it does not. It is careful: many APIs send an empty
// errors list or a null error with every good answer.
func envelope(v *view, media string) string {
	if media == "application/problem+json" {
		return "a problem document (application/problem+json) under a success status"
	}
	root, ok := v.at("")
	if !ok || root.Kinds[shape.Object] == 0 {
		return ""
	}
	e := envelopeReader{v}
	switch {
	case e.is("/ok", "false") || e.is("/success", "false"):
		if key := e.explains(); key != "" {
			return fmt.Sprintf("the body says it failed and explains it in `%s`", key)
		}
	case e.failedStatus() && e.explains() != "":
		return fmt.Sprintf("the body's `status` says failure and `%s` explains it", e.explains())
	case e.errorList() && !e.filled("/data"):
		return "the body is a list of `errors` without data"
	case e.errorObject() && e.small():
		return "the body is an `error` and nothing else"
	}
	return ""
}

type envelopeReader struct{ *view }

// is reports whether the scalar at a path has a literal.
func (e envelopeReader) is(path, literal string) bool {
	f, ok := e.at(path)
	return ok && len(f.Values.List) == 1 && strings.EqualFold(strings.Trim(f.Values.List[0].Text, `"`), literal)
}

func (e envelopeReader) failedStatus() bool {
	return e.is("/status", "error") || e.is("/status", "fail") || e.is("/status", "failure") || e.is("/status", "failed")
}

// explains names the key that says what went wrong.
func (e envelopeReader) explains() string {
	for _, key := range []string{"error", "errors", "message", "error_message", "msg", "code", "error_code", "reason"} {
		if e.filled("/" + key) {
			return key
		}
	}
	return ""
}

// filled reports whether there is something at a path: not null, not empty.
func (e envelopeReader) filled(path string) bool {
	f, ok := e.at(path)
	return ok && f.Count > f.Kinds[shape.Null]+f.EmptyStrings+f.EmptyArrays+f.EmptyObjects
}

// errorList is GraphQL's and JSON:API's way: errors with a message each.
func (e envelopeReader) errorList() bool {
	if !e.filled("/errors") {
		return false
	}
	for _, key := range []string{"message", "detail", "title", "code"} {
		if e.filled("/errors/[]/" + key) {
			return true
		}
	}
	return false
}

func (e envelopeReader) errorObject() bool {
	f, ok := e.at("/error")
	if !ok || !e.filled("/error") {
		return false
	}
	return f.Has(shape.Object) && (e.filled("/error/message") || e.filled("/error/code") || e.filled("/error/type")) || f.Has(shape.String)
}

// small reports whether the root has hardly anything beside the error.
func (e envelopeReader) small() bool {
	n := 0
	for i := range e.fields {
		if e.fields[i].Depth == 1 {
			n++
		}
	}
	return n <= 4
}
