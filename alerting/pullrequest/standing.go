package pullrequest

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
)

// rebuildBox is the check box that stands last in every body of ours. Ticked,
// it lets us write over a person's commits: over those that we have seen, for
// whoever ticks it cannot mean what is pushed later.
const rebuildBox = "Rebuild this branch"

var boxLine = regexp.MustCompile(`(?m)^- \[([ xX])\] ` + rebuildBox)

// ticked reports whether the last such box of a body is ticked: what a vendor's
// text holds stands before ours.
func ticked(body string) bool {
	found := boxLine.FindAllStringSubmatch(strings.ReplaceAll(body, "\r\n", "\n"), -1)
	return len(found) > 0 && found[len(found)-1][1] != " "
}

func unticked(body string) string {
	return boxLine.ReplaceAllString(body, "- [ ] "+rebuildBox)
}

// keep makes an open request say what is wished.
func (r *reconciler) keep(ctx context.Context, w Wish, now Request) (Outcome, error) {
	m, _ := readMark(now.Body)
	tip, ours, err := r.untouched(ctx, w.Branch, now, &m)
	switch {
	case err != nil:
		return Outcome{}, err
	case !ours && !(ticked(now.Body) && m.Manual != "" && sameCommit(m.Manual, tip)):
		return r.yield(ctx, now, m, tip)
	case ours && m.Content == w.content() && !ticked(now.Body):
		return r.reword(ctx, w, now, m, tip)
	}
	commit, err := r.push(ctx, w, tip)
	if errors.Is(err, ErrMoved) {
		return r.overtaken(ctx, w, now, err)
	}
	if err != nil {
		return Outcome{}, err
	}
	return r.reword(ctx, w, now, m, commit)
}

// overtaken is for a branch that moved while we looked: a person's commit is
// respected, one of another run of ours is looked at the next time.
func (r *reconciler) overtaken(ctx context.Context, w Wish, now Request, moved error) (Outcome, error) {
	m, _ := readMark(now.Body)
	now.Tip = ""
	tip, ours, err := r.untouched(ctx, w.Branch, now, &m)
	if err != nil || ours {
		return Outcome{}, errors.Join(moved, err)
	}
	return r.yield(ctx, now, m, tip)
}

// untouched tells the last commit of a request's branch, and whether it is
// ours. It corrects what the mark says of it: we may have been interrupted
// between committing and saying so. A branch that somebody has removed while
// the request stands is made anew.
func (r *reconciler) untouched(ctx context.Context, branch string, now Request, m *mark) (tip string, ours bool, err error) {
	if now.Tip != "" && m.Commit != "" && sameCommit(m.Commit, now.Tip) {
		return now.Tip, true, nil
	}
	last, err := r.tip(ctx, branch)
	if err != nil || last.ID == "" {
		m.Content = ""
		return "", err == nil, err
	}
	m.Content, err = r.ours(ctx, branch, last)
	return last.ID, m.Content != "", err
}

// reword edits title, body, draft and labels when they are not what we would
// write. A draft that a person has made ready stays so until the wish changes.
func (r *reconciler) reword(ctx context.Context, w Wish, now Request, before mark, commit string) (Outcome, error) {
	after := w.mark(commit)
	if before.Words == after.Words && sameCommit(before.Commit, commit) && before.Content == after.Content && before.Manual == "" && !ticked(now.Body) {
		return Outcome{Did: Kept, Request: now}, nil
	}
	now.Tip, now.Title, now.Body = commit, w.Title, after.write(w.Body)
	if before.Draft != w.Draft {
		now.Draft = w.Draft
	}
	now.Labels = labelled(now.Labels, before.Manual != "", w.Labels)
	return Outcome{Did: Updated, Request: now}, r.Edit(ctx, now)
}

// labelled adds labels to those there are.
func labelled(labels []string, manual bool, wanted []string) []string {
	labels = slices.DeleteFunc(slices.Clone(labels), func(l string) bool {
		return manual && l == ManualLabel || severityLabel(l) && !slices.Contains(wanted, l)
	})
	for _, l := range wanted {
		if !slices.Contains(labels, l) {
			labels = append(labels, l)
		}
	}
	return labels
}

// severityLabel reports whether a label is one that we move.
func severityLabel(l string) bool { return l == "breaking" || l == "warning" || l == "info" }

const manualRemark = "This branch now holds commits that are not from shapewatch, so shapewatch leaves it alone: " +
	"nothing is written here any more, whatever else the API changes.\n\n" +
	"To hand it back, tick \"" + rebuildBox + "\" in the description. **Those commits are then written over.**"

// yield leaves a branch to the person who has committed there, and says so
// once.
func (r *reconciler) yield(ctx context.Context, now Request, m mark, tip string) (Outcome, error) {
	outcome := Outcome{Did: Manual, Request: now, Words: "a person has committed to its branch"}
	title, said := wanted(now.Title), m.Manual != ""
	if said && sameCommit(m.Manual, tip) && title == now.Title && !ticked(now.Body) {
		return outcome, nil
	}
	asked := ticked(now.Body)
	m.Manual, now.Title = tip, title
	now.Body = m.write(unticked(withoutMark(now.Body)))
	if r.traits.Labels {
		now.Labels = labelled(now.Labels, false, []string{ManualLabel})
	}
	if err := r.Edit(ctx, now); err != nil {
		return outcome, err
	}
	if outcome.Request = now; said && !asked {
		return outcome, nil
	}
	return outcome, r.Comment(ctx, now, manualRemark)
}

// wanted is a title without the words that say that it is over.
func wanted(title string) string {
	return strings.TrimSuffix(strings.TrimSuffix(title, resolved), abandoned)
}

// withoutMark is a body without the marks in it.
func withoutMark(body string) string {
	return strings.TrimRight(markLine.ReplaceAllString(strings.ReplaceAll(body, "\r\n", "\n"), ""), "\n") + "\n"
}

// end closes a request that nothing is wanted of any more. One whose branch
// holds a person's commits is only told so.
func (r *reconciler) end(ctx context.Context, w Wish, now Request) (Outcome, error) {
	m, _ := readMark(now.Body)
	tip, ours, err := r.untouched(ctx, w.Branch, now, &m)
	if err != nil {
		return Outcome{}, err
	}
	if !ours {
		return r.abandon(ctx, w, now, m)
	}
	if !strings.HasSuffix(now.Title, resolved) {
		if now, err = r.farewell(ctx, now, m, resolved, w.Over); err != nil {
			return Outcome{}, err
		}
	}
	if err := r.Close(ctx, now); err != nil {
		return Outcome{}, err
	}
	delete(r.standing, w.Branch)
	now.State, now.Ended = Closed, r.now
	if tip == "" {
		return Outcome{Did: Ended, Request: now, Words: w.Over}, nil
	}
	if err := r.DeleteBranch(ctx, w.Branch, tip); err != nil && !errors.Is(err, ErrMoved) {
		return Outcome{}, err
	}
	return Outcome{Did: Ended, Request: now, Words: w.Over}, nil
}

func (r *reconciler) abandon(ctx context.Context, w Wish, now Request, m mark) (Outcome, error) {
	outcome := Outcome{Did: Manual, Request: now, Words: "nothing asks for it any more; a person has committed to its branch, so it is left open"}
	if strings.HasSuffix(now.Title, abandoned) {
		return outcome, nil
	}
	now, err := r.farewell(ctx, now, m, abandoned, w.Over+" The branch holds commits that are not from shapewatch, so it is left as it is.")
	outcome.Request = now
	return outcome, err
}

// farewell says in title and remark why nothing is wanted any more: the title
// first, for it is how the end is known as ours.
func (r *reconciler) farewell(ctx context.Context, now Request, m mark, suffix, why string) (Request, error) {
	m.Words = "" // to be written anew, should it be wanted again
	now.Title = wanted(now.Title) + suffix
	now.Body = m.write(withoutMark(now.Body))
	if err := r.Edit(ctx, now); err != nil {
		return now, err
	}
	return now, r.Comment(ctx, now, why)
}
