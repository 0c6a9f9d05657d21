package forgetest

import (
	"cmp"
	"crypto/sha1" //nolint:gosec // commits are named as git names them
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Owner and Name are the repository that every hub holds, Base its default
// branch.
const (
	Owner = "acme"
	Name  = "contracts"
	Base  = "main"
)

// A Hub is one repository with its pull requests, in memory: what the fakes of
// all forges keep, each behind the interface of its vendor. Its methods are
// what people do there; they may be called at any time.
type Hub struct {
	mu       sync.Mutex
	commits  map[string]commit
	branches map[string]string // to the ID of its tip
	blobs    map[string]string
	trees    map[string]map[string]string // to path and content
	requests []*request
	clock    time.Time
}

// A commit is one of the hub's.
type commit struct {
	ID, Tree, Message string
	Parents           []string
	At                time.Time
}

// A request is a pull request as the hub keeps it.
type request struct {
	Number             int
	Branch, Base, Fork string // Fork is the owner of another repository it comes from
	Title, Body        string
	Draft              bool
	Labels             []string
	State              string // open, closed, merged
	Tip                string // of its branch when it ended
	Created, Ended     time.Time
	Remarks            []remark
}

type remark struct {
	ID   int
	Text string
}

// NewHub returns a repository whose base holds [Files].
func NewHub() *Hub {
	h := &Hub{
		commits: map[string]commit{}, branches: map[string]string{}, blobs: map[string]string{},
		trees: map[string]map[string]string{}, clock: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC),
	}
	h.branches[Base] = h.commit(h.tree(Files), "First", nil)
	return h
}

// Files are what the base of every repository under test holds at first.
var Files = map[string]string{
	"README.md":                        "# Contracts\n",
	"contracts/stripe.yaml":            "openapi: 3.1.0\ninfo: {title: Stripe, version: '1'}\npaths: {}\n",
	"contracts/windows.yaml":           "\ufeffopenapi: 3.0.3\r\npaths: {}",
	"contracts/odd name #1 100% é.yml": "openapi: 3.1.0 # <!-- ünï ☃ -->\n",
	"contracts/empty.yaml":             "",
}

// tick is a moment after all before, so that what is newest is no chance.
func (h *Hub) tick() time.Time {
	h.clock = h.clock.Add(time.Second)
	return h.clock
}

// tree keeps the files of a commit and returns its ID, which is the same for
// the same files.
func (h *Hub) tree(files map[string]string) string {
	var text strings.Builder
	for _, path := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&text, "%s %s\n", h.blob(files[path]), path)
	}
	id := name("tree", text.String())
	h.trees[id] = files
	return id
}

func (h *Hub) blob(content string) string {
	id := name("blob", content)
	h.blobs[id] = content
	return id
}

func (h *Hub) commit(tree, message string, parents []string) string {
	at := h.tick()
	id := name("commit", fmt.Sprint(tree, parents, at, message))
	h.commits[id] = commit{id, tree, message, parents, at}
	return id
}

func name(kind, text string) string {
	sum := sha1.Sum(fmt.Appendf(nil, "%s %d\x00%s", kind, len(text), text)) //nolint:gosec // as git does
	return hex.EncodeToString(sum[:])
}

// put commits files on top of a commit and returns the new one's ID.
func (h *Hub) put(parent, message string, files map[string]string) string {
	all := maps.Clone(h.files(parent))
	maps.Copy(all, files)
	return h.commit(h.tree(all), message, []string{parent})
}

func (h *Hub) files(id string) map[string]string { return h.trees[h.commits[id].Tree] }

// tip is the last commit of a request's branch.
func (h *Hub) tip(r *request) string {
	if r.Fork != "" || r.State != "open" {
		return r.Tip
	}
	return cmp.Or(h.branches[r.Branch], r.Tip)
}

func (h *Hub) numbered(number int) *request {
	if number < 1 || number > len(h.requests) {
		return nil
	}
	return h.requests[number-1]
}

// standing is the open request from a branch of the repository itself.
func (h *Hub) standing(branch, base string) *request {
	for _, r := range h.requests {
		if r.State == "open" && r.Fork == "" && r.Branch == branch && r.Base == base {
			return r
		}
	}
	return nil
}

func (h *Hub) open(r request) *request {
	r.Number, r.Created, r.State = len(h.requests)+1, h.tick(), "open"
	r.Tip = cmp.Or(h.branches[r.Branch], r.Tip)
	h.requests = append(h.requests, &r)
	return &r
}

func (h *Hub) end(r *request, state string) {
	if r.State == "open" {
		r.Tip = h.tip(r)
		r.State, r.Ended = state, h.tick()
	}
}

// reopen lets a closed request stand again, unless it is merged, another one
// stands in its place, or its branch is gone.
func (h *Hub) reopen(r *request) bool {
	switch {
	case r.State == "open":
		return true
	case r.State == "merged" || h.branches[r.Branch] == "" || h.standing(r.Branch, r.Base) != nil:
		return false
	}
	r.State, r.Ended = "open", time.Time{}
	return true
}

func (h *Hub) say(r *request, text string) remark {
	r.Remarks = append(r.Remarks, remark{1000*r.Number + len(r.Remarks), text})
	return r.Remarks[len(r.Remarks)-1]
}
