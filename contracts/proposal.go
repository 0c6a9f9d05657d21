package contracts

// A Proposal is the edit of one contract file that would accept findings.
type Proposal struct {
	File   string // as the contract names it: a path or an address
	Before []byte // the file as it is
	// After is the file with the edits in place and every other byte as it was;
	// nil when that cannot be done safely: then Refused says why, and Patch is
	// what a person applies.
	After   []byte
	Patch   []byte // the same edits as a JSON Patch (RFC 6902)
	Refused string
	Changes []Change // one for each finding that is about this file
}

// A Change is what a proposal does about one finding.
type Change struct {
	Finding Finding `json:"finding"`
	Words   string  `json:"words,omitempty"` // one sentence on the edit: "`note` is described (string)"
	Pointer string  `json:"pointer"`         // JSON Pointer into the file: what is edited
	Line    int     `json:"line"`            // of the file before, from 1
	Shared  int     `json:"shared"`          // references that lead to what is edited, 0 when it is written in place
	Skipped string  `json:"skipped,omitempty"`
	Said    Said    `json:"said,omitempty"` // of one that was skipped
}

// Said is what makes a contract say already what a finding asks for; it is
// empty when the contract does not.
type Said string

// What makes a contract say it.
const (
	SaidBefore Said = "before" // it did before any edit
	SaidByEdit Said = "edit"   // an edit for another finding does
)
