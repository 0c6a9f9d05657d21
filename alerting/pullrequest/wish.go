package pullrequest

import (
	"time"

	"shapewatch/contracts"
)

// A Wish is the pull request that should stand about one contract file, worked
// out of what was found and of the file at the base. The same findings and the
// same base give the same wish, byte for byte.
type Wish struct {
	Branch   string             // "shapewatch/stripe"
	Files    []File             // as they would be, by path; none when the base says it already, or nothing is to be said
	Before   []File             // the same files at the base
	Title    string             // "fix(contract): stripe GET /v1/charges: `status` has a new value"
	Body     string             // at most the forge's MaxBody less [MarkRoom]
	Message  string             // of the commit
	Labels   []string           // that the request should have, beside those of people
	Draft    bool               // not ready to be merged
	Severity contracts.Severity // the worst; the worst wishes come first
	Prints   []string           // fingerprints of the findings
	Over     string             // why nothing is wanted any more, in a sentence, when Files is empty
	Unknown  error              // why it is not known what is wanted: then all is left as it is
}

// words identifies what a request says.
func (w Wish) words() string {
	draft := "ready"
	if w.Draft {
		draft = "draft"
	}
	return digest(append([]string{w.Title, w.Body, draft}, w.Labels...)...)
}

// Options bound what [Reconcile] does.
type Options struct {
	Prefix  string           // how branches of ours begin: "shapewatch/"
	Open    int              // pull requests of ours that stand at a time; 0 means 5
	PerHour int              // that are opened in an hour; 0 means 2
	Now     func() time.Time // nil means time.Now
}

// The limits unless told otherwise.
const (
	DefaultOpen    = 5
	DefaultPerHour = 2
)

// ReopenWithin is how long after its end a request that we closed is opened
// again; later another takes its place.
const ReopenWithin = 7 * 24 * time.Hour

// ManualLabel is on requests whose branch holds a person's commits.
const ManualLabel = "shapewatch:manual"

// What titles end with once nothing is wanted any more.
const (
	resolved  = " - resolved"
	abandoned = " - abandoned" // and a person's commits are on the branch
)

// Did is what became of a wish.
type Did string

// What may become of a wish.
const (
	Opened   Did = "opened"
	Reopened Did = "reopened"
	Updated  Did = "updated"
	Kept     Did = "kept"   // it stands as it should
	Manual   Did = "manual" // its branch holds a person's commits, which are left alone
	Waits    Did = "waits"  // too many stand, or were opened lately
	Refused  Did = "refused"
	Ended    Did = "ended" // by us: nothing is wanted any more
	Done     Did = "done"  // merged, or nothing was to be done
)

// An Outcome says what became of one wish.
type Outcome struct {
	Branch  string
	Did     Did
	Request Request // as it is now; its ID is empty when there is none
	Words   string  // one sentence for people, where Did does not say it all
	Err     error   // what kept us from it; it is tried again the next time
}
