package driftbench

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/probes"
)

// An incident is a documented breakage of a third party.
type incident struct {
	ID     string          `json:"id"`
	Path   string          `json:"path"`
	Kind   string          `json:"kind"`
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
}

// tellRight are the kinds of finding that tell a kind of incident.
var tellRight = map[string][]string{
	"field_removed":     {"field-removed", "nesting-moved", "rename"},
	"null_first_seen":   {"null-new"},
	"status_changed":    {"status-changed", "error-envelope"},
	"type_changed":      {"kind-changed"},
	"integer_to_number": {"number-widened", "kind-changed"},
	"enum_value_added":  {"enum-new"},
}

func incidents(t *testing.T) (all []incident) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(corpus, "incidents", "scenarios.json"))
	if err != nil {
		t.Skip("no corpus at", corpus)
	}
	var file struct{ Scenarios []incident }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Scenarios
}

// missed are the incidents that are not told, and docs/drift-quality.md says
// why.
var missed = map[string]bool{"databricks-termination": true}

func TestIncidents_AreEachToldWithTheirKind(t *testing.T) {
	for _, in := range incidents(t) {
		t.Run(in.ID, func(t *testing.T) {
			found := in.replay()
			if told := slices.ContainsFunc(found, in.told); told == missed[in.ID] {
				if told {
					t.Fatal("is told now: take it off the list of what is missed")
				}
				t.Errorf("%s at %q was not told; found %v", in.Kind, in.Path, brief(found))
			}
		})
	}
}

// told reports whether a finding tells the incident. A status that is part of
// the path "status" is one of the response, not of the body.
func (in incident) told(f contracts.Finding) bool {
	path := strings.TrimPrefix(in.Path, "status")
	return slices.ContainsFunc(tellRight[in.Kind], func(k string) bool { return strings.HasPrefix(f.Kind, k) }) &&
		near(f.Path, strings.TrimSuffix(path, "/{}")) || strings.HasPrefix(path, "/{}") && strings.HasSuffix(f.Path, path[3:])
}

func brief(fs []contracts.Finding) (out []string) {
	for _, f := range fs {
		out = append(out, f.Kind+" "+f.Path)
	}
	return out
}

// replay shows eighty answers as they were and ten as they became.
func (in incident) replay() (found []contracts.Finding) {
	b, policy := contracts.NewBaseline(), contracts.Policy{API: in.ID}
	for i := range 90 {
		s := in.sample(i < 80, i)
		o := contracts.Observe(s, nil)
		v := contracts.Weigh(b, contracts.Compare(&contracts.Comparison{Baseline: b, Observation: &o, Policy: policy}, detectors.All()), &o, policy)
		b.Learn(&o, v)
		if i >= 80 {
			found = append(found, v.Confirmed...)
		}
	}
	return found
}

// sample is one answer. Two scenarios speak of the nested part only; where a
// path leads there, the body is wrapped. An enumeration has two values before.
func (in incident) sample(before bool, i int) probes.Sample {
	body := in.After
	if before {
		body = in.Before
	}
	status := 200
	if in.ID == "github-429" {
		status, body = map[bool]int{true: 403, false: 429}[before], json.RawMessage(`{"message":"rate limited"}`)
		if before {
			status, body = 200, json.RawMessage(`{"id":1}`)
		}
	}
	text := string(body)
	if inner, ok := strings.CutPrefix(text, "{"); ok && in.Path != "" {
		text = strings.Replace(fmt.Sprintf(`{"id":%d,%s`, i, inner), ",}", "}", 1) // the bodies are minimal: nothing beside what changed
	}
	if in.Kind == "enum_value_added" && before && i%2 == 0 {
		for _, value := range []string{"residential", "USER_REQUEST"} {
			text = strings.ReplaceAll(text, value, "OTHER")
		}
	}
	return probes.Sample{
		At: epoch.Add(time.Duration(i) * 5 * time.Minute), Class: probes.Valid, Method: "GET", Status: status,
		MediaType: "application/json", Body: []byte(in.wrapped(text)), Bytes: int64(len(text)),
	}
}

// wrapped puts the minimal body of a scenario where its path says that it is.
func (in incident) wrapped(text string) string {
	names := strings.Split(strings.TrimPrefix(in.Path, "/"), "/")
	var top map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &top) != nil || !strings.HasPrefix(in.Path, "/") {
		return text
	}
	inside := slices.IndexFunc(names, func(n string) bool { _, ok := top[n]; return ok })
	if inside < 0 { // the body after has lost the name: as deep as the body before
		var before map[string]json.RawMessage
		_ = json.Unmarshal(in.Before, &before)
		inside = slices.IndexFunc(names, func(n string) bool { _, ok := before[n]; return ok })
	}
	for i := inside - 1; i >= 0; i-- {
		switch names[i] {
		case "[]":
			text = "[" + text + "]"
		case "{}":
			text = fmt.Sprintf(`{"100":%s}`, text)
		default:
			text = fmt.Sprintf(`{%q:%s}`, names[i], text)
		}
	}
	return text
}

// binary builds the program.
func binary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shapewatch")
	if out, err := exec.Command("go", "build", "-o", path, "..").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// scores runs recorded responses through the program and has them scored.
func scores(t *testing.T) (results map[string]string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(corpus, "score.py")); err != nil {
		return nil
	}
	program := binary(t)
	series, _ := filepath.Glob(filepath.Join(corpus, "responses", "*", ""))
	series = slices.DeleteFunc(series, func(path string) bool { return strings.HasSuffix(path, ".json") })
	streams, _ := filepath.Glob(filepath.Join(corpus, "streams", "*.gz"))
	last := func(out string) string {
		lines := strings.Split(strings.TrimSpace(out), "\n")
		return strings.Join(strings.Fields(lines[len(lines)-1]), " ")
	}
	return map[string]string{
		"series":  last(scored(t, program, "series", append([]string{"--sensitivity", "snapshot"}, series...))),
		"streams": last(scored(t, program, "streams", streams)),
	}
}

func scored(t *testing.T, program, what string, args []string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), what+".ndjson")
	f, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append([]string{"replay", "-o", "ndjson"}, args...)...)
	cmd.Stdout, cmd.Stderr = f, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	score, err := exec.Command("python3", filepath.Join(corpus, "score.py"), what, out).CombinedOutput()
	if err != nil {
		t.Fatalf("score: %v\n%s", err, score)
	}
	return string(score)
}

// corpusRows are the lines of the report on recorded reality.
func corpusRows(results map[string]string) [][]string {
	row := func(name, key string) []string {
		result := results[key]
		if result == "" {
			result = "not at hand"
		}
		return []string{name, result}
	}
	return [][]string{
		row("15 series, snapshot sensitivity", "series"), row("stream of 20,853 samples, default sensitivity", "streams"),
		row("14 documented breakages told with their kind", "incidents"),
	}
}
