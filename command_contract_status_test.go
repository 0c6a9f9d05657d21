package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts"
)

// mismatchOf is a known mismatch that the last quiet of 60 answers did not show.
func mismatchOf(path, was, now string, quiet uint64) contracts.Mismatch {
	since := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	return contracts.Mismatch{Shown: 60 - quiet, Of: 60, Quiet: quiet, Finding: contracts.Finding{
		Path: path, Was: "contract: " + was, Now: now, Evidence: contracts.Evidence{Since: since},
	}}
}

// reviewed lets a file of known mismatches be reviewed and written, and returns
// what was printed and what the file holds then.
func reviewed(t *testing.T, file string, known ...contracts.Mismatch) (printed, after string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.known.yaml")
	if file != "" {
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m := &assembly{reader: &reader{}}
	o := m.overlay("shop.known.yaml", path)
	if len(m.problems) > 0 {
		t.Fatalf("the file: %v", m.problems)
	}
	r := reviewOf(heldContract{Probe: "shop/GET /orders", Operation: "GET /orders", Source: "shop.yaml", Agreed: "listOrders", Answers: 60, Known: known}, o)
	var out bytes.Buffer
	r.print(&out)
	if err := writeReviews([]*review{r}, time.Time{}, &out); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	return out.String(), string(text)
}

func TestContractStatus_WritesAFileThatPeopleRead(t *testing.T) {
	_, after := reviewed(t, "", mismatchOf("/total", "number", "string", 0), mismatchOf("/note", "required", "null", 0))
	want := `# Where answers are known to differ from shop.yaml: told to nobody, only a change is.
# What is taken out here is news when it shows next; a reason may be added to each.
# shapewatch contract status says which do not hold any more.
known:
  - operation: GET /orders
    path: /total
    kind: contract-mismatch
    was: number
    now: string
    since: "2026-11-02"
  - operation: GET /orders
    path: /note
    kind: contract-mismatch
    was: required
    now: "null"
    since: "2026-11-02"
`
	if diff := cmp.Diff(want, after); diff != "" {
		t.Error(diff)
	}
}

func TestContractStatus_TakesOutWhatIsOverAndKeepsTheRest(t *testing.T) {
	const before = `# ours
known:
  - { operation: GET /orders, path: /total, now: string } # asked the vendor
  - operation: GET /orders
    path: /note
    now: "null"
    reason: they never fill it
  - operation: POST /orders # another one
    path: /id
    now: string
`
	printed, after := reviewed(t, before, mismatchOf("/total", "number", "string", 30), mismatchOf("/note", "required", "null", 0), mismatchOf("/eur", "integer", "string", 0))
	want := `# ours
known:
  - operation: GET /orders
    path: /note
    now: "null"
    reason: they never fill it
  - operation: POST /orders # another one
    path: /id
    now: string
  - operation: GET /orders
    path: /eur
    kind: contract-mismatch
    was: integer
    now: string
    since: "2026-11-02"
`
	if diff := cmp.Diff(want, after); diff != "" {
		t.Error(diff)
	}
	for _, says := range []string{
		"/total: contract: number, answers: string; shop.known.yaml:3: it does not hold any more, the last 30 answers kept the contract",
		"/note: contract: required, answers: null; they never fill it",
		"/eur: contract: integer, answers: string; not in shop.known.yaml yet",
		"wrote 3 known mismatches, 1 new, 1 taken out",
	} {
		if !strings.Contains(printed, says) {
			t.Errorf("does not say %q:\n%s", says, printed)
		}
	}
}

func TestContractStatus_SaysWhenTheContractWasEdited(t *testing.T) {
	printed, after := reviewed(t, "known: [{ operation: GET /orders, path: /total, was: integer, now: string }]\n", mismatchOf("/total", "number", "string", 0))
	if want := "known: [{ operation: GET /orders, path: /total, was: number, now: string }]\n"; after != want {
		t.Errorf("wrote %q, want %q", after, want)
	}
	if !strings.Contains(printed, `shop.known.yaml:1 says "integer" of the contract, which was edited since`) {
		t.Errorf("printed:\n%s", printed)
	}
}

func TestContractStatus_WritesIntoAFileOfCommentsAlone(t *testing.T) {
	_, after := reviewed(t, "# nothing yet\nknown: []\n", mismatchOf("/total", "number", "string", 0))
	if !strings.HasPrefix(after, "# nothing yet\n") || !strings.Contains(after, "/total") {
		t.Errorf("after:\n%s", after)
	}
}
