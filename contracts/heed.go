package contracts

import "strings"

// heed lets the contract speak about what the detectors found: a change that
// the contract foresees is milder, one that breaks it is told once, as the
// change it is, and at its worst.
func (c *Comparison) heed() {
	if c.Contract == nil {
		return
	}
	broken := map[string]bool{}
	for _, f := range c.Found {
		if f.Evidence.Rule.Agreed {
			broken[f.Path] = true
		}
	}
	told := map[string]bool{}
	for i, f := range c.Found {
		if f.Evidence.Rule.Agreed || !strings.HasPrefix(f.Path, "/") || f.Severity == Info {
			continue
		}
		told[f.Path] = true
		if _, overridden := c.Policy.Severity[f.Kind]; overridden {
			continue
		}
		c.Found[i].Severity = c.weighAgainstContract(f, broken[f.Path])
	}
	kept := c.Found[:0]
	for _, f := range c.Found {
		if !f.Evidence.Rule.Agreed || !told[f.Path] {
			kept = append(kept, f)
		}
	}
	c.Found = kept
}

func (c *Comparison) weighAgainstContract(f Finding, broken bool) Severity {
	switch {
	case broken:
		return Breaking
	case c.foreseen(f):
		return max(f.Severity-1, Info)
	}
	return f.Severity
}

const kindMismatch = "contract-mismatch"

// foreseen reports whether the contract allows what was found: it speaks of
// the place and of such facts, and would have been heard had it objected.
func (c *Comparison) foreseen(f Finding) bool {
	objection := Finding{Path: f.Path, Kind: kindMismatch}
	return !f.Evidence.Rule.Beyond && c.Contract.Covers(f.Path) && !c.Policy.Off[kindMismatch] && !c.Policy.ignores(objection)
}
