package web

import (
	"context"
	"net/http"

	"shapewatch/contracts"
)

// Proposals works out the edits that make the contracts of APIs or probes say
// what they answer; names may be patterns, none mean all.
// [alerting.ErrNotFound] when nothing is called so.
type Proposals func(ctx context.Context, names []string) ([]Proposed, error)

// A Proposed is one file's edit, and the contract that it belongs to.
type Proposed struct {
	Contract string // as the configuration names it
	contracts.Proposal
}

// A proposalReply is the edit of one file. Files are bytes, in base64: what is
// written must be them.
type proposalReply struct {
	Contract string      `json:"contract"` // as the configuration names it
	File     string      `json:"file"`     // of the contract, or one that it refers to
	Before   []byte      `json:"before"`
	After    []byte      `json:"after,omitempty"` // left out when it cannot be edited, or need not be
	Patch    string      `json:"patch,omitempty"` // the same edits as a JSON Patch
	Refused  string      `json:"refused,omitempty"`
	Edits    []editReply `json:"edits"`
}

// An editReply is what is done about one finding, or why nothing is.
type editReply struct {
	Kind    string `json:"kind"`
	Path    string `json:"path"`
	Line    int    `json:"line,omitempty"` // of the file before, from 1
	Words   string `json:"words,omitempty"`
	Skipped string `json:"skipped,omitempty"`
}

// proposalsJSON is GET /api/v1/proposals.
func (s *site) proposalsJSON(r *http.Request) (any, error) {
	replies := []proposalReply{}
	if s.Proposals == nil {
		return map[string]any{"proposals": replies}, nil
	}
	all, err := s.Proposals(r.Context(), r.URL.Query()["name"])
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		reply := proposalReply{Contract: p.Contract, File: p.File, Before: p.Before, After: p.After, Patch: string(p.Patch), Refused: p.Refused, Edits: []editReply{}}
		for _, c := range p.Changes {
			reply.Edits = append(reply.Edits, editReply{c.Finding.Kind, c.Finding.Path, c.Line, c.Words, c.Skipped})
		}
		replies = append(replies, reply)
	}
	return map[string]any{"proposals": replies}, nil
}
