package notation_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"shapewatch/contracts/notation"
	"shapewatch/contracts/shape"
)

// corpus is where recordings and published documents lie beside the
// repository, if they do.
const corpus = "../../../shared/corpus"

// cutShort are the recordings that were cut in transit: no JSON, as any parser
// says.
var cutShort = map[string]bool{"cisa_kev": true}

// TestCorpus_EveryRecordedAnswer goes the whole way, series by series.
func TestCorpus_EveryRecordedAnswer(t *testing.T) {
	files := 0
	for folder, bodies := range recordings(t) {
		files += len(bodies)
		t.Run(folder, func(t *testing.T) {
			s := series{name: folder}
			for _, content := range bodies {
				body := bodyOf(content)
				err := shape.New(shape.Limits{}).Observe(body, noon)
				var syntax *shape.SyntaxError
				switch {
				case err == nil:
					s.bodies = append(s.bodies, body)
				case !errors.As(err, &syntax) || json.Valid(body) || !cutShort[folder]:
					t.Errorf("%s: %v", clip(body), err)
				}
			}
			allTheWay(t, s)
		})
	}
	t.Logf("%d files", files)
}

func recordings(t *testing.T) map[string][][]byte {
	t.Helper()
	files, err := filepath.Glob(corpus + "/responses/*/*")
	if err != nil || len(files) == 0 {
		t.Skip("no corpus at ", corpus)
	}
	all := map[string][][]byte{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		folder := filepath.Base(filepath.Dir(file))
		all[folder] = append(all[folder], content)
	}
	return all
}

// TestCorpus_EveryPublishedExample does the same with each example of each
// published document, alone, and with all that are objects together.
func TestCorpus_EveryPublishedExample(t *testing.T) {
	if testing.Short() {
		t.Skip("some thousand examples")
	}
	examples := published(t)
	together := series{name: "together"}
	for _, body := range examples {
		allTheWay(t, series{string(clip(body)), [][]byte{body}})
		if body[0] == '{' {
			together.bodies = append(together.bodies, body)
		}
	}
	allTheWay(t, together)
	t.Logf("%d different examples, %d of them objects", len(examples), len(together.bodies))
}

// published are the examples of all documents, each once.
func published(t *testing.T) (examples [][]byte) {
	t.Helper()
	seen := map[string]bool{}
	err := filepath.WalkDir(corpus+"/specs", func(path string, d fs.DirEntry, err error) error {
		if base := filepath.Base(path); err != nil || d.IsDir() || !strings.HasPrefix(base, "old.") && !strings.HasPrefix(base, "new.") {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var document any
		if err := yaml.Unmarshal(content, &document); err != nil {
			return err
		}
		findExamples(document, func(v any) {
			if body, err := json.Marshal(v); err == nil && !seen[string(body)] {
				seen[string(body)] = true
				examples = append(examples, body)
			}
		})
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("no corpus at ", corpus)
	}
	if err != nil {
		t.Fatal(err)
	}
	return examples
}

// findExamples passes what stands under "example", and under "examples" each
// or its value. A text that is JSON is passed as that too.
func findExamples(v any, pass func(any)) {
	found := func(v any) {
		pass(v)
		var inside any
		if text, ok := v.(string); ok && strings.ContainsAny(text, "{[") && json.Unmarshal([]byte(text), &inside) == nil {
			pass(inside)
		}
	}
	switch v := v.(type) {
	case map[any]any: // of YAML, where a key is no text
		for _, below := range v {
			findExamples(below, pass)
		}
	case map[string]any:
		for key, below := range v {
			list, _ := below.([]any)
			named, _ := below.(map[string]any)
			switch key {
			case "example":
				found(below)
			case "examples":
				for _, e := range list {
					found(e)
				}
				for _, e := range named {
					if e, ok := e.(map[string]any); ok && e["value"] != nil {
						found(e["value"])
					}
				}
			}
			findExamples(below, pass)
		}
	case []any:
		for _, below := range v {
			findExamples(below, pass)
		}
	}
}

// allTheWay observes, stores and reads again, writes in every notation, and
// holds the schema against what it was learned from.
func allTheWay(t *testing.T, s series) {
	t.Helper()
	learned := learned(t, s.bodies...)
	stored, err := learned.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	read := new(shape.Shape)
	if err := read.UnmarshalBinary(stored); err != nil {
		t.Errorf("%s: %v", s.name, err)
		return
	}
	if again, err := read.MarshalBinary(); err != nil || !bytes.Equal(again, stored) {
		t.Errorf("%s: stored again it is another state: %v", s.name, err)
	}
	for _, n := range notation.All() {
		var b bytes.Buffer
		if err := n.Write(&b, read, notation.Options{Title: "Answer", Operation: "GET /x"}); err != nil {
			t.Errorf("%s as %s: %v", s.name, n.Name, err)
		}
		switch n.Name {
		case "json-schema":
			accepts(t, s, compiled(t, b.Bytes()))
		case "go":
			if _, err := parser.ParseFile(token.NewFileSet(), "x.go", b.Bytes(), parser.SkipObjectResolution); err != nil {
				t.Errorf("%s: %v", s.name, err)
			}
		}
	}
}

func accepts(t *testing.T, s series, schema *jsonschema.Schema) {
	t.Helper()
	for _, body := range s.bodies {
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if err := schema.Validate(instance); err != nil {
			t.Errorf("%s: its schema refuses %s: %v", s.name, clip(body), err)
		}
	}
}
