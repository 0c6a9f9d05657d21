// Package sides reads the sides of a reconciliation: a query of a database
// ([SQL]), an API in pages ([Pages]) and a file ([File]), one file each. They
// hand over rows as they come and hold none of them.
//
// What a side sends is hostile: rows, pages and texts are bounded, and no error
// holds a value of a row or a secret.
package sides

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"

	"shapewatch/probes"
)

// Bounds of a side.
const (
	maxRows    = 50_000_000
	maxProblem = 300 // bytes of an error
)

// errTooMany says that a side has no end that we wait for.
var errTooMany = fmt.Errorf("more than %d rows: reconcile a part of them", maxRows)

// A Problem is why a side could not be read, as a check says it.
type Problem struct {
	Class  probes.Class
	Status int // of the HTTP answer; 0 without one
	Text   string
}

func (p *Problem) Error() string { return p.Text }

// meter counts bytes as they are read.
type meter struct{ bytes atomic.Int64 }

func (m *meter) Read() int64 { return m.bytes.Load() }

// quotedValue is what databases quote of the rows that they trip over.
var quotedValue = regexp.MustCompile(`(: )("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')`)

// plainly is an error without secrets, without values of rows, on one line.
func plainly(err error, hide *probes.Redactor) string {
	text := hide.String(quotedValue.ReplaceAllString(err.Error(), `$1"…"`))
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxProblem {
		text = strings.ToValidUTF8(text[:maxProblem], "") + "…"
	}
	return text
}

// asProblem gives an error of a side its class, unless it has one or is of our
// own side.
func asProblem(err error, class probes.Class, hide *probes.Redactor) error {
	var known *Problem
	if err == nil || errors.As(err, &known) || errors.Is(err, errOurs) {
		return err
	}
	return &Problem{Class: class, Text: plainly(err, hide)}
}

// errOurs marks what went wrong while a row was taken over.
var errOurs = errors.New("row not taken")
