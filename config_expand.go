package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"shapewatch/workflows"
)

// maxValue bounds one value after expansion, and one file it refers to.
const maxValue = 64 << 10 // bytes

// A piece of a value is literal text or one reference to be expanded.
type piece struct {
	literal  string
	name     string // of a variable
	fallback string // for a variable that is unset or empty
	optional bool   // there is a fallback
	file     string // path of ${file:path}
	value    string // what a reference was replaced by
	handed   bool   // literal is a reference to what a step hands on, filled in at each run
}

func (p piece) isReference() bool { return p.name != "" || p.file != "" }

var variable = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)(:-(.*))?$`)

// splitReferences cuts a value at ${VAR}, ${VAR:-default} and ${file:path}.
// $${ is a literal ${; every other $ stays as it is.
func splitReferences(value string) ([]piece, error) {
	var pieces []piece
	for value != "" {
		start := strings.Index(value, "${")
		if start < 0 {
			return append(pieces, piece{literal: value}), nil
		}
		if start > 0 && value[start-1] == '$' {
			pieces = append(pieces, piece{literal: value[:start-1] + "${"})
			value = value[start+2:]
			continue
		}
		if start > 0 {
			pieces = append(pieces, piece{literal: value[:start]})
		}
		end := strings.IndexByte(value[start:], '}')
		if end < 0 {
			return nil, wrong("write ${NAME}; a literal ${ is written $${", "a reference that is not closed")
		}
		p, err := parseReference(value[start+2 : start+end])
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, p)
		value = value[start+end+1:]
	}
	return pieces, nil
}

func parseReference(inner string) (piece, error) {
	if path, ok := strings.CutPrefix(inner, "file:"); ok && path != "" {
		return piece{file: path}, nil
	}
	if workflows.IsReference(inner) {
		return piece{literal: "${" + inner + "}", handed: true}, nil
	}
	m := variable.FindStringSubmatch(inner)
	if m == nil {
		return piece{}, wrong("write ${NAME}, ${NAME:-default} or ${file:/path}; a literal ${ is written $${", "${%s} is no reference", inner)
	}
	return piece{name: m[1], optional: m[2] != "", fallback: m[3]}, nil
}

// split is splitReferences, in a place where steps may or may not hand on values.
func (r *reader) split(value string) ([]piece, error) {
	if r.literal {
		return []piece{{literal: value}}, nil
	}
	pieces, err := splitReferences(value)
	for _, p := range pieces {
		if p.handed && !r.walking {
			return nil, wrong("it belongs into a step of workflow: or cleanup:", "%s outside of a workflow", p.literal)
		}
	}
	return pieces, err
}

// expand puts values in the place of references.
func (r *reader) expand(pieces []piece) (text string, err error) {
	var b strings.Builder
	for i, p := range pieces {
		part := p.literal
		if p.isReference() {
			if part, err = r.resolve(p); err != nil {
				return "", err
			}
			pieces[i].value = part
		}
		if b.Len()+len(part) > maxValue {
			return "", wrong("", "longer than %d KiB once expanded", maxValue>>10)
		}
		b.WriteString(part)
	}
	return b.String(), nil
}

func (r *reader) resolve(p piece) (string, error) {
	if p.file != "" {
		text, err := readSecretFile(r.src, p.file)
		if err != nil && len(r.standIns) > 0 {
			return r.standIn(), nil
		}
		r.secret(text)
		return text, err
	}
	value, set := r.env(p.name)
	if (!set || value == "") && p.optional {
		return p.fallback, nil
	}
	if !set && len(r.standIns) > 0 {
		return r.standIn(), nil
	}
	if !set {
		return "", wrong(fmt.Sprintf("set it before shapewatch starts, or give a default: ${%s:-default}", p.name), "variable %s is not set", p.name)
	}
	if looksSecretName(p.name) {
		r.secret(value)
	}
	return value, nil
}

// standIns are values for what is not there, one for each kind of value: a
// text long enough for any secret, an address, a number, a duration, a size.
var standIns = []string{"not-set-and-not-needed", "https://not-set.invalid/", "1", "1m", "1MiB", "true", "a@not-set.invalid", "127.0.0.1:1"}

// standIn is what stands for a value that is not there.
func (r *reader) standIn() string {
	r.missing = true
	return r.standIns[0]
}

// readSecretFile reads a small regular file, without its last line break.
func readSecretFile(from *source, path string) (string, error) {
	content, err := readBounded(from.file(path), maxValue)
	if err != nil {
		return "", wrong("the file must be there and readable when shapewatch starts", "%s: %s", path, reason(err))
	}
	return strings.TrimRight(string(content), "\r\n"), nil
}

var (
	errNoFile = errors.New("not a regular file")
	errLarge  = errors.New("larger than")
)

// readBounded reads a regular file of at most limit bytes.
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	content := []byte(nil)
	if info.Size() <= limit {
		content, err = io.ReadAll(io.LimitReader(f, limit+1)) // it may grow meanwhile
	}
	if err == nil && max(info.Size(), int64(len(content))) > limit {
		return nil, fmt.Errorf("%w %s", errLarge, printSize(limit))
	}
	return content, err
}

// openRegular looks before it opens: opening a pipe would wait for a writer.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNoFile
	}
	return os.Open(path)
}

// reason is an error without the path and the system call around it.
func reason(err error) string {
	var pathError *os.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	return err.Error()
}
