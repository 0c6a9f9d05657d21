package workflows

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// An Assertion is one fact that an answer must show: a path, a comparison and
// a value, written "/state = packed", "/total > 0", "/error missing".
type Assertion struct {
	Path  string // JSON Pointer, "" for the whole body, or "header:name"
	Op    string // one of = != < <= > >= exists missing contains
	Value string // as written; may hold references
}

// operators, longest first where one begins like another.
var operators = []string{"!=", "<=", ">=", "=", "<", ">", "contains", "exists", "missing"}

// ParseAssertion reads an assertion as it is written in a configuration.
func ParseAssertion(text string) (a Assertion, err error) {
	path, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	if path != "" && !strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "header:") {
		return a, fmt.Errorf("%q does not begin with / or header:, which a path does", path)
	}
	rest = strings.TrimSpace(rest)
	for _, op := range operators {
		value, found := strings.CutPrefix(rest, op)
		if !found || op > "a" && value != "" && value[0] != ' ' {
			continue
		}
		a = Assertion{Path: path, Op: op, Value: strings.TrimSpace(value)}
		if nullary := op == "exists" || op == "missing"; nullary != (a.Value == "") {
			return a, fmt.Errorf("%s takes %s", op, map[bool]string{true: "no value", false: "a value"}[nullary])
		}
		return a, nil
	}
	return a, fmt.Errorf("no comparison after %s: want one of %s", cmp.Or(path, "the path"), strings.Join(operators, " "))
}

// String writes an assertion as it is read.
func (a Assertion) String() string { return strings.TrimSpace(a.Path + " " + a.Op + " " + a.Value) }

// fails says why an answer does not show the fact; empty when it does. value is
// the assertion's with its references filled in: it is compared and never told,
// as the found one is not, because either may be private.
func (a Assertion) fails(found, value string, there bool) string {
	switch {
	case a.Op == "exists" && there, a.Op == "missing" && !there:
		return ""
	case a.Op == "missing":
		return a.Path + " is there"
	case !there:
		return a.Path + " is missing"
	case a.holds(found, value):
		return ""
	case a.Op == "=":
		return a.Path + " is not " + a.Value
	case a.Op == "!=":
		return a.Path + " is " + a.Value
	}
	return fmt.Sprintf("%s %s %s does not hold", a.Path, a.Op, a.Value)
}

// holds compares numbers as numbers, of any size, and all else as text.
func (a Assertion) holds(found, value string) bool {
	if a.Op == "contains" {
		return strings.Contains(found, value)
	}
	order := strings.Compare(found, value)
	x, isNumber := new(big.Rat).SetString(bounded(found))
	y, wanted := new(big.Rat).SetString(bounded(value))
	switch {
	case isNumber && wanted:
		order = x.Cmp(y)
	case a.Op[0] == '<' || a.Op[0] == '>':
		return false // neither before nor after: they are no numbers
	}
	switch a.Op {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// bounded keeps 1e999999999 from being written out.
func bounded(number string) string {
	if len(number) > 64 || strings.ContainsAny(number, "/_xXpPoObB") {
		return ""
	}
	if _, exponent, scientific := strings.Cut(strings.ToLower(number), "e"); scientific {
		if n, err := strconv.Atoi(exponent); err != nil || n > 400 || n < -400 {
			return ""
		}
	}
	return number
}

// lookUp finds the value at a JSON Pointer, written as text.
func lookUp(document any, pointer string) (text string, there bool) {
	for _, token := range tokens(pointer) {
		switch at := document.(type) {
		case map[string]any:
			if document, there = at[token]; !there {
				return "", false
			}
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(at) {
				return "", false
			}
			document = at[i]
		default:
			return "", false
		}
	}
	switch v := document.(type) {
	case string:
		return v, true
	case nil:
		return "null", true
	}
	raw, err := json.Marshal(document)
	return string(raw), err == nil
}

// tokens are the parts of a JSON Pointer, as RFC 6901 escapes them.
func tokens(pointer string) []string {
	if pointer == "" || pointer == "/" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	return slices.Collect(func(yield func(string) bool) {
		for _, p := range parts {
			if !yield(unescape.Replace(p)) {
				return
			}
		}
	})
}
