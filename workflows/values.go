package workflows

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"time"

	"shapewatch/probes"
)

// A reference is ${steps.NAME.VALUE} or ${run.NAME}.
var reference = regexp.MustCompile(`\$\{((?:steps\.[\pL\pN_-]+\.[\pL\pN_-]+)|(?:run\.(?:id|name|key|time)))\}`)

// IsReference reports whether what stands between ${ and } is handed on from
// step to step, rather than known when the configuration is read.
func IsReference(inner string) bool { return reference.MatchString("${" + inner + "}") }

// References are the names that a text refers to: "steps.create.id".
func References(text string) (names []string) {
	for _, m := range reference.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	return names
}

// newTrace begins a run of a probe. Its name is unique and safe in any address.
func newTrace(probe string, now time.Time) *Trace {
	var random [24]byte
	rand.Read(random[:]) // never returns an error
	id := "run_" + hex.EncodeToString(random[:8])
	return &Trace{
		ID: id, Probe: probe, Began: now.UTC(),
		Values: map[string]string{
			"run.id":   id,
			"run.name": "shapewatch-" + hex.EncodeToString(random[:6]),
			"run.key":  hex.EncodeToString(random[8:]),
			"run.time": now.UTC().Format(time.RFC3339),
		},
	}
}

// unknown is a reference to a value that no step has brought.
type unknown struct{ name string }

func (e unknown) Error() string { return "${" + e.name + "} is not known" }

// fill replaces references by their values, escaped for where they stand.
func (t *Trace) fill(text string, escape func(string) string) (filled string, err error) {
	filled = reference.ReplaceAllStringFunc(text, func(match string) string {
		value, known := t.Values[match[2:len(match)-1]]
		if !known && err == nil {
			err = unknown{match[2 : len(match)-1]}
		}
		return escape(value)
	})
	return filled, err
}

// request is a step's probe with all references filled in.
func (t *Trace) request(s *Step) (probes.Probe, error) {
	p := s.Ask
	var first error
	fill := func(text string, escape func(string) string) string {
		filled, err := t.fill(text, escape)
		if first == nil && err != nil {
			first = err
		}
		return filled
	}
	asIs := func(s string) string { return s }
	path, query, hasQuery := strings.Cut(p.URL, "?")
	p.URL = fill(path, url.PathEscape)
	if hasQuery {
		p.URL += "?" + fill(query, url.QueryEscape)
	}
	p.Header, p.Query = p.Header.Clone(), p.Query.Clone()
	for _, fields := range []map[string][]string{p.Header, p.Query} {
		for name, values := range fields {
			for i := range values {
				fields[name][i] = fill(values[i], oneLine)
			}
		}
	}
	if p.Body != nil {
		escape := asIs
		if strings.Contains(p.Header.Get("Content-Type"), "json") {
			escape = inJSON
		}
		p.Body = []byte(fill(string(p.Body), escape))
	}
	return p, first
}

// oneLine keeps what a vendor sent from adding headers of its own.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// inJSON escapes a value for within the quotes of a JSON string.
func inJSON(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	return string(quoted[1 : len(quoted)-1])
}
