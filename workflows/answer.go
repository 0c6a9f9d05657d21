package workflows

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"shapewatch/probes"
)

// An answer is what a step brought back.
type answer struct {
	step   string
	sample probes.Sample
	body   any  // decoded, numbers kept as written
	isJSON bool // there is a body, and it is JSON
}

// judge decides whether an answer is as it should be, and where it leads.
func (r *running) judge(s *Step, sample probes.Sample) (a answer, next string, err error) {
	a = answer{step: s.Name, sample: sample}
	next, branches := s.Next[sample.Status]
	switch {
	case branches && sample.Status != 0:
	case sample.Class != probes.Valid && !emptyAnswer(sample):
		return a, "", refused(sample)
	}
	a.read()
	if next == Fail {
		return a, Fail, nil
	}
	for _, want := range slices.Concat(s.Assert, s.Wait.Until) {
		value, err := r.trace.fill(want.Value, func(v string) string { return v })
		if err != nil {
			return a, "", fails(probes.Status, sample.Status, err.Error())
		}
		found, there := a.value(want.Path)
		if problem := want.fails(found, value, there); problem != "" {
			return a, "", fails(probes.Status, sample.Status, problem)
		}
	}
	return a, next, nil
}

// refused is a failure in the sample's words.
func refused(s probes.Sample) error {
	problem := s.Problem
	if problem == "" {
		problem = fmt.Sprintf("status %d", s.Status)
	}
	return fails(s.Class, s.Status, problem)
}

// emptyAnswer reports an answer with an expected status and no body, which is
// fine for a step: a DELETE answers so.
func emptyAnswer(s probes.Sample) bool {
	return s.Class == probes.NotJSON && len(bytes.TrimSpace(s.Body)) == 0 && s.Status >= 200 && s.Status < 300
}

func (a *answer) read() {
	decoder := json.NewDecoder(bytes.NewReader(a.sample.Body))
	decoder.UseNumber()
	a.isJSON = len(a.sample.Body) > 0 && decoder.Decode(&a.body) == nil && !decoder.More()
}

// value finds what an assertion or an extraction points at.
func (a *answer) value(path string) (text string, there bool) {
	if name, isHeader := strings.CutPrefix(path, "header:"); isHeader {
		text = a.sample.Header.Get(name)
		return text, text != ""
	}
	if !a.isJSON {
		return "", false
	}
	return lookUp(a.body, path)
}

// accept takes over what a good answer brought: its values, and what it made.
func (r *running) accept(ctx context.Context, s *Step, a answer) error {
	r.answers = append(r.answers, a)
	for _, name := range slices.Sorted(maps.Keys(s.Extract)) {
		value, there := a.value(s.Extract[name])
		switch {
		case !there:
			r.noteMade(s, a.sample)
			f := fails(probes.Status, a.sample.Status, fmt.Sprintf("no %s at %s", name, s.Extract[name]))
			f.missing = true
			return f
		case len(value) > maxValue:
			return fails(probes.OverLimit, a.sample.Status, fmt.Sprintf("%s at %s is longer than %d KiB", name, s.Extract[name], maxValue>>10))
		}
		r.trace.Values["steps."+s.Name+"."+name] = value
	}
	if !r.noteMade(s, a.sample) {
		return nil
	}
	if err := r.keep(ctx); err != nil {
		return fails(probes.Unreachable, 0, "the run cannot be written down: "+err.Error())
	}
	return nil
}

// noteMade adds what a step made, or may have made when its answer was lost.
func (r *running) noteMade(s *Step, sample probes.Sample) bool {
	sent := sample.Attempts > 0 && !sample.Unsent && (sample.Status == 0 || sample.Status >= 500 || sample.Status < 300)
	if !sent || safe(s.Ask) || r.cleaning(s) {
		return false
	}
	words, err := r.trace.fill(s.Makes, oneLine)
	switch {
	case err != nil || s.Makes == "":
		words = s.Name + " (" + r.trace.Values["run.name"] + ")"
	case !strings.Contains(s.Makes, "${"):
		words += " (" + r.trace.Values["run.name"] + ")"
	}
	if !sample.Class.Answered() || sample.Status >= 500 {
		words += perhaps
	}
	r.trace.Made, r.trace.MadeBy = append(r.trace.Made, words), append(r.trace.MadeBy, s.Name)
	return true
}

// perhaps marks what may not have been made after all.
const perhaps = ", perhaps"

// deny takes back what may have been made.
func (t *Trace) deny() {
	var made, by []string
	for i, words := range t.Made {
		if !strings.HasSuffix(words, perhaps) {
			made, by = append(made, words), append(by, t.MadeBy[i])
		}
	}
	t.Made, t.MadeBy = made, by
}

// cleaning reports whether a step belongs to the clean-up.
func (r *running) cleaning(s *Step) bool {
	return slices.ContainsFunc(r.workflow.Cleanup, func(c Step) bool { return c.Name == s.Name })
}
