package detectors_test

import (
	"compress/gzip"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// corpus is recorded reality, kept beside the repository where it is at hand.
const corpus = "../../../shared/corpus"

// TestCorpus_RecallAndFalseFindings judges the recorded series with snapshot
// sensitivity and prints what the scorer says. It is a mirror, not a gate: the
// bars that must hold are in the simulation.
func TestCorpus_RecallAndFalseFindings(t *testing.T) {
	if _, err := os.Stat(filepath.Join(corpus, "score.py")); err != nil {
		t.Skip("no corpus at", corpus)
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 to score with")
	}
	out := filepath.Join(t.TempDir(), "findings.ndjson")
	f, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	lines := json.NewEncoder(f)
	for _, dir := range glob(t, filepath.Join(corpus, "responses", "*", "")) {
		replay(t, dir, lines)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	score, err := exec.Command(python, filepath.Join(corpus, "score.py"), "series", out).CombinedOutput()
	if err != nil {
		t.Fatalf("score: %v\n%s", err, score)
	}
	t.Logf("\n%s", score)
	if keep := os.Getenv("SHAPEWATCH_KEEP"); keep != "" {
		data, _ := os.ReadFile(out)
		_ = os.WriteFile(keep, data, 0o600)
	}
}

// TestCorpus_ALongStreamRaisesNoAlarm runs years of real scrapes at calm
// sensitivity; the first part of them, where the rest would take too long.
func TestCorpus_ALongStreamRaisesNoAlarm(t *testing.T) {
	f, err := os.Open(filepath.Join(corpus, "streams", "btc_price.jsonl.gz"))
	if err != nil {
		t.Skip("no corpus at", corpus)
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	w, lines := newWatch(), json.NewDecoder(text)
	n := 0
	for ; n < *streamed && lines.More(); n++ {
		var line struct {
			Date time.Time       `json:"date"`
			Body json.RawMessage `json:"body"`
		}
		if err := lines.Decode(&line); err != nil {
			t.Fatal(err)
		}
		for _, f := range w.check(sample(string(line.Body), "", line.Date), false).Confirmed {
			if f.Severity > contracts.Info {
				t.Errorf("sample %d: %s %s: was %s, now %s", n, f.Kind, f.Path, f.Was, f.Now)
			}
		}
	}
	t.Logf("%d samples", n)
}

var streamed = flag.Int("stream", 2000, "samples of a recorded stream to judge")

// replay runs one series and writes what is new in each sample.
func replay(t *testing.T, dir string, lines *json.Encoder) {
	t.Helper()
	w := newWatch()
	w.policy.Sensitivity = contracts.Snapshot
	told := map[string]bool{}
	for _, path := range glob(t, filepath.Join(dir, "*")) {
		name := filepath.Base(path)
		v := w.check(recorded(t, path), false)
		for _, fp := range v.Cleared {
			delete(told, fp)
		}
		for _, f := range v.Confirmed {
			if told[f.Fingerprint()] {
				continue
			}
			told[f.Fingerprint()] = true
			err := lines.Encode(object{
				"series": filepath.Base(dir), "sample": name, "path": f.Path, "kind": f.Kind,
				"severity": f.Severity, "breaking": f.Severity == contracts.Breaking, "was": f.Was, "now": f.Now,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// recorded reads a sample in either of the corpus's forms.
func recorded(t *testing.T, path string) probes.Sample {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := sample(string(data), "", start)
	if parts := strings.SplitN(filepath.Base(path), "_", 3); len(parts) > 1 {
		if at, err := time.Parse(time.DateOnly, parts[1]); err == nil {
			s.At = at
		}
	}
	var envelope struct {
		Status  int             `json:"status"`
		Headers map[string]any  `json:"headers"`
		Body    json.RawMessage `json:"body"`
		Req     any             `json:"req"`
	}
	if json.Unmarshal(data, &envelope) == nil && envelope.Status > 0 && envelope.Headers != nil {
		s.Status, s.Body, s.Bytes = envelope.Status, envelope.Body, int64(len(envelope.Body))
		s.Header = http.Header{}
		for name, value := range envelope.Headers {
			if text, ok := value.(string); ok {
				s.Header.Set(name, text)
			}
		}
		s.MediaType, _, _ = strings.Cut(s.Header.Get("Content-Type"), ";")
	}
	return s
}
