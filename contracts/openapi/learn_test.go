package openapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
	"shapewatch/probes"
)

// series are the recorded answers of the corpus, valid ones only, by name.
func series(t *testing.T) map[string][]json.RawMessage {
	t.Helper()
	folders, _ := filepath.Glob("../../../shared/corpus/responses/*")
	if len(folders) == 0 {
		t.Skip("no corpus at hand")
	}
	all := map[string][]json.RawMessage{}
	for _, folder := range folders {
		if filepath.Ext(folder) == ".json" {
			continue
		}
		files, _ := filepath.Glob(filepath.Join(folder, "*"))
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var framed struct {
				Status int
				Body   json.RawMessage
			}
			if json.Unmarshal(text, &framed) == nil && framed.Status != 0 && framed.Body != nil {
				text = framed.Body
			}
			if json.Valid(text) {
				all[filepath.Base(folder)] = append(all[filepath.Base(folder)], text)
			}
		}
	}
	return all
}

// learn learns answers as a monitor does, whatever they are.
func learn(t *testing.T, bodies []json.RawMessage) *contracts.Baseline {
	t.Helper()
	b := contracts.NewBaseline()
	for i, body := range bodies {
		o := contracts.Observe(probes.Sample{
			At: now.Add(time.Duration(i) * time.Hour), Status: 200, MediaType: "application/json", Body: body,
			Header: http.Header{"X-Ratelimit-Limit": {"60"}, "X-Ratelimit-Remaining": {"59"}}, Class: probes.Valid,
		}, nil)
		b.Learn(&o, contracts.Verdict{Learned: true})
	}
	return b
}

func learned(b *contracts.Baseline) []byte {
	return openapi.Learn("acme", []openapi.Lesson{openapi.LearnedFrom("GET /things/{id}", "https://acme.example/things/1?key=x", b)})
}

// validator loads a document in the library and returns what judges answers.
func validator(t *testing.T, text []byte) func(body []byte) error {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatalf("%v in\n%.3000s", err, text)
	}
	schema := doc.Paths.Find("/things/{id}").Get.Responses.Status(200).Value.Content.Get("application/json").Schema.Value
	return func(body []byte) error {
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			return err
		}
		return schema.VisitJSON(v, openapi3.EnableJSONSchema2020(), openapi3.EnableFormatValidation(), openapi3.VisitAsResponse())
	}
}

// TestLearn_FitsEveryAnswerItWasLearnedFrom: over every series, the contract
// loads, is valid, and so is each answer by it; learning it is deterministic.
func TestLearn_FitsEveryAnswerItWasLearnedFrom(t *testing.T) {
	for name, bodies := range series(t) {
		t.Run(name, func(t *testing.T) {
			text := learned(learn(t, bodies))
			if again := learned(learn(t, bodies)); !bytes.Equal(text, again) {
				t.Error("learned otherwise the second time")
			}
			valid := validator(t, text)
			for i, body := range bodies {
				o := contracts.Observe(probes.Sample{At: now, Status: 200, MediaType: "application/json", Body: body, Class: probes.Valid}, nil)
				if o.Class != probes.Valid {
					continue // never learned
				}
				if err := valid(body); err != nil {
					t.Fatalf("answer %d: %.600v", i, err)
				}
			}
		})
	}
}

func TestLearn_ReadsLikeAContract(t *testing.T) {
	var bodies []json.RawMessage
	for i := range 40 {
		bodies = append(bodies, fmt.Appendf(nil, `{"object":"list","has_more":false,"as_of":"2026-03-01T%02d:%02d:00Z","data":[
			{"id":"ch_%06d","status":%q,"amount":%d,"note":%s,"billing":{"city":"x","line1":"y%d","zip":"2"},"shipping":{"city":"z","line1":"w%d","zip":"1"},"tags":["a"],"rates":{"EUR":1.5,"USD":2,"JPY":%d}}]}`,
			i/60+10, i%60, i, []string{"paid", "open"}[i%2], i, []string{"null", `"n"`}[i%2], i, i, i))
	}
	text := learned(learn(t, bodies))
	golden := "testdata/learned.yaml"
	if *update {
		if err := os.WriteFile(golden, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, _ := os.ReadFile(golden)
	if diff := cmp.Diff(string(want), string(text)); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites):\n%s", golden, diff)
	}
	valid := validator(t, text)
	for _, body := range bodies {
		if err := valid(body); err != nil {
			t.Error(err)
		}
	}
	for _, broken := range []string{`{"object":"list"}`, strings.Replace(string(bodies[0]), `"paid"`, `"void"`, 1), strings.Replace(string(bodies[0]), `"amount":0`, `"amount":"0"`, 1)} {
		if valid([]byte(broken)) == nil {
			t.Errorf("allowed %s", broken)
		}
	}
}

// TestLearn_OfWhatAContractAllowsIsThatContract: answers written by a learned
// contract teach the same contract.
func TestLearn_OfWhatAContractAllowsIsThatContract(t *testing.T) {
	for name, bodies := range series(t) {
		if !everything && strings.HasPrefix(name, "gh_webhook") {
			continue // large, and like the others
		}
		t.Run(name, func(t *testing.T) {
			first := schemaOf(t, learned(learn(t, bodies)))
			var written []json.RawMessage
			for i := range 64 {
				g := generator{doc: first, n: i}
				text, err := json.Marshal(g.value(first["root"].(map[string]any), 0))
				if err != nil {
					t.Fatal(err)
				}
				written = append(written, text)
			}
			text := learned(learn(t, written))
			valid := validator(t, text)
			for i, body := range written {
				if err := valid(body); err != nil {
					t.Fatalf("answer %d: %.400v", i, err)
				}
			}
			second := schemaOf(t, text)
			var again []json.RawMessage
			for i := range 64 {
				g := generator{doc: second, n: i}
				text, _ := json.Marshal(g.value(second["root"].(map[string]any), 0))
				again = append(again, text)
			}
			if diff := cmp.Diff(string(text), string(learned(learn(t, again)))); diff != "" {
				t.Errorf("not stable:\n%.1500s", diff)
			}
		})
	}
}
