package openapi_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/contracts/openapi"
	"shapewatch/contracts/shape"
	"shapewatch/probes"
)

var update = flag.Bool("update", false, "rewrite the goldens")

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// TestPropose_EditsTheLinesItIsAbout holds every pair of document and finding
// to the lines that change; what is not named there stays byte for byte, which
// is checked apart.
func TestPropose_EditsTheLinesItIsAbout(t *testing.T) {
	paths, _ := filepath.Glob("testdata/propose/*.txtar")
	pairs := 0
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		asked := strings.Fields(strings.TrimPrefix(strings.SplitN(string(archive.Comment), "\n", 2)[0], "asked: "))
		for _, line := range strings.Split(strings.TrimSpace(string(section(archive, "cases"))), "\n") {
			pairs++
			name, rest, _ := strings.Cut(line, ": ")
			got.WriteString("== " + name + "\n" + proposed(t, archive, openapi.Asked{Method: asked[0], URL: asked[1]}, rest))
		}
		if *update {
			set(archive, "want", got.String())
			if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(string(section(archive, "want")), got.String()); diff != "" {
			t.Errorf("%s (-want +got; -update rewrites):\n%s", path, diff)
		}
	}
	if pairs < 40 {
		t.Errorf("%d pairs, want 40", pairs)
	}
}

func section(a *txtar.Archive, name string) []byte {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func set(a *txtar.Archive, name, text string) {
	for i := range a.Files {
		if a.Files[i].Name == name {
			a.Files[i].Data = []byte(text)
			return
		}
	}
	a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
}

var word = regexp.MustCompile(`(\w+)=("[^"]*"|\S+)`)

// proposed tells what a proposal does: a line for each finding, then the lines
// of each file that change.
func proposed(t *testing.T, a *txtar.Archive, asked openapi.Asked, text string) string {
	t.Helper()
	what, bodies, _ := strings.Cut(text, " | ")
	place := openapi.Place{Asked: asked, Fields: observed(t, bodies)}
	for _, one := range strings.Split(what, " ; ") {
		f := contracts.Finding{API: "acme", Kind: strings.Fields(one)[0]}
		for _, m := range word.FindAllStringSubmatch(one, -1) {
			value := strings.Trim(m[2], `"`)
			switch m[1] {
			case "now":
				f.Now = value
			case "since":
				f.Evidence.Since, _ = time.Parse(time.DateOnly, value)
			default:
				place.Habits = habits(m[1], value)
			}
		}
		if rest := strings.TrimSpace(word.ReplaceAllString(one, "")); len(strings.Fields(rest)) > 1 {
			f.Path = strings.Fields(rest)[1]
		}
		place.Findings = append(place.Findings, f)
	}
	all, err := openapi.Propose(openapi.ProposeOptions{File: a.Files[0].Name, Read: reading(a), Places: []openapi.Place{place}, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	agrees(t, a, asked, all, bodies)
	return told(t, all)
}

// agrees holds the answers against the edited contract: it must allow what it
// was edited for.
func agrees(t *testing.T, a *txtar.Archive, asked openapi.Asked, all []contracts.Proposal, bodies string) {
	t.Helper()
	edited := map[string][]byte{}
	for _, p := range all {
		edited[p.File] = p.After
	}
	read := func(name string) ([]byte, error) {
		if text := edited[name]; text != nil {
			return text, nil
		}
		return reading(a)(name)
	}
	text, _ := read(a.Files[0].Name)
	doc, err := openapi.Load(a.Files[0].Name, text, read)
	if err != nil {
		t.Fatal(err)
	}
	agreed, faults, err := doc.Contract(asked)
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	for _, p := range all {
		for _, c := range p.Changes {
			if c.Skipped != "" || p.After == nil || !strings.HasPrefix(c.Finding.Path, "/") {
				continue
			}
			for _, f := range mismatches(agreed, bodies) {
				if f.Path == c.Finding.Path {
					t.Errorf("%s %s: still %q, now %q", c.Finding.Kind, f.Path, f.Was, f.Now)
				}
			}
		}
	}
}

func mismatches(agreed *contracts.Contract, bodies string) (found []contracts.Finding) {
	d := json.NewDecoder(strings.NewReader(bodies))
	for {
		var body json.RawMessage
		if d.Decode(&body) != nil {
			return found
		}
		o := contracts.Observe(probes.Sample{At: now, Status: 200, MediaType: "application/json", Body: body, Class: probes.Valid}, nil)
		for _, detector := range detectors.All() {
			if detector.Name == "contract-mismatch" {
				found = append(found, contracts.Compare(&contracts.Comparison{Contract: agreed, Observation: &o}, []contracts.Detector{detector})...)
			}
		}
	}
}

var skipped = map[contracts.Said]string{"": "none", contracts.SaidBefore: "said", contracts.SaidByEdit: "said by another edit"}

func told(t *testing.T, all []contracts.Proposal) string {
	t.Helper()
	var b strings.Builder
	for _, p := range all {
		for _, c := range p.Changes {
			if c.Skipped != "" {
				fmt.Fprintf(&b, "# %s: %s\n", skipped[c.Said], c.Skipped)
				continue
			}
			fmt.Fprintf(&b, "# %s:%d %s", p.File, c.Line, c.Words)
			if c.Shared > 1 {
				fmt.Fprintf(&b, " (shared by %d)", c.Shared)
			}
			b.WriteString("\n")
		}
		switch {
		case p.Refused != "":
			fmt.Fprintf(&b, "refused: %s\n%s", p.Refused, p.Patch)
		case p.After != nil:
			b.WriteString(lines(t, string(p.Before), string(p.After)))
		}
	}
	return b.String()
}

// lines are the lines that differ, by a longest common subsequence; what is
// left out is byte for byte the same by construction.
func lines(t *testing.T, before, after string) string {
	t.Helper()
	x, y := strings.SplitAfter(before, "\n"), strings.SplitAfter(after, "\n")
	common := make([][]int, len(x)+1)
	for i := range common {
		common[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var b strings.Builder
	for i, j := 0, 0; i < len(x) || j < len(y); {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			i, j = i+1, j+1
		case j == len(y) || i < len(x) && common[i+1][j] >= common[i][j+1]:
			fmt.Fprintf(&b, "%d- %s\n", i+1, strings.TrimRight(x[i], "\n"))
			i++
		default:
			fmt.Fprintf(&b, "%d+ %s\n", i, strings.TrimRight(y[j], "\n"))
			j++
		}
	}
	return b.String()
}

// observed is what some answers look like together, each seen thirty times.
func observed(t *testing.T, bodies string) []shape.Field {
	t.Helper()
	s := shape.New(shape.Limits{})
	d := json.NewDecoder(strings.NewReader(bodies))
	for {
		var body json.RawMessage
		switch err := d.Decode(&body); {
		case errors.Is(err, io.EOF):
			return s.Fields()
		case err != nil:
			t.Fatalf("%v in %s", err, bodies)
		}
		for range 30 {
			if err := s.Observe(body, now); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func habits(kind, value string) *contracts.Habits {
	h := &contracts.Habits{Answers: 30}
	limit, window, _ := strings.Cut(value, "/")
	n, _ := strconv.ParseInt(limit, 10, 64)
	seconds, _ := strconv.Atoi(window)
	if kind == "volume" {
		for range 30 {
			h.Items.Add(n)
		}
		h.Lists = []contracts.Tally[string]{{Value: "/data", Count: 30}}
		return h
	}
	h.Limits = []contracts.LimitHabit{{
		Seen: 30, Headers: []contracts.Tally[string]{{Value: "x-ratelimit-limit", Count: 30}},
		Limits:  []contracts.Tally[int64]{{Value: n, Count: 30}},
		Windows: []contracts.Tally[time.Duration]{{Value: time.Duration(seconds) * time.Second, Count: 30}},
	}}
	return h
}

func reading(a *txtar.Archive) openapi.Reader {
	return func(name string) ([]byte, error) {
		if text := section(a, name); text != nil {
			return text, nil
		}
		return nil, os.ErrNotExist
	}
}
