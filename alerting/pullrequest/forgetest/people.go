package forgetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Push commits a file to a branch as somebody else would; a branch that is not
// there begins at the base. It returns the commit's ID.
func (h *Hub) Push(branch, path, content string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := cmp.Or(h.branches[branch], h.branches[Base])
	h.branches[branch] = h.put(at, "Change "+path+" by hand", map[string]string{path: content})
	return h.branches[branch]
}

// Clock sets when all that happens from now on happens; what comes next is a
// second later.
func (h *Hub) Clock(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock = at
}

// Branch makes branches that point to a commit.
func (h *Hub) Branch(id string, names ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range names {
		h.branches[name] = id
	}
}

// Drop removes a branch.
func (h *Hub) Drop(branch string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.branches, branch)
}

// Log is the message of a commit and the IDs of its parents.
func (h *Hub) Log(id string) (message string, parents []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.commits[id].Message, h.commits[id].Parents
}

// Content is a file at the tip of a branch, "" when it is not there.
func (h *Hub) Content(branch, path string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.files(h.branches[branch])[path]
}

// Merge merges a request into its base; ID is the forge's number.
func (h *Hub) Merge(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.byID(id); r != nil && r.State == "open" {
		tip := h.tip(r)
		merged := maps.Clone(h.files(tip)) // the hub of a real repository knows no files
		if base := h.files(h.branches[r.Base]); base != nil {
			merged = maps.Clone(base)
			maps.Copy(merged, h.files(tip))
		}
		h.branches[r.Base] = h.commit(h.tree(merged), "Merge #"+id, []string{h.branches[r.Base], tip})
		h.end(r, "merged")
	}
}

// Dismiss closes a request without merging it.
func (h *Hub) Dismiss(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.byID(id); r != nil {
		h.end(r, "closed")
	}
}

// Stranger opens a request as others may: from the branch of this name in a
// fork (of fork, an owner) or, when fork is "", from here into another base.
func (h *Hub) Stranger(fork, branch, base string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open(request{Branch: branch, Base: base, Fork: fork, Title: "Mine", Body: "not ours", Tip: h.branches[Base]})
}

// Remarks are the comments under a request.
func (h *Hub) Remarks(id string) (texts []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.byID(id); r != nil {
		for _, remark := range r.Remarks {
			texts = append(texts, remark.Text)
		}
	}
	return texts
}

func (h *Hub) byID(id string) *request {
	number, err := strconv.Atoi(id)
	if err != nil {
		return nil
	}
	return h.numbered(number)
}

// Opened is how many requests were ever opened.
func (h *Hub) Opened() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.requests)
}

// State is all that can be changed, in words: branches, requests, remarks.
func (h *Hub) State() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var text strings.Builder
	for _, branch := range slices.Sorted(maps.Keys(h.branches)) {
		fmt.Fprintln(&text, branch, h.branches[branch])
	}
	for _, r := range h.requests {
		fmt.Fprintf(&text, "%+v\n", *r)
	}
	return text.String()
}
