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
	case c.Contract.Covers(f.Path):
		return max(f.Severity-1, Info)
	}
	return f.Severity
}
