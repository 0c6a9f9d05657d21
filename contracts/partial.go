package contracts

import (
	"encoding/json"
	"fmt"
	"strings"

	"shapewatch/contracts/shape"
	"shapewatch/probes"
)

// mostLacks bounds how many places of a partial answer are told.
const mostLacks = 8

// partial recognises an answer that has data and errors beside each other, as
// GraphQL sends it: some of what was asked for is missing, and null where it
// would be. It returns what is lacking, by path, and a sentence; nothing when
// the answer is whole.
func partial(v *view, text []byte) (lacks []string, problem string) {
	e := envelopeReader{v}
	if !e.errorList() || !e.filled("/data") || !e.onlyGraphQL() {
		return nil, ""
	}
	var answer struct {
		Errors []struct {
			Path       []any
			Extensions struct{ Code any }
		}
	}
	_ = json.Unmarshal(text, &answer) // what cannot be read names no place
	if len(answer.Errors) == 0 {
		return []string{""}, "data with errors beside it"
	}
	seen := map[string]bool{}
	for _, err := range answer.Errors {
		path := lackingAt(err.Path)
		if !seen[path] && len(lacks) < mostLacks {
			seen[path] = true
			lacks = append(lacks, path)
		}
	}
	problem = fmt.Sprintf("data with %d errors beside it", len(answer.Errors))
	if len(answer.Errors) == 1 {
		problem = "data with an error beside it"
	}
	if lacks[0] != "" {
		problem += ", at " + strings.Join(lacks, ", ")
	}
	if code, _ := answer.Errors[0].Extensions.Code.(string); isCode(code) {
		problem += " (" + code + ")"
	}
	return lacks, problem
}

// onlyGraphQL reports an answer with no key but those of GraphQL.
func (e envelopeReader) onlyGraphQL() bool {
	for i := range e.fields {
		if f := &e.fields[i]; f.Depth == 1 && f.Name != "data" && f.Name != "errors" && f.Name != "extensions" {
			return false
		}
	}
	return true
}

// code is the one value of a code, when it looks like a code and like nothing
// private.
func (e envelopeReader) code(path string) string {
	f, ok := e.at(path)
	if !ok || len(f.Values.List) != 1 {
		return ""
	}
	if code := strings.Trim(f.Values.List[0].Text, `"`); isCode(code) {
		return code
	}
	return ""
}

// isCode reports a word that is one of a vendor's, and nobody's name.
func isCode(code string) bool {
	return code != "" && len(code) <= 40 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.:") == ""
}

// lackingAt is the path of an error as we write paths; "" when it names none.
func lackingAt(path []any) string {
	if len(path) == 0 || len(path) > 40 {
		return ""
	}
	var b strings.Builder
	b.WriteString("/data")
	for _, step := range path {
		switch step := step.(type) {
		case string:
			b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(shortKey(step)))
		default:
			b.WriteString("/[]")
		}
	}
	return b.String()
}

// shortKey keeps what a vendor calls a field from filling an alert.
func shortKey(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, name)
	if len(name) > 80 {
		name = strings.ToValidUTF8(name[:80], "") + "…"
	}
	return name
}

// rpcError recognises JSON-RPC 2.0: an error object under a success status, in
// a single answer or in a batch.
func rpcError(v *view, text []byte) (class probes.Class, problem string) {
	e := envelopeReader{v}
	for _, at := range []string{"", "/[]"} {
		answers, ok := e.at(at + "/jsonrpc")
		failed, fails := e.at(at + "/error")
		if !ok || !fails || !failed.Has(shape.Object) {
			continue
		}
		problem = "a JSON-RPC error"
		var answer struct{ Error struct{ Code int32 } }
		if at == "" && json.Unmarshal(text, &answer) == nil && answer.Error.Code != 0 {
			problem += fmt.Sprint(" ", answer.Error.Code)
		}
		if failed.Kinds[shape.Object] < answers.Count {
			return probes.PartialData, fmt.Sprintf("%s in %d of %d answers of a batch", problem, failed.Kinds[shape.Object], answers.Count)
		}
		return probes.ErrorEnvelope, problem
	}
	return "", ""
}

// soapFault recognises a SOAP envelope whose body is a fault; SOAP 1.1 sends it
// with 500, many servers with 200.
func soapFault(v *view) string {
	for i := range v.fields {
		f := &v.fields[i]
		if f.Depth > 4 || localName(f.Name) != "Fault" || !strings.Contains(f.Path, "Envelope/") || !strings.Contains(f.Path, "Body/") {
			continue
		}
		for j := range v.fields {
			at := strings.TrimSuffix(v.fields[j].Path, "/[]")
			last := localName(at[strings.LastIndexByte(at, '/')+1:])
			if strings.HasPrefix(at, f.Path) && (last == "faultcode" || last == "Value") {
				if code := (envelopeReader{v}).code(v.fields[j].Path); code != "" {
					return "a SOAP fault: " + code
				}
			}
		}
		return "a SOAP fault"
	}
	return ""
}

// localName is a name of XML without its prefix.
func localName(name string) string {
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}
