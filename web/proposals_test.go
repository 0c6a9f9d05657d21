package web_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/web"
)

// TestProposals_AreTheFilesByteForByte: a file that is no UTF-8 comes as it is,
// and a name that nothing has is said.
func TestProposals_AreTheFilesByteForByte(t *testing.T) {
	w := newWorld(time.Now())
	before, after := []byte("a: 1 # \xff\r\n"), []byte("a: 2 # \xff\r\n")
	w.proposals = func(_ context.Context, names []string) ([]web.Proposed, error) {
		if len(names) != 2 || names[1] != "shop/GET *" {
			return nil, alerting.ErrNotFound
		}
		change := contracts.Change{Finding: contracts.Finding{Kind: "kind-changed", Path: "/a"}, Line: 1, Words: "`a` is 2"}
		return []web.Proposed{{Contract: "shop.yaml", Proposal: contracts.Proposal{File: "a.yaml", Before: before, After: after, Changes: []contracts.Change{change}}}}, nil
	}
	var got struct {
		Proposals []struct {
			Contract, File string
			Before, After  []byte
			Edits          []map[string]any
		}
	}
	answer := get(w.handler(), "GET", "/api/v1/proposals?name=stripe&name=shop/GET%20*")
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil || len(got.Proposals) != 1 {
		t.Fatalf("%v: %s", err, answer.Body)
	}
	p := got.Proposals[0]
	if p.Contract != "shop.yaml" || p.File != "a.yaml" || string(p.Before) != string(before) || string(p.After) != string(after) {
		t.Errorf("%+v", p)
	}
	if diff := cmp.Diff([]map[string]any{{"kind": "kind-changed", "path": "/a", "line": 1.0, "words": "`a` is 2"}}, p.Edits); diff != "" {
		t.Errorf("edits (-want +got):\n%s", diff)
	}
	if code := get(w.handler(), "GET", "/api/v1/proposals").Code; code != 404 {
		t.Errorf("answered %d", code)
	}
}
