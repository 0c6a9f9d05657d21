package web

import (
	"fmt"
	"net/http"

	"shapewatch/alerting"
)

// A shapeReply is what was learned of an operation, as the shape package
// encodes it: counts, hashes and the texts of codes, no payload.
type shapeReply struct {
	API       string   `json:"api"`
	Operation string   `json:"operation"`
	Answers   uint64   `json:"answers"`
	Shape     []byte   `json:"shape"` // base64
	Maps      []string `json:"maps"`  // paths that are read as maps, as pinned or as learned
}

// shapeJSON answers with the shape of an operation, by name.
func (s *site) shapeJSON(r *http.Request) (any, error) {
	l, err := s.look(r.Context())
	if err != nil {
		return nil, err
	}
	a, name := l.find(r.PathValue("api")), r.URL.Query().Get("operation")
	if a == nil {
		return nil, alerting.ErrNotFound
	}
	p := a.choose(name)
	if name != "" && p.Name != name {
		return nil, alerting.ErrNotFound
	}
	memory, err := s.Source.Recall(r.Context(), a.name, p.ID)
	if err != nil {
		return nil, fmt.Errorf("probe %s: %w", p.ID, err)
	}
	b, err := learned(memory)
	if err != nil {
		return nil, err
	}
	encoded, err := b.Shape.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("shape of %s: %w", p.ID, err)
	}
	return shapeReply{a.name, p.Operation, b.Answers(), encoded, append([]string{}, b.Reading().Maps...)}, nil
}
