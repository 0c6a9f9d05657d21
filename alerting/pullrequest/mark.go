package pullrequest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// MarkRoom is how many characters of a body are kept free for the mark.
const MarkRoom = 8 << 10

// A mark is what a request says of itself, hidden in its body: it is all that
// is remembered of it.
type mark struct {
	Prints  []string `json:"p"`           // fingerprints of the findings it stands for, sorted
	Commit  string   `json:"c"`           // the last commit of ours on its branch
	Content string   `json:"f"`           // of that commit, as [Wish.content] tells it
	Words   string   `json:"w"`           // what [Wish.words] were when we wrote them last; "" when they are to be written anew
	Draft   bool     `json:"d,omitempty"` // as we asked for it last; a person may have changed it since
	Manual  string   `json:"m,omitempty"` // a person's commit on its branch, as last seen: that it is there was said
}

// mark is what a request about a wish says of itself once commit is its last.
func (w Wish) mark(commit string) mark {
	prints := slices.Sorted(slices.Values(w.Prints))
	return mark{Prints: slices.Compact(prints), Commit: commit, Content: w.content(), Words: w.words(), Draft: w.Draft}
}

// The mark is a reference of Markdown that nothing refers to: no forge shows
// it, and none takes it out as some do with comments.
var markLine = regexp.MustCompile(`(?m)^\[//\]: # \(shapewatch v1 ([A-Za-z0-9_-]+)\)\s*$`)

// write puts the mark at the end of a body.
func (m mark) write(body string) string {
	text, _ := json.Marshal(m) // strings and flags
	return strings.TrimRight(body, "\n") + "\n\n[//]: # (shapewatch v1 " + base64.RawURLEncoding.EncodeToString(text) + ")\n"
}

// readMark is the last mark in a body: what a vendor's text holds stands before
// ours. not ok means that somebody took it out.
func readMark(body string) (m mark, ok bool) {
	found := markLine.FindAllStringSubmatch(strings.ReplaceAll(body, "\r\n", "\n"), -1)
	if len(found) == 0 {
		return m, false
	}
	text, err := base64.RawURLEncoding.DecodeString(found[len(found)-1][1])
	return m, err == nil && json.Unmarshal(text, &m) == nil
}

// StandsFor are the fingerprints of the findings that a request is about; none
// when somebody took out what it says of itself.
func StandsFor(r Request) []string {
	m, _ := readMark(r.Body)
	return m.Prints
}

// Content identifies what a request asks for; "" when it does not say, or when
// its branch holds a person's commits.
func Content(r Request) string {
	m, _ := readMark(r.Body)
	if m.Manual != "" {
		return ""
	}
	return m.Content
}

// refused reports whether a no to the mark's findings is a no to these: they
// are the same, or some of them.
func (m mark) refused(prints []string) bool {
	return !slices.ContainsFunc(prints, func(p string) bool { return !slices.Contains(m.Prints, p) })
}

// The last lines of the message of each commit of ours: with them a commit is
// known as ours although no request tells of it yet.
const (
	fileTrailer    = "Shapewatch-File: "
	contentTrailer = "Shapewatch-Content: "
)

var (
	fileLine    = regexp.MustCompile(`(?m)^` + fileTrailer + `(\S.*?)\s*$`)
	contentLine = regexp.MustCompile(`(?m)^` + contentTrailer + `([0-9a-f]{32}) ([0-9a-f]{32})\s*$`)
)

// message is the commit message of a wish, with the trailers.
func (w Wish) message() string {
	var b strings.Builder
	b.WriteString(strings.TrimRight(w.Message, "\n") + "\n\n")
	for _, f := range w.Files {
		b.WriteString(fileTrailer + f.Path + "\n")
	}
	b.WriteString(contentTrailer + digestOf(w.Before) + " " + w.content() + "\n")
	return b.String()
}

// content identifies what a commit of the wish holds, and what it stands on: a
// base that moves under it asks for a new commit.
func (w Wish) content() string { return digest(digestOf(w.Before), digestOf(w.Files)) }

// signed is what the trailers of a message say; not ok without them.
func signed(message string) (paths []string, before, content string, ok bool) {
	for _, m := range fileLine.FindAllStringSubmatch(message, maxFiles) {
		paths = append(paths, m[1])
	}
	found := contentLine.FindAllStringSubmatch(message, -1)
	if len(found) == 0 || len(paths) == 0 {
		return nil, "", "", false
	}
	last := found[len(found)-1]
	return paths, last[1], last[2], true
}

// maxFiles bounds the files of one request: a contract and what it refers to.
const maxFiles = 200

// digestOf identifies files by their paths and what they hold.
func digestOf(files []File) string {
	sorted := slices.Clone(files)
	slices.SortFunc(sorted, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	parts := make([]string, 0, 2*len(sorted))
	for _, f := range sorted {
		parts = append(parts, f.Path, string(f.Content))
	}
	return digest(parts...)
}

// digest is a hash of texts, 32 hex digits.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		length, _ := json.Marshal(len(p))
		h.Write(length)
		h.Write([]byte{0})
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// sameCommit compares IDs of commits, which some forges abbreviate.
func sameCommit(a, b string) bool {
	if min(len(a), len(b)) < 12 {
		return a == b
	}
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}
