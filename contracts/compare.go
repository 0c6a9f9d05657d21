package contracts

import (
	"cmp"
	"slices"
	"strings"

	"shapewatch/probes"
)

// maxFindings bounds what one observation can report; a vendor that replaces
// everything must not fill the store.
const maxFindings = 256

// Compare runs the detectors over an observation and returns candidate
// findings, complete but for what [Weigh] adds: each names its API, operation,
// kind and severity, ignored ones are left out, a rename is told as one. They
// are sorted, worst first, then by path and kind.
func Compare(c *Comparison, detectors []Detector) []Finding {
	if c.Baseline == nil {
		c.Baseline = NewBaseline()
	}
	c.agree()
	if c.Policy.Sensitivity == Snapshot || c.Baseline.alert() {
		c.Baseline.renew()
	}
	c.run(detectors)
	if len(c.Found) > 0 && c.Baseline.seenAt != c.Baseline.Answers() {
		c.Baseline.refresh()
		c.run(detectors)
	}
	c.secondOpinion(detectors)
	c.heed()
	c.tieRenames()
	c.countEntities()
	sortFindings(c.Found)
	return slices.Clone(c.Found[:min(len(c.Found), maxFindings)])
}

// run lets each detector that applies look once.
func (c *Comparison) run(detectors []Detector) {
	c.Found, c.both = nil, nil
	valid := c.Observation.Class == probes.Valid
	for _, d := range detectors {
		if c.Policy.Off[d.Name] || !valid && !d.Always {
			continue
		}
		c.Found = c.collect(d)
	}
}

// collect runs one detector and adds its findings to those of the others.
func (c *Comparison) collect(d Detector) []Finding {
	var mine []Finding
	for _, f := range d.Detect(c) {
		f.API, f.Operation, f.Kind, f.Evidence.Rule = c.Policy.API, cmp.Or(f.Operation, c.Policy.Operation), d.Name, d.Rule
		if f.Severity == Info {
			f.Severity = d.Severity
		}
		f.Severity, f.Usual = c.Policy.judge(f), f.Severity.String()
		if f.Severity.String() == f.Usual {
			f.Usual = ""
		}
		if !c.Policy.ignores(f) {
			mine = append(mine, f)
		}
	}
	if d.Absorbs && len(mine) > 0 {
		return append(slices.DeleteFunc(c.Found, c.Fresh), mine...)
	}
	return append(c.Found, mine...)
}

// Fresh reports whether a finding deviates for the first time, or for the first
// time again: nothing about it is suspected yet.
func (c *Comparison) Fresh(f Finding) bool {
	s := c.Baseline.tracked(f.Fingerprint())
	return s == nil || s.Asleep
}

// judge is the severity of a finding for this user.
func (p Policy) judge(f Finding) Severity {
	if s, ok := p.Severity[f.Kind]; ok {
		return s
	}
	if !p.reads(f.Path) {
		return Info
	}
	return f.Severity
}

// reads reports whether a change at path can touch what the user reads: the
// path itself, something above it, or something below it. The whole response
// and its headers touch everybody.
func (p Policy) reads(path string) bool {
	if len(p.Uses) == 0 || path == "" || !strings.HasPrefix(path, "/") {
		return true
	}
	return slices.ContainsFunc(p.Uses, func(use string) bool { return below(path, use) || below(use, path) })
}

// below reports whether path is at or below root.
func below(path, root string) bool {
	root = strings.TrimSuffix(root, "/")
	return path == root || strings.HasPrefix(path, root+"/")
}

func (p Policy) ignores(f Finding) bool {
	return slices.ContainsFunc(p.Ignore, func(i Ignore) bool {
		return (i.Kind == "" || i.Kind == f.Kind) && (i.Path == "" || below(f.Path, i.Path))
	})
}

func sortFindings(fs []Finding) {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Kind, b.Kind))
	})
}
