// Package forgetest says what a forge promises, as tests: every forge passes
// [Run]. It also has the fakes they run against, which stand behind the
// interfaces that the vendors publish and keep one [Hub]; tests of the whole
// program may start them, too. Only tests import it.
package forgetest

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting/pullrequest"
)

// A Repository is what people do to one without pull requests.
type Repository interface {
	Push(branch, path, content string) string
	Branch(id string, names ...string)
	Drop(branch string)
	Log(id string) (message string, parents []string)
	State() string
}

// A Stage is a forge under test and what stands around it.
type Stage struct {
	Forge   pullrequest.Forge
	Repo    Repository
	Hub     *Hub     // nil when the forge has no pull requests
	Trouble *Trouble // nil when it is not reached over HTTP
	Secrets []string // that nothing may tell
}

// Promises are tests by their names.
type Promises map[string]func(*testing.T, *Stage)

// What a forge promises: all have branches, only one without requests is
// plain, and what is reached over HTTP has to do with networks.
var (
	Branches = []Promises{files, commits}
	Plain    = []Promises{plain}
	Requests = []Promises{requests, lostRequests}
	Network  = []Promises{lost, refused}
)

// Run runs a part of the suite; start sets up a forge over a repository whose
// base holds [Files], for one test.
func Run(t *testing.T, start func(testing.TB) *Stage, parts ...[]Promises) {
	for _, promises := range slices.Concat(parts...) {
		for name, test := range promises {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, start(t))
			})
		}
	}
}

// branch is the one that the tests write to.
const branch = "shapewatch/stripe"

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// tip is the ID of a tip that must be there.
func (s *Stage) tip(t *testing.T) func(pullrequest.Tip, error) string {
	return func(tip pullrequest.Tip, err error) string {
		t.Helper()
		return must[pullrequest.Tip](t)(tip, err).ID
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func is(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("error %v, want %v", err, target)
	}
}

// want is a commit that puts one file on the branch.
func want(expect, content string) pullrequest.Commit {
	return pullrequest.Commit{
		Branch: branch, Expect: expect, Message: "Stripe: status is new\n\nSeen in all of 9.\n\nshapewatch: v1 e30",
		Files: []pullrequest.File{{Path: "contracts/stripe.yaml", Content: []byte(content)}},
	}
}

// refusal is err as one; it must tell no secret and be fit to print.
func (s *Stage) refusal(t *testing.T, err error) *pullrequest.Refusal {
	t.Helper()
	var refusal *pullrequest.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("error %v (%T), want a refusal", err, err)
	}
	s.fit(t, err.Error())
	if refusal.Forge == "" || refusal.Doing == "" || refusal.Text == "" {
		t.Errorf("a refusal that does not say what, where and why: %+v", refusal)
	}
	return refusal
}

// fit fails on a text that tells a secret or does damage where it is printed.
func (s *Stage) fit(t *testing.T, text string) {
	t.Helper()
	for _, secret := range s.Secrets {
		if strings.Contains(text, secret) {
			t.Errorf("tells a secret: %.300q", text)
		}
	}
	if n := utf8.RuneCountInString(text); n > 1000 {
		t.Errorf("%d characters long: %.100q", n, text)
	}
	for _, r := range text {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf) {
			t.Fatalf("holds %U: %.300q", r, text)
		}
	}
}

// unchanged fails when do changes anything in the repository.
func (s *Stage) unchanged(t *testing.T, do func()) {
	t.Helper()
	before := s.Repo.State()
	do()
	same(t, before, s.Repo.State())
}

var missing = fs.ErrNotExist
