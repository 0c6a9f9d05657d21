package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"shapewatch/contracts"
)

// contractReply is what a probe's answers are held against, and where that was
// wrong from the first day on.
type contractReply struct {
	API       string          `json:"api"`
	Probe     string          `json:"probe"`
	Operation string          `json:"operation"`
	Source    string          `json:"source"` // of the document; "" when what was learned is the contract
	Agreed    string          `json:"agreed"` // the operation there, as the document names it
	Answers   uint64          `json:"answers"`
	Known     []mismatchReply `json:"known"`
}

type mismatchReply struct {
	Path   string    `json:"path"`
	Kind   string    `json:"kind"`
	Was    string    `json:"was"`
	Now    string    `json:"now"`
	Since  time.Time `json:"since"`
	Listed bool      `json:"listed"` // in the file beside the contract
	Shown  uint64    `json:"shown"`  // answers that showed it …
	Of     uint64    `json:"of"`     // … of those that could have
	Quiet  uint64    `json:"quiet"`  // the last of these in a row that did not
	Over   bool      `json:"over"`   // it does not hold any more
}

// contractsJSON is every probe with its contract: of one API, or of all.
func (s *site) contractsJSON(r *http.Request) (any, error) {
	replies, api := []contractReply{}, r.URL.Query().Get("api")
	for _, p := range s.Probes() {
		if api != "" && p.API != api {
			continue
		}
		memory, err := s.Source.Recall(r.Context(), p.API, p.ID)
		if err != nil {
			return nil, fmt.Errorf("memory of %s: %w", p.ID, err)
		}
		baseline, err := learned(memory)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.ID, err)
		}
		reply := contractReply{API: p.API, Probe: p.ID, Operation: p.Operation, Answers: baseline.Answers(), Known: mismatchReplies(baseline.Known)}
		if s.Contract != nil {
			if c := s.Contract(p.ID); c != nil {
				reply.Source, reply.Agreed = c.Source, c.Operation
			}
		}
		replies = append(replies, reply)
	}
	return map[string]any{"contracts": replies}, nil
}

func mismatchReplies(known []contracts.Mismatch) []mismatchReply {
	replies := []mismatchReply{}
	for _, m := range known {
		replies = append(replies, mismatchReply{
			Path: m.Path, Kind: m.Kind, Was: strings.TrimPrefix(m.Was, "contract: "), Now: m.Now, Since: m.Evidence.Since.UTC(),
			Listed: m.Listed, Shown: m.Shown, Of: m.Of, Quiet: m.Quiet, Over: m.Over(),
		})
	}
	return replies
}
