package shape

import "fmt"

// A SyntaxError says that a body is not JSON.
type SyntaxError struct {
	Offset  int64  // byte offset of the problem
	Path    string // JSON Pointer of the value that holds it
	Problem string // one clause: "unexpected end of text"
}

// Error tells what is wrong and where.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not JSON at byte %d, path %q: %s", e.Offset, e.Path, e.Problem)
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
