package pullrequest

import (
	"context"
	"errors"
	"strconv"
	"time"
)

// A Forge keeps the repository that contracts live in and takes pull requests
// against it. Each is one file. A forge never decides: it says what is there
// and does what it is told, and everything it does may safely be done again.
//
// Errors are [*Refusal] where the forge answered, ErrMoved where somebody else
// was there first, fs.ErrNotExist where there is no such file or branch.
type Forge interface {
	// Name is told in messages and on the page: "github acme/contracts".
	Name() string
	// Traits are what this kind of forge can do.
	Traits() Traits
	// Read returns a file as it is at the tip of a branch; "" is the base.
	Read(ctx context.Context, branch, path string) ([]byte, error)
	// Tip is the last commit of a branch; "" is the base.
	Tip(ctx context.Context, branch string) (Tip, error)
	// Commit makes one commit on top of the base and lets the branch point to
	// it, creating the branch when it is not there. It returns the commit's ID.
	Commit(ctx context.Context, c Commit) (string, error)
	// Latest is the newest pull request from a branch, open or not; its ID is
	// empty when there was never one. A forge without requests has never one.
	Latest(ctx context.Context, branch string) (Request, error)
	// Standing are the open pull requests from branches that start with prefix.
	Standing(ctx context.Context, prefix string) ([]Request, error)
	// Open opens a pull request from r.Branch into the base. One that is open
	// already is adopted and edited instead.
	Open(ctx context.Context, r Request) (Request, error)
	// Edit sets title, body, draft and labels of r.ID.
	Edit(ctx context.Context, r Request) error
	// Close closes r.ID without merging it.
	Close(ctx context.Context, r Request) error
	// Reopen opens r.ID again, which was closed. Its branch may be gone: then it
	// is put back to r.Tip first. A forge that will not, or not any more, says so
	// with a permanent [*Refusal]; then another one is opened.
	Reopen(ctx context.Context, r Request) error
	// Comment adds a remark to r.ID; one that is there word for word is enough.
	Comment(ctx context.Context, r Request, text string) error
	// DeleteBranch removes a branch whose tip is expect; one that is gone is
	// fine, one that moved is ErrMoved.
	DeleteBranch(ctx context.Context, branch, expect string) error
	// Doctor tries what pull requests will need, changing nothing, and tells
	// each as one line.
	Doctor(ctx context.Context) []Symptom
}

// Traits are what a kind of forge can do. A forge without requests (a plain
// git remote) only gets the branch: Open, Edit, Close, Reopen and Comment
// are never called.
type Traits struct {
	Requests bool // has pull requests
	Drafts   bool // can mark one as not ready; else the title says so
	Labels   bool
	MaxBody  int // characters of a body; 0 when there is no body
}

// A Tip is the last commit of a branch.
type Tip struct {
	ID      string
	Message string // whole, as it was written
}

// A Commit is one commit on a branch of ours.
type Commit struct {
	Branch  string
	Files   []File
	Message string // subject, empty line, text
	// Expect is the branch's tip as last seen, "" when it must not exist: any
	// other tip is ErrMoved, and nothing is changed. Only this very commit, made
	// before when its answer got lost, may be there already. It may be
	// abbreviated to 12 digits or more.
	Expect string
}

// A File is what one file of a repository holds after a commit.
type File struct {
	Path    string // in the repository, with slashes
	Content []byte
}

// A Request is a pull request (GitLab: merge request).
type Request struct {
	ID      string // the forge's own number; "" before it is opened
	URL     string // for people
	Branch  string // it comes from
	Tip     string // of that branch, as the forge tells it; may be abbreviated to 12 digits or more
	Title   string
	Body    string
	Draft   bool
	Labels  []string
	State   State
	Created time.Time
	Ended   time.Time // merged or closed; zero while open
}

// State is where a pull request is in its life.
type State string

// The states.
const (
	Standing State = "open"
	Merged   State = "merged"
	Closed   State = "closed" // without being merged
)

// A Symptom is what [Forge.Doctor] found about one thing that is needed.
type Symptom struct {
	Need string // "read contracts/stripe.yaml", "push branches", "open pull requests"
	OK   bool
	Text string // what is wrong and what to do about it; or what is good
}

// ErrMoved says that a branch has a commit that we did not put there.
var ErrMoved = errors.New("the branch has moved")

// A Refusal is a forge's answer that is not what was asked for. Its text never
// holds a secret.
type Refusal struct {
	Forge      string
	Doing      string        // "open a pull request"
	Status     int           // of the answer; 0 when there was none
	Text       string        // the forge's own words, bounded and printable
	RetryAfter time.Duration // what it asked for; 0 when it did not
	Permanent  bool          // asking again cannot help: somebody must change something
}

func (r *Refusal) Error() string {
	if r.Status == 0 {
		return r.Forge + ": " + r.Doing + ": " + r.Text
	}
	return r.Forge + ": " + r.Doing + ": answered " + strconv.Itoa(r.Status) + ": " + r.Text
}
