package monitor

import (
	"context"
	"fmt"
	"slices"

	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
	"shapewatch/probes"
	"shapewatch/workflows"
)

// contracts are what a document, as it is known, agreed for the probes whose
// answers are held against it.
func (s *Spec) contracts(address string, known probes.Publication) (map[string]*contracts.Contract, error) {
	all := map[string]*contracts.Contract{}
	for _, k := range known.Known {
		if len(k.Text) == 0 {
			continue
		}
		text, err := unzip(k.Text)
		if err != nil {
			return nil, err
		}
		d, err := openapi.Load(address, text, nil)
		if err != nil {
			return nil, err
		}
		for probe, asked := range s.Holds {
			if !slices.Contains(k.Of, asked.String()) {
				continue
			}
			if c, _, err := d.Contract(asked); err == nil { // else it is missing, which is told
				all[probe] = c
			}
		}
	}
	return gathered(all), nil
}

// hold makes the contracts of a document those of the probes they are for.
func (m *Monitor) hold(posts map[string]*post, p *post, known probes.Publication) {
	agreed, err := p.Spec.contracts(p.Probe.URL, known)
	if err != nil {
		m.Log.Error("a contract is not what it was", "probe", p.Probe.ID, "err", err)
		return
	}
	for id := range p.Spec.Holds {
		probe, _, _ := workflows.StepOf(id)
		if held := posts[probe]; held != nil {
			held.agreed.Store(agreed[probe])
		}
	}
}

// holdKnown holds answers against the documents that are known from before, so
// that a start asks nobody.
func (m *Monitor) holdKnown(ctx context.Context, posts map[string]*post) error {
	for _, p := range posts {
		if p.Spec == nil || len(p.Spec.Holds) == 0 {
			continue
		}
		known, err := m.Store.Publication(ctx, p.Probe.ID)
		if err != nil {
			return fmt.Errorf("what is known of %s: %w", p.Probe.ID, err)
		}
		m.hold(posts, p, known)
	}
	return nil
}

// watch is a post's watch with the contract that holds now.
func (p *post) watch() Watch {
	w := p.Watch
	w.Contract = laidOver(w.Contract, p.agreed.Load())
	return w
}

// Contract is what was agreed for a probe, as it holds now; nil for nothing.
func (m *Monitor) Contract(probe string) *contracts.Contract {
	if p := (*m.watched.Load())[probe]; p != nil {
		return p.watch().Contract
	}
	return nil
}

// Agree fills in the contracts that come from documents at addresses: as the
// store knows them, and with ask those that it does not know by reading them
// now. What cannot be read leaves its probes without a contract.
func (m *Monitor) Agree(ctx context.Context, watches []Watch, ask bool) ([]Watch, error) {
	filled := slices.Clone(watches)
	for _, w := range watches {
		if w.Spec == nil || len(w.Spec.Holds) == 0 {
			continue
		}
		known, err := m.Store.Publication(ctx, w.Probe.ID)
		if err != nil {
			return nil, fmt.Errorf("what is known of %s: %w", w.Probe.ID, err)
		}
		if len(known.Known) == 0 && ask {
			if s := m.read(ctx, &post{Watch: w}, w.Probe); s.Publication != nil {
				known = *s.Publication
			}
		}
		agreed, err := w.Spec.contracts(w.Probe.URL, known)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.Probe.ID, err)
		}
		for i := range filled {
			filled[i].Contract = laidOver(filled[i].Contract, agreed[filled[i].Probe.ID])
		}
	}
	return filled, nil
}
