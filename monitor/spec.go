package monitor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
	"shapewatch/probes"
)

// A Spec is a vendor's published document that is watched for what it
// announces. Its probe asks for the document.
type Spec struct {
	Uses  []openapi.Use            // operations that the API's probes ask, and what of their answers is used
	Holds map[string]openapi.Asked // probes whose answers are held against the document, by ID: it is their contract
	Refs  bool                     // follow its references to other addresses
}

// read brings back what the published document says now. A document that did
// not change is not sent again, and one with the same bytes is not read again.
func (m *Monitor) read(ctx context.Context, p *post, probe probes.Probe) probes.Sample {
	known, accepted, err := m.recallPublication(ctx, p)
	if err != nil {
		return probes.Sample{
			Probe: probe.ID, At: time.Now(), Class: probes.Unreachable, Header: http.Header{},
			Problem: fmt.Sprintf("what is known of the document cannot be read: %v", err),
		}
	}
	sample := m.Asker.Do(ctx, p.Spec.conditional(probe, known))
	if sample.Class != probes.Valid {
		return sample
	}
	next, err := m.reread(ctx, p, known, &sample)
	if err != nil {
		sample.Class, sample.Problem, sample.Body = probes.Unreadable, err.Error(), nil
		return sample
	}
	next.accept(accepted)
	sample.Body, sample.Problem = nil, next.lacks()
	sample.Publication = &next.Publication
	return sample
}

// recallPublication is what is remembered of the document, and what people
// accepted of the API.
func (m *Monitor) recallPublication(ctx context.Context, p *post) (known publication, moves []contracts.Move, err error) {
	if known.Publication, err = m.Store.Publication(ctx, p.Probe.ID); err != nil {
		return known, nil, err
	}
	memory, err := m.Store.Recall(ctx, p.Probe.API, p.Probe.ID)
	if err != nil {
		return known, nil, err
	}
	baseline, err := contracts.Restore(memory.Baseline, memory.Lessons)
	if err != nil {
		return known, nil, err
	}
	return known, baseline.History, nil
}

// conditional is the probe that asks for the document if it is another one than
// is known, and all that is looked for was looked for in that.
func (s *Spec) conditional(p probes.Probe, known publication) probes.Probe {
	p.Document = true
	if s.Refs || known.For != s.key() || known.Tag == "" && known.Modified == "" {
		return p
	}
	p.Header, p.Expect = p.Header.Clone(), []int{http.StatusOK, http.StatusNotModified}
	if p.Header == nil {
		p.Header = http.Header{}
	}
	if known.Tag != "" {
		p.Header.Set("If-None-Match", known.Tag)
	}
	if known.Modified != "" {
		p.Header.Set("If-Modified-Since", known.Modified)
	}
	return p
}

// key is what is looked for, as one word.
func (s *Spec) key() string {
	text, _ := json.Marshal(struct {
		Uses []openapi.Use
		Refs bool
	}{s.Uses, s.Refs}) // plain texts always marshal
	return hash(text)
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// readingSpecs lets one document be read at a time: the largest ones take
// hundreds of megabytes for a second.
var readingSpecs = make(chan struct{}, 1)

// reread is what is to be remembered after an answer. The error says why it is
// no document that can be read.
func (m *Monitor) reread(ctx context.Context, p *post, known publication, s *probes.Sample) (publication, error) {
	next := known
	if s.Status == http.StatusNotModified {
		s.Status = http.StatusOK // it stands as it was
		return next.settled(), nil
	}
	next.Tag, next.Modified = s.Header.Get("Etag"), s.Header.Get("Last-Modified")
	next.Hash, next.For = hash(s.Body), p.Spec.key()
	if next.Hash == known.Hash && next.For == known.For && !p.Spec.Refs {
		return next.settled(), nil
	}
	select {
	case readingSpecs <- struct{}{}:
		defer func() { <-readingSpecs }()
	case <-ctx.Done():
		return next, ctx.Err()
	}
	others := referred{monitor: m, probe: p.Probe}
	document, err := openapi.Load(p.Probe.URL, s.Body, others.reader(ctx, p.Spec.Refs))
	if err != nil {
		return next, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "contract "))
	}
	next, err = next.settled().compare(document, p.Spec, s.At.UTC())
	if others.failed != nil {
		err = others.failed
	}
	return next, err
}
