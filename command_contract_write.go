package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/splice"
)

// overlayHead stands above a file of known mismatches that is new.
const overlayHead = `Where answers are known to differ from %s: told to nobody, only a change is.
What is taken out here is news when it shows next; a reason may be added to each.
shapewatch contract status says which do not hold any more.`

// writeReviews brings the files beside contracts in order: what is known is
// added, what does not hold any more is taken out, all else stays as it is
// written.
func writeReviews(reviews []*review, now time.Time, out io.Writer) error {
	var files []*overlay
	byFile := map[*overlay][]*review{}
	for _, r := range reviews {
		if r.overlay == nil {
			continue
		}
		if byFile[r.overlay] == nil {
			files = append(files, r.overlay)
		}
		byFile[r.overlay] = append(byFile[r.overlay], r)
	}
	for _, o := range files {
		if err := o.write(byFile[o], now, out); err != nil {
			return err
		}
	}
	return nil
}

// write edits one file; one that would list nothing is not made.
func (o *overlay) write(reviews []*review, now time.Time, out io.Writer) error {
	add, stale, edits := o.missing(reviews, now), o.stale(reviews), o.edited(reviews)
	taken := len(stale)
	if edits = append(edits, stale...); len(add)+len(edits) == 0 {
		fmt.Fprintf(out, "%s: as it should be\n", printable(o.shown))
		return nil
	}
	text := splice.Render(fmt.Sprintf(overlayHead, filepath.Base(reviews[0].Source)), splice.Object{{Name: "known", Value: splice.List(add)}})
	if o.text != nil {
		for _, entry := range add {
			edits = append(edits, splice.Edit{Op: splice.Add, Path: "/known/-", Value: entry})
		}
		var err error
		if text, err = splice.Apply(o.text, edits); err != nil {
			return fmt.Errorf("%s: %w; remove the file and write it anew, reasons are to be added again then", o.file, err)
		}
	}
	if err := o.save(text); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%s: wrote %s, %d new, %d taken out\n", printable(o.shown), count(len(o.entries)+len(add)-taken, "known mismatch"), len(add), taken)
	return err
}

// save puts a text in the place of the file, behind whatever links lead there.
// Nothing is written that a start would not take, nor over what somebody else
// saved meanwhile.
func (o *overlay) save(text []byte) error {
	if err := checkOverlay(o.file, text); err != nil {
		return fmt.Errorf("%s is left alone, what would be written could not be read back:\n%w", o.file, err)
	}
	if now, err := readBounded(o.file, maxFile); err == nil && (o.text == nil || !bytes.Equal(now, o.text)) {
		return fmt.Errorf("%s was edited meanwhile: it is left alone", o.file)
	}
	file := o.file
	if to, err := filepath.EvalSymlinks(file); err == nil {
		file = to
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // as a checkout has them
		return err
	}
	return (contractWriter{force: true}).save(file, text)
}

// missing are the mismatches that are known, hold, and are not listed.
func (o *overlay) missing(reviews []*review, now time.Time) (add []splice.Value) {
	var listed []contracts.Finding
	for _, r := range reviews {
		for _, l := range r.lines {
			same := func(f contracts.Finding) bool { return f.Operation == r.Operation && l.Same(f) }
			if l.entry != nil || l.Over() || slices.ContainsFunc(listed, same) {
				continue
			}
			f := l.Finding
			f.Operation = r.Operation
			listed = append(listed, f)
			since := l.Evidence.Since
			if since.IsZero() {
				since = now
			}
			add = append(add, splice.Object{
				{Name: "operation", Value: r.Operation}, {Name: "path", Value: l.Path}, {Name: "kind", Value: mismatchKind},
				{Name: "was", Value: l.was()}, {Name: "now", Value: l.Now}, {Name: "since", Value: since.UTC().Format(time.DateOnly)},
			})
		}
	}
	return add
}

// edited are the edits that say of the contract what it says now.
func (o *overlay) edited(reviews []*review) (edits []splice.Edit) {
	for i, e := range o.entries {
		for _, r := range reviews {
			if at := slices.IndexFunc(r.lines, func(l reviewLine) bool { return l.edited() && l.entry.same(e) }); at >= 0 {
				edits = append(edits, splice.Edit{Op: splice.Replace, Path: "/known/" + strconv.Itoa(i) + "/was", Value: r.lines[at].was()})
				break
			}
		}
	}
	return edits
}

// stale are the edits that take out what does not hold any more, last first. An
// entry that another probe of the operation still shows stays; one that never
// showed it has no say.
func (o *overlay) stale(reviews []*review) (edits []splice.Edit) {
	for i := len(o.entries) - 1; i >= 0; i-- {
		over, holds := false, false
		for _, r := range reviews {
			for _, l := range r.lines {
				if l.entry != nil && l.entry.same(o.entries[i]) {
					over, holds = over || l.Over(), holds || !l.Over() && !l.unseen
				}
			}
		}
		if over && !holds {
			edits = append(edits, splice.Edit{Op: splice.Remove, Path: "/known/" + strconv.Itoa(i)})
		}
	}
	return edits
}
