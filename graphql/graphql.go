// Package graphql asks a GraphQL API what it offers and says what of that your
// queries use: which no longer fit, what is deprecated, and, as the answer that
// is learned and judged, one fact for each field, argument and enum value that
// they touch. What nobody asks for is left out: a schema of ten thousand types
// changes daily, your queries touch twenty.
//
// The package is the only door to gqlparser. It asks nobody itself: the request
// goes through a [probes.Asker], with its budgets, guards and redaction.
package graphql

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// A Query is one document that a probe sends.
type Query struct {
	Name string // of the probe, as people know it
	Text string
}

// maxTokens bounds a document that is parsed.
const maxTokens = 50_000

// Operation parses a document and returns the name of the operation it is to
// run: the one that is wanted, or the only one, "" when that has no name. The
// error says what is wrong with it and where.
func Operation(text, wanted string) (name string, err error) {
	document, err := parse(text)
	if err != nil {
		return "", err
	}
	operations := document.Operations
	switch {
	case wanted != "" && operations.ForName(wanted) == nil:
		return "", fmt.Errorf("no operation %s in it", wanted)
	case wanted != "":
		return wanted, nil
	case len(operations) == 0:
		return "", fmt.Errorf("no operation in it")
	case len(operations) > 1:
		return "", fmt.Errorf("%d operations in it: name the one to run", len(operations))
	}
	if operations[0].Operation == ast.Subscription {
		return "", fmt.Errorf("a subscription never answers: use a query")
	}
	return operations[0].Name, nil
}

func parse(text string) (*ast.QueryDocument, error) {
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, maxTokens)
	if err != nil {
		return nil, fmt.Errorf("%s", inWords(err))
	}
	return document, nil
}

// inWords is what the parser or the validator says, on one line with the place.
func inWords(err error) string {
	var problem *gqlerror.Error
	if !errors.As(err, &problem) {
		return printable(err.Error())
	}
	words := printable(problem.Message)
	if len(problem.Locations) > 0 {
		at := problem.Locations[0]
		words = fmt.Sprintf("line %d, column %d: %s", at.Line, at.Column, words)
	}
	return words
}

// printable keeps a text short and on one line.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if len(text) > mostWords {
		text = strings.ToValidUTF8(text[:mostWords], "") + "…"
	}
	return text
}

const mostWords = 200
