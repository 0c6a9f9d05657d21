package openapi

import (
	"strconv"
	"strings"
)

// Asked is what a probe asks, to find its operation in a document.
type Asked struct {
	Method      string // "" is GET
	URL         string // the whole address
	OperationID string // or "GET /v1/charges/{id}"; decides alone when given
}

// String is how the operation is called in messages.
func (a Asked) String() string {
	if a.OperationID != "" {
		return strconv.Quote(clip(a.OperationID, 100))
	}
	path := a.URL
	if _, after, ok := strings.Cut(path, "://"); ok {
		_, path, _ = strings.Cut(after, "/")
		path = "/" + path
	}
	path, _, _ = strings.Cut(path, "?")
	return strings.ToUpper(a.Method) + " " + clip(path, 200)
}

func itoa(i int) string { return strconv.Itoa(i) }
