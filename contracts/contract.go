package contracts

import (
	"encoding/json"
	"strconv"
	"strings"
)

// A Contract is what was agreed for one operation: an OpenAPI document,
// written, published or learned, reduced to what answers can be held against.
type Contract struct {
	Source    string // file or URL it came from, for messages
	Operation string // operationId, or method and path template

	Answers []Agreed // by status range and media type

	Steps map[string]*Contract // of a workflow, by step: then Answers is empty
}

// An Agreed is the body agreed for some statuses and one media type.
type Agreed struct {
	Statuses string // "200", "2XX" or "default"
	Media    string // "application/json", lower case, may hold a wildcard
	Body     *Schema
}

// A Schema is what a value must look like. The zero Schema allows everything.
type Schema struct {
	Kinds    []string // JSON Schema names; none means any
	Nullable bool     // null is allowed beside Kinds
	Format   string
	Enum     []string // allowed literals; none means any

	Required   []string
	Properties map[string]*Schema
	Closed     bool    // additionalProperties: false
	Extra      *Schema // of keys that Properties does not name; nil means anything
	Items      *Schema

	AnyOf []*Schema // at least one of these, beside all of the above
}

// For picks the body agreed for a status and media type; nil when the contract
// says nothing about such an answer.
func (c *Contract) For(status int, media string) *Schema {
	if c == nil {
		return nil
	}
	if c.Steps != nil {
		return c.ofSteps(func(_ string, step *Contract) *Schema { return step.good() })
	}
	best, rank := (*Schema)(nil), 0
	for _, a := range c.Answers {
		if r := a.Rank(status, media); r > rank {
			best, rank = a.Body, r
		}
	}
	return best
}

// Rank says how exactly an entry speaks about an answer; 0 is not at all.
func (a Agreed) Rank(status int, media string) int {
	r, code := 0, strconv.Itoa(status)
	switch want := strings.ToUpper(a.Statuses); {
	case want == code:
		r = 30
	case len(want) == 3 && strings.HasSuffix(want, "XX") && want[0] == code[0]:
		r = 20
	case want == "DEFAULT":
		r = 10
	default:
		return 0
	}
	switch {
	case a.Media == media:
		return r + 3
	case jsonMedia(a.Media) && jsonMedia(media), media == "" && jsonMedia(a.Media):
		return r + 2
	case strings.HasSuffix(a.Media, "/*"):
		return r + 1
	}
	return 0
}

// Covers reports whether the contract names the path, so that it has an
// opinion on what is found there.
func (c *Contract) Covers(path string) bool {
	if step, rest, ok := c.stepAt(path); ok {
		return step.Covers(rest)
	}
	for _, a := range c.Answers {
		if a.Body.at(segments(path)) {
			return true
		}
	}
	return false
}

// Names reports whether the enum holds a string value.
func (s *Schema) Names(value string) bool {
	for _, literal := range s.Enum {
		var text string
		if literal == value || json.Unmarshal([]byte(literal), &text) == nil && text == value {
			return true
		}
	}
	return false
}

// at reports whether a path leads to something the schema names.
func (s *Schema) at(path []string) bool {
	if s == nil {
		return false
	}
	if len(path) == 0 {
		return true
	}
	next := s.child(path[0])
	if next.at(path[1:]) {
		return true
	}
	for _, alternative := range s.AnyOf {
		if alternative.at(path) {
			return true
		}
	}
	return false
}

func (s *Schema) child(name string) *Schema {
	switch name {
	case "[]":
		return s.Items
	case "{}":
		return s.Extra
	}
	return s.Properties[name]
}

// segments splits a path and undoes the escapes of JSON Pointer.
func segments(path string) []string {
	if path == "" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(p, "~1", "/"), "~0", "~")
	}
	return parts
}
