package shape

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A SyntaxError says that a body is not JSON, or not what it was read as.
type SyntaxError struct {
	Syntax  Syntax // what it was read as; "" means JSON
	Offset  int64  // byte offset of the problem
	Path    string // JSON Pointer of the value that holds it
	Problem string // one clause: "the text ends inside a string"
}

// Error tells what is wrong and where.
func (e *SyntaxError) Error() string {
	as := e.Syntax
	if as == "" {
		as = JSON
	}
	return fmt.Sprintf("not %s at byte %d, path %q: %s", as, e.Offset, e.Path, e.Problem)
}

// A LimitError says that a body asks for more than the limits allow.
type LimitError struct {
	Path    string // JSON Pointer of the value that went over
	Problem string // one clause: "nested deeper than 64"
}

// Error tells which limit was passed and where.
func (e *LimitError) Error() string {
	return fmt.Sprintf("over limit at path %q: %s", e.Path, e.Problem)
}

// explain turns the checker's stop into an error; skipped bytes came before
// the text.
func (c *checker) explain(skipped int) error {
	c.stop(0, "not one valid value") // where it says nothing itself, which the tests rule out
	path := pathAt(c.b, c.at)
	if c.limit {
		return &LimitError{Path: path, Problem: c.problem}
	}
	return &SyntaxError{Offset: int64(c.at + skipped), Path: path, Problem: c.problem}
}

// pathAt is the JSON Pointer of what is read at an offset, cut to 256 bytes.
func pathAt(b []byte, offset int) string {
	d := jsontext.NewDecoder(bytes.NewBuffer(b), jsontext.AllowDuplicateNames(true))
	path := ""
	for {
		if _, err := d.ReadToken(); err != nil {
			return path
		}
		if path = string(d.StackPointer()); len(path) > 256 {
			return strings.ToValidUTF8(path[:256], "")
		}
		if d.InputOffset() > int64(offset) {
			return path
		}
	}
}
