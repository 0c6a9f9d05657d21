package openapi

import (
	"errors"
	"fmt"
	"strings"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

// amend works out and carries out the edit for one finding. An error is the
// reason why there is none.
func (a *amender) amend(f contracts.Finding) error {
	switch f.Kind {
	case "status-changed":
		return a.addStatus(f)
	case "media-type-changed":
		return a.addMedia(f)
	case "rate-limit-header-new":
		return a.addHeader(f)
	case "rate-limit", "rate-limit-raised", "volume":
		return a.extend(f)
	case "provider-says":
		return a.deprecateOperation(f)
	}
	if f.Path == "" || !strings.HasPrefix(f.Path, "/") {
		return fmt.Errorf("a contract has no word for %s", f.Kind)
	}
	body := a.body(a.answer, a.here.Media)
	if !body.is() {
		return errors.New("the contract does not describe such an answer")
	}
	switch f.Kind {
	case "field-new":
		return a.addField(f, body)
	case "field-removed":
		return a.removeField(f, body)
	case "field-optional":
		return a.relax(f, body)
	case "contract-mismatch":
		return a.repair(f, body)
	}
	return a.retell(f, body)
}

// repair does what a mismatch asks for: whatever the contract says of the path
// that answers do not keep.
func (a *amender) repair(f contracts.Finding, body spot) error {
	switch {
	case strings.HasPrefix(f.Now, "missing"):
		return a.relax(f, body)
	case strings.HasSuffix(f.Was, "no such field"):
		return a.addField(f, body)
	}
	return a.retell(f, body)
}

// retell describes a value as it is now: type, null, values, format.
func (a *amender) retell(f contracts.Finding, body spot) error {
	seen, ok := a.fields.byPath[f.Path]
	if !ok {
		return errors.New("the value was not seen: what it is now is not known")
	}
	found, err := a.at(body, segments(f.Path))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return errors.New("the contract does not describe it")
	}
	told := error(errNothing)
	for _, use := range found {
		s := schemaSpot{amender: a, use: use}
		if err := s.open(); err != nil {
			return err
		}
		e, err := s.edit(f, seen)
		if err != nil {
			told = err
			continue
		}
		if err := a.change(f, e); err != nil {
			return err
		}
		if told = nil; len(found) > 1 {
			break // every edit moves the document: one alternative at a time
		}
	}
	return told
}

// describer writes schemas for the document at hand.
func (a *amender) describer() *describer {
	return &describer{fieldTree: a.fields, dialect: a.dialect}
}

// parentAndName splits a path of an answer.
func parentAndName(path string) (above []string, name string) {
	s := segments(path)
	return s[:len(s)-1], s[len(s)-1]
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

func kindWords(f *shape.Field) string {
	kinds, null := kindSet(f)
	if null {
		kinds = append(kinds, "null")
	}
	return strings.Join(kinds, " or ")
}

func tick(name string) string { return "`" + strings.ReplaceAll(clip(name, 80), "`", "'") + "`" }
