package openapi

import (
	"fmt"
	"strings"

	"github.com/oasdiff/oasdiff/checker"

	"shapewatch/contracts"
)

// removes are the rules by which something that is read goes away: breaking to
// whoever reads it, a warning to all others.
var removes = map[string]bool{
	"response-optional-property-removed": true, "response-optional-property-became-write-only": true,
	"response-property-became-optional": true, "response-media-type-removed": true, "response-non-success-status-removed": true,
	"optional-response-header-removed": true, "response-property-all-of-removed": true,
}

// severityOf is what a change does to a client: a new value of an enum needs a
// branch and breaks few; a field that goes away breaks who reads it.
func severityOf(c checker.Change) contracts.Severity {
	switch id := c.GetId(); {
	case strings.HasPrefix(id, "response-") && strings.HasSuffix(id, "enum-value-added"), removes[id]:
		return contracts.Warning
	}
	switch c.GetLevel() {
	case checker.ERR:
		return contracts.Breaking
	case checker.WARN:
		return contracts.Warning
	}
	return contracts.Info
}

// sideOf says whether a rule is about answers, requests or the operation.
func sideOf(id string) string {
	switch {
	case strings.Contains(id, "response"):
		return "response"
	case strings.Contains(id, "request"):
		return "request"
	}
	return "operation"
}

// placeOf is the place of a change, and the name of what it is about.
func placeOf(c checker.Change) (p Announced, field string) {
	p.OperationID = c.GetOperationId()
	if c.GetOperation() != "" {
		p.Operation = c.GetOperation() + " " + c.GetPath()
	}
	args := c.GetArgs()
	if len(args) == 0 {
		return p, ""
	}
	named := fmt.Sprint(args[0])
	if strings.Contains(c.GetId(), "property") {
		name := named
		if aboutParts(c.GetId()) && len(args) > 1 { // a value or an alternative comes first
			name = fmt.Sprint(args[1])
		}
		p.Path = pathOf(name)
	}
	return p, clip(named[strings.LastIndexByte(named, '/')+1:], 100)
}

// aboutParts reports whether a rule is about a part of a property's schema,
// which it then names before the property.
func aboutParts(id string) bool {
	for _, part := range []string{"enum-value-", "-all-of-", "-one-of-", "-any-of-"} {
		if strings.Contains(id, part) {
			return true
		}
	}
	return false
}

// pathOf turns the library's way of naming a property into a path of answers.
func pathOf(name string) string {
	var b strings.Builder
	for _, step := range splitProperty(name) {
		switch {
		case step == "", strings.HasPrefix(step, "allOf["), strings.HasPrefix(step, "oneOf["), strings.HasPrefix(step, "anyOf["):
		case step == "items":
			b.WriteString("/[]")
		case step == "additionalProperties":
			b.WriteString("/{}")
		default:
			b.WriteString("/" + strings.ReplaceAll(step, "~", "~0"))
		}
	}
	return b.String()
}

// splitProperty splits at slashes outside brackets.
func splitProperty(name string) (steps []string) {
	depth, from := 0, 0
	for i, r := range name {
		switch r {
		case '[':
			depth++
		case ']':
			depth--
		case '/':
			if depth == 0 {
				steps, from = append(steps, name[from:i]), i+1
			}
		}
	}
	return append(steps, name[from:])
}
