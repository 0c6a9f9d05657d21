package openapi

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"shapewatch/contracts"
	"shapewatch/contracts/splice"
)

var statusWord = regexp.MustCompile(`^status ([1-5][0-9][0-9])\b`)

// addStatus names a status that the contract does not.
func (a *amender) addStatus(f contracts.Finding) error {
	m := statusWord.FindStringSubmatch(f.Now)
	if m == nil {
		return errors.New("a contract has no word for an answer without a status")
	}
	status, _ := strconv.Atoi(m[1]) // three digits
	if known, err := a.response(a.op, status); err != nil || known.is() {
		return cmp.Or(err, error(alreadySaid("the contract describes the status already")))
	}
	responses := a.op.get("responses")
	if !responses.is() {
		return errors.New("the operation has no responses")
	}
	e := edit{at: responses, words: "status " + m[1] + " is described", ops: []splice.Edit{{
		Op: splice.Add, Path: splice.Join(responses.at, m[1]),
		Value: splice.Object{{Name: "description", Value: statusText(status)}},
	}}}
	return a.change(f, e)
}

var mediaWord = regexp.MustCompile(`^[a-z0-9.+-]+/[a-z0-9.+-]+$`)

// addMedia names a media type beside the ones the contract has, with the body
// that is agreed for them.
func (a *amender) addMedia(f contracts.Finding) error {
	content := a.answer.get("content")
	switch {
	case !mediaWord.MatchString(f.Now):
		return errors.New("the media type is not known")
	case !content.is() || len(content.node.Members) == 0:
		return errors.New("the contract names no media types there")
	case content.get(f.Now).is():
		return alreadySaid("the contract names the media type already")
	}
	e := edit{at: content, words: "answers may be " + f.Now, ops: []splice.Edit{{
		Op: splice.Add, Path: splice.Join(content.at, f.Now), Value: content.node.Members[0].Value.Meaning(),
	}}}
	return a.change(f, e)
}

// addHeader names a header of the answer.
func (a *amender) addHeader(f contracts.Finding) error {
	name, ok := strings.CutPrefix(f.Path, "header:")
	if !ok || a.dialect == jsonSchema || !a.answer.is() {
		return errors.New("the contract has no place for headers")
	}
	headers := a.answer.get("headers")
	if headers.is() {
		for _, m := range headers.node.Members {
			if strings.EqualFold(m.Name(), name) {
				return alreadySaid("the contract names the header already")
			}
		}
	}
	name = http.CanonicalHeaderKey(name)
	header := splice.Object{{Name: "schema", Value: splice.Object{{Name: "type", Value: "string"}}}}
	if a.dialect == swagger2 {
		header = splice.Object{{Name: "type", Value: "string"}}
	}
	e := edit{at: a.answer, words: "the header " + tick(name) + " is described"}
	if headers.is() {
		e.ops = []splice.Edit{{Op: splice.Add, Path: splice.Join(headers.at, name), Value: header}}
	} else {
		e.ops = []splice.Edit{{Op: splice.Add, Path: splice.Join(a.answer.at, "headers"), Value: splice.Object{{Name: name, Value: header}}, After: "description"}}
	}
	return a.change(f, e)
}

// deprecateOperation repeats what the provider says of the operation's end.
func (a *amender) deprecateOperation(f contracts.Finding) error {
	switch {
	case a.dialect == jsonSchema:
		return errors.New("the contract has no word for an operation that ends")
	case a.op.get("deprecated").is():
		return alreadySaid("the contract says already that it is deprecated")
	}
	return a.change(f, edit{at: a.op, words: "the operation is deprecated", ops: []splice.Edit{{
		Op: splice.Add, Path: splice.Join(a.op.at, "deprecated"), Value: true, After: "operationId",
	}}})
}

// extension is where a document says what OpenAPI has no word for.
const extension = "x-shapewatch"

// extend writes a rate limit or a volume into the extension of the operation.
func (a *amender) extend(f contracts.Finding) error {
	if a.dialect == jsonSchema || a.here.Habits == nil {
		return errors.New("what it is now is not known, or the document has no operations")
	}
	key, value := "rate_limit", rateLimitOf(a.here.Habits)
	if f.Kind == "volume" {
		key, value = "volume", volumeOf(a.here.Habits)
	}
	if len(value) == 0 {
		return errors.New("what it is now is not known")
	}
	e := edit{at: a.op, words: fmt.Sprintf("%s says %s", tick(extension), strings.ReplaceAll(key, "_", " "))}
	switch known := a.op.get(extension); {
	case !known.is():
		e.ops = []splice.Edit{{Op: splice.Add, Path: splice.Join(a.op.at, extension), Value: splice.Object{{Name: key, Value: value}}}}
	case known.get(key).is():
		e.at = known.get(key)
		e.ops = a.reword(e.at, value)
	default:
		e.ops = []splice.Edit{{Op: splice.Add, Path: splice.Join(known.at, key), Value: value}}
	}
	return a.change(f, e)
}

// reword edits the members of an object that differ.
func (a *amender) reword(at spot, value splice.Object) (ops []splice.Edit) {
	for _, f := range value {
		switch old := at.get(f.Name); {
		case !old.is():
			ops = append(ops, splice.Edit{Op: splice.Add, Path: splice.Join(at.at, f.Name), Value: f.Value})
		case !splice.Same(old.node.Meaning(), f.Value):
			ops = append(ops, splice.Edit{Op: splice.Replace, Path: old.at, Value: f.Value})
		}
	}
	return ops
}
