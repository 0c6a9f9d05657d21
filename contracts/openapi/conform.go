package openapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"shapewatch/contracts"
)

// A Validator judges whole bodies by every word of a contract: patterns,
// bounds, lengths and formats too, which no shape holds. It is some times
// slower than holding a shape against the contract, which is what checks do.
type Validator struct {
	source string
	op     *openapi3.Operation
	strict []openapi3.SchemaValidationOption
}

// Validator returns what judges the answers of an operation.
func (d *Document) Validator(asked Asked) (v *Validator, err error) {
	defer recoverAs(d.source, &err)
	a, err := d.agreed(asked)
	if err != nil {
		return nil, err
	}
	v = &Validator{source: d.source, op: a.op, strict: []openapi3.SchemaValidationOption{
		openapi3.MultiErrors(), openapi3.VisitAsResponse(), openapi3.EnableFormatValidation(),
	}}
	if d.dialect >= openapi31 {
		v.strict = append(v.strict, openapi3.EnableJSONSchema2020())
	}
	return v, nil
}

// maxBroken bounds what one body is told to break.
const maxBroken = 100

// Judge returns what a body breaks, one finding for each place and word of the
// contract, without any value of the body. The error says that the body is no
// JSON; agreed is whether the contract describes such an answer at all.
func (v *Validator) Judge(status int, media string, body []byte) (found []contracts.Finding, agreed bool, err error) {
	defer recoverAs(v.source, &err)
	schema := v.schema(status, bareMedia(media))
	if schema == nil {
		return nil, false, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, true, fmt.Errorf("the answer is no JSON: %w", err)
	}
	collect(schema.VisitJSON(value, v.strict...), &found)
	slices.SortFunc(found, func(a, b contracts.Finding) int {
		return strings.Compare(a.Path+"\x00"+a.Was, b.Path+"\x00"+b.Was)
	})
	return slices.CompactFunc(found, func(a, b contracts.Finding) bool { return a.Path == b.Path && a.Was == b.Was }), true, nil
}

// schema is what is agreed for a status and a media type.
func (v *Validator) schema(status int, media string) *openapi3.Schema {
	best, rank := (*openapi3.Schema)(nil), 0
	if v.op.Responses == nil {
		return nil
	}
	for _, key := range v.op.Responses.Keys() {
		r := v.op.Responses.Value(key)
		if r == nil || r.Value == nil {
			continue
		}
		for name, content := range r.Value.Content {
			entry := contracts.Agreed{Statuses: key, Media: bareMedia(name)}
			if n := entry.Rank(status, media); n > rank && content != nil && content.Schema != nil {
				best, rank = content.Schema.Value, n
			}
		}
	}
	return best
}

// collect turns the library's errors into findings on our paths.
func collect(err error, found *[]contracts.Finding) {
	var several openapi3.MultiError
	var one *openapi3.SchemaError
	switch {
	case err == nil || len(*found) >= maxBroken:
	case asMulti(err, &several):
		for _, e := range several {
			collect(e, found)
		}
	case errors.As(err, &one) && one.Origin != nil && asMulti(one.Origin, &several): // what a schema holds
		for _, e := range several {
			collect(e, found)
		}
	case errors.As(err, &one):
		*found = append(*found, contracts.Finding{
			Path: pathOfPointer(one), Kind: "contract-mismatch", Severity: contracts.Breaking,
			Was: "contract: " + cmp.Or(one.SchemaField, "the schema"), Now: "a value that does not keep it",
		})
	default:
		*found = append(*found, contracts.Finding{Kind: "contract-mismatch", Severity: contracts.Breaking, Was: "contract", Now: clip(err.Error(), 200)})
	}
}

// asMulti finds several errors in one, outermost only: those of a schema error
// are its causes.
func asMulti(err error, several *openapi3.MultiError) bool {
	for err != nil {
		switch e := err.(type) { //nolint:errorlint // the chain is walked here, and stops at a schema error
		case openapi3.MultiError:
			*several = e
			return true
		case *openapi3.SchemaError:
			return false
		}
		err = errors.Unwrap(err)
	}
	return false
}

// pathOfPointer is where a value stands, items of lists as one.
func pathOfPointer(e *openapi3.SchemaError) string {
	var b strings.Builder
	for _, step := range e.JSONPointer() {
		if strings.Trim(step, "0123456789") == "" && step != "" {
			step = "[]"
		}
		b.WriteString("/" + strings.ReplaceAll(strings.ReplaceAll(step, "~", "~0"), "/", "~1"))
	}
	return b.String()
}
