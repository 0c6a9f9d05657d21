package detectors_test

import (
	stdcmp "cmp"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/contracts/openapi"
	"shapewatch/probes"
)

var update = flag.Bool("update", false, "rewrite the golden parts of fixtures and documents")

// start is when every fixture's story begins.
var start = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// A fixture is a story in a txtar file: prose, then
//
//	-- baseline --     a body a line, learned one after another (a line may begin with "30x ", then
//	                   with "!404 ", a status; # counts in bodies and headers)
//	-- weighed --      bodies that are judged by all detectors after that (a line may begin with "@edge-7 ",
//	                   who served it)
//	-- headers --      headers of the baseline's answers
//	-- step --         time between two answers, 5m unless said; of the last one "-- answer-step --"
//	-- asked --        how many things the request asked for
//	-- latency --, -- answer-latency --   how long the answers took: 120ms
//	-- answer --       the body judged
//	-- answer-headers --, -- answer-class --, -- answer-status --   where it differs
//	-- inflow --       a probes.Inflow as JSON, of a source of webhooks
//	-- job --          a probes.Job as JSON, of a heartbeat
//	-- paged --        a probes.Paged as JSON, of a list read page by page
//	-- schema --       a probes.Schema as JSON, of a GraphQL API that was asked for it
//	-- run --          a probes.Run as JSON, of a workflow; -- usual-run -- those of the baseline
//	-- contract-step --  the step of the run that contract.yaml speaks of
//	-- publication --  a probes.Publication as JSON, of a published document
//	-- reconciled --   a probes.Reconciled as JSON, of a reconciliation
//	-- contract.yaml --  an OpenAPI document; the operation is GET /things
//	-- policy --       "snapshot", "one-of", or paths used, one a line
//	-- findings --     golden: what that one detector reports
type fixture struct {
	archive  *txtar.Archive
	detector contracts.Detector
}

func (f fixture) section(name string) string {
	for _, file := range f.archive.Files {
		if file.Name == name {
			return string(file.Data)
		}
	}
	return ""
}

func TestDetectors_SayInTheirFixturesWhatTheyFind(t *testing.T) {
	for _, d := range detectors.All() {
		t.Run(d.Name, func(t *testing.T) {
			var fires, quiet int
			for _, path := range glob(t, filepath.Join("testdata", d.Name, "*.txtar")) {
				t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
					if runFixture(t, path, d) == "" {
						quiet++
					} else {
						fires++
					}
				})
			}
			if fires == 0 || quiet == 0 {
				t.Errorf("%d fixtures that fire and %d that stay quiet: want at least one of each", fires, quiet)
			}
		})
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func runFixture(t *testing.T, path string, d contracts.Detector) (found string) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := fixture{archive, d}
	got := f.detect(t)
	if *update {
		f.rewrite(t, path, got)
		return got
	}
	if diff := cmp.Diff(f.section("findings"), got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	return got
}

func (f fixture) rewrite(t *testing.T, path, got string) {
	t.Helper()
	for i := range f.archive.Files {
		if f.archive.Files[i].Name == "findings" {
			f.archive.Files[i].Data = []byte(got)
		}
	}
	if err := os.WriteFile(path, txtar.Format(f.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// detect learns the baseline and judges the answer.
func (f fixture) detect(t *testing.T) string {
	t.Helper()
	policy, b := f.policy(), contracts.NewBaseline()
	at, step := start, f.duration(t, "step", 5*time.Minute)
	for i, body := range f.bodies(t) {
		s := f.sample(body, strings.ReplaceAll(f.section("headers"), "#", fmt.Sprint(1000+i)), at)
		f.read(t, "usual-run", &s.Run)
		o := contracts.Observe(s, nil)
		b.Learn(&o, contracts.Verdict{Learned: true})
		at = at.Add(step)
	}
	for line := range strings.Lines(f.section("weighed")) {
		o := contracts.Observe(f.sample(strings.TrimSpace(line), stdcmp.Or(f.section("answer-headers"), f.section("headers")), at), nil)
		found := contracts.Compare(&contracts.Comparison{Baseline: b, Observation: &o, Policy: policy}, detectors.All())
		b.Learn(&o, contracts.Weigh(b, found, &o, policy))
		at = at.Add(step)
	}
	at = at.Add(f.duration(t, "answer-step", step) - step)
	headers := f.section("answer-headers")
	if headers == "" {
		headers = f.section("headers")
	}
	s := f.sample(strings.TrimSuffix(f.section("answer"), "\n"), headers, at)
	s.Latency = f.duration(t, "answer-latency", s.Latency)
	if class := strings.TrimSpace(f.section("answer-class")); class != "" {
		name, problem, _ := strings.Cut(class, ": ")
		s.Class, s.Problem = probes.Class(name), problem
	}
	if status := f.section("answer-status"); status != "" {
		fmt.Sscan(status, &s.Status)
	}
	f.read(t, "inflow", &s.Inflow)
	f.read(t, "publication", &s.Publication)
	f.read(t, "job", &s.Job)
	f.read(t, "paged", &s.Paged)
	f.read(t, "reconciled", &s.Reconciled)
	f.read(t, "schema", &s.Schema)
	f.read(t, "run", &s.Run)
	o := contracts.Observe(s, nil)
	c := &contracts.Comparison{Contract: f.contract(t), Baseline: b, Observation: &o, Policy: policy}
	list := []contracts.Detector{f.detector}
	if f.detector.Absorbs {
		list = detectors.All()
	}
	return tell(contracts.Compare(c, list), f.detector.Name)
}

// read decodes a section; one that is not there leaves into as it is.
func (f fixture) read(t *testing.T, section string, into any) {
	t.Helper()
	if text := f.section(section); text != "" {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
}

// sample reads a body with what may stand before it.
func (f fixture) sample(body, headers string, at time.Time) probes.Sample {
	status, who := 200, ""
	if _, err := fmt.Sscanf(body, "!%d ", &status); err == nil {
		_, body, _ = strings.Cut(body, " ")
	}
	if _, err := fmt.Sscanf(body, "@%s ", &who); err == nil {
		_, body, _ = strings.Cut(body, " ")
	}
	s := sample(body, headers, at)
	if s.Status = status; who != "" {
		s.Header.Set("X-Served-By", who)
	}
	fmt.Sscan(f.section("asked"), &s.Asked)
	s.Latency, _ = time.ParseDuration(strings.TrimSpace(f.section("latency")))
	return s
}

func (f fixture) duration(t *testing.T, name string, otherwise time.Duration) time.Duration {
	t.Helper()
	text := strings.TrimSpace(f.section(name))
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (f fixture) policy() contracts.Policy {
	p := contracts.Policy{API: "acme", Operation: "GET /things"}
	for _, line := range strings.Fields(f.section("policy")) {
		switch line {
		case "snapshot":
			p.Sensitivity = contracts.Snapshot
			continue
		case "one-of":
			p.OneOf, p.View.Records = true, []string{""}
			continue
		}
		p.Uses = append(p.Uses, line)
	}
	return p
}

func (f fixture) contract(t *testing.T) *contracts.Contract {
	t.Helper()
	text := f.section("contract.yaml")
	if text == "" {
		return nil
	}
	doc, err := openapi.Load("contract.yaml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := doc.Contract(openapi.Asked{URL: "https://api.acme.example/things"})
	if err != nil {
		t.Fatal(err)
	}
	if step := strings.TrimSpace(f.section("contract-step")); step != "" {
		return &contracts.Contract{Steps: map[string]*contracts.Contract{step: c}}
	}
	return c
}

// bodies unrolls lines like `30x {"id": #}`, in which # counts.
func (f fixture) bodies(t *testing.T) (bodies []string) {
	t.Helper()
	for line := range strings.Lines(f.section("baseline")) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		n := 1
		if _, err := fmt.Sscanf(line, "%dx ", &n); err == nil {
			_, line, _ = strings.Cut(line, "x ")
		}
		for range n {
			bodies = append(bodies, strings.ReplaceAll(line, "#", fmt.Sprint(1000+len(bodies))))
		}
	}
	return bodies
}

func sample(body, headers string, at time.Time) probes.Sample {
	s := probes.Sample{
		Probe: "acme/things", At: at, Class: probes.Valid, Method: http.MethodGet, Status: 200,
		Header: http.Header{}, MediaType: "application/json", Body: []byte(body), Bytes: int64(len(body)),
	}
	for line := range strings.Lines(headers) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if ok {
			s.Header.Add(name, value)
		}
	}
	if media := s.Header.Get("Content-Type"); media != "" {
		s.MediaType = media
	}
	return s
}

// tell writes findings as a golden file holds them.
func tell(found []contracts.Finding, kind string) string {
	var b strings.Builder
	for _, f := range found {
		if f.Kind != kind {
			continue
		}
		e := f.Evidence
		fmt.Fprintf(&b, "%s %q\n  was %s\n  now %s\n  evidence %d/%d, now %d/%d", f.Severity, f.Path, f.Was, f.Now, e.WasSeen, e.WasOf, e.NowSeen, e.NowOf)
		if e.Told {
			b.WriteString(", told by the provider")
		}
		b.WriteString("\n")
	}
	return b.String()
}
