package contracts

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"shapewatch/probes"
)

// What it takes besides a score.
const (
	confirmVotes  = 3 // of the last votingWindow
	votingWindow  = 5
	confirmChecks = 2 // scheduled ones: re-probes alone cannot show that it lasts
	clearAnswers  = 2 // clean ones in a row
	clearAtMost   = 60
	clearMixed    = 300
	sureGone      = 0.95 // how sure it must be that a finding is over
	maxStreams    = 512
	maxKnown      = 64 // beside those that people wrote down
	agreedChecks  = 5  // valid answers in which a mismatch counts as having always been there
	settledProbes = 15
	// longestSuspicion is when a suspicion that never grew into a finding is
	// taken for content, a day at one check in five minutes.
	longestSuspicion = 288
	shortSuspicion   = 10 // clean answers after which a new key was no field
	maxAdditive      = 64 // of maxStreams; they must not crowd out what breaks
	longestWait      = 60 // answers; then a harmless finding is told whatever else is suspected
)

// Weigh adds the findings of one observation to the evidence of the checks
// before it and says what that amounts to. It moves the baseline's ledger,
// never what was learned; that is [Baseline.Learn].
func Weigh(b *Baseline, findings []Finding, o *Observation, p Policy) Verdict {
	w := weighing{baseline: b, observation: o, policy: p}
	b.why = nil
	b.review(p)
	w.settled = b.Answers() >= settledProbes || p.Sensitivity == Snapshot
	w.novelty = b.Unseen() <= unsettledMass || p.Sensitivity == Snapshot
	for _, f := range findings {
		w.deviates(f)
	}
	w.attend()
	w.agrees()
	return w.verdict()
}

// A weighing is one call of Weigh.
type weighing struct {
	baseline    *Baseline
	observation *Observation
	policy      Policy
	settled     bool
	novelty     bool      // may be more than good to know
	known       []Finding // mismatches of the first day that this observation shows again
	held        bool      // something in this observation must not be learned yet
}

// deviates counts a finding as evidence.
func (w *weighing) deviates(f Finding) {
	if f.Evidence.Rule.Agreed && w.park(f) {
		return
	}
	if f.Evidence.Rule.Novel && !w.novelty {
		f.Severity = Info
	}
	fp := f.Fingerprint()
	if slices.Contains(w.baseline.passed, fp) {
		return // accepted; not learned yet because of something else
	}
	s := w.baseline.tracked(fp)
	if s == nil {
		if !w.opens(f) {
			return
		}
		s = w.baseline.track(fp, f, w.observation.At)
		if s == nil {
			return
		}
	}
	if s.Asleep {
		s.wake(f, w.observation.At)
	}
	s.deviate(f, w.observation)
	s.confirm(w.policy)
	if s.holds() {
		w.held, w.baseline.why = true, append(w.baseline.why, fp)
	}
}

// opens reports whether a finding deserves a place on the ledger: before the
// baseline is settled everything is new, and only what does not depend on it
// counts, or what a person vouched for.
func (w *weighing) opens(f Finding) bool {
	return w.settled || w.baseline.vouched(f.Path) || f.Evidence.Told || f.Evidence.Rule.Sure || f.Evidence.Rule.Votes || f.Evidence.Rule.Agreed
}

// park keeps a mismatch with the contract that was there from the first day:
// the document was always wrong, nothing changed today. So is one that people
// wrote down as known, and one of which a person has just said that this is how
// the API answers now: the document will follow.
func (w *weighing) park(f Finding) bool {
	b := w.baseline
	if i := slices.IndexFunc(b.Known, func(k Mismatch) bool { return k.Same(f) }); i >= 0 {
		if b.Known[i].Was != f.Was {
			b.Known[i].Was, b.keeping.moved = f.Was, true // the contract was edited, and is wrong still
		}
		w.known = append(w.known, b.Known[i].Finding)
		return true
	}
	listed := w.policy.lists(f)
	if !listed && !w.parksNow(f) {
		return false
	}
	f.Severity, f.Evidence = Info, f.Evidence.plain()
	f.Evidence.Since = w.observation.At
	b.Known, w.known = append(b.Known, Mismatch{Finding: f, Listed: listed}), append(w.known, f)
	b.keeping.moved = true
	return true
}

// parksNow reports whether it is early enough, or close enough to somebody's
// word, for a mismatch to be no news.
func (w *weighing) parksNow(f Finding) bool {
	b := w.baseline
	if b.unlisted() >= maxKnown {
		return false
	}
	return b.accepts(f.Path, w.observation.At) || w.policy.Sensitivity != Snapshot && b.Answers() < agreedChecks
}

// agrees counts the silence about everything on the ledger that this
// observation could have spoken about.
func (w *weighing) agrees() {
	pending := w.pending()
	for _, s := range w.baseline.ledger {
		spoken := s.judged || w.speaks(s)
		s.look(w.observation, spoken)
		if s.judged || !spoken {
			continue
		}
		if s.watchesPath() && (!s.Confirmed || s.waits(pending)) && w.observation.view().holdsKey(s.Finding.Path) {
			s.goesOn(w.observation)
			s.confirm(w.policy)
			continue
		}
		if s.Asleep {
			s.rests(w.observation)
			continue
		}
		s.agree(w.observation)
		s.confirm(w.policy)
	}
}

// speaks reports whether the observation is a trial of a stream's fact.
func (w *weighing) speaks(s *stream) bool {
	o := w.observation
	switch valid := o.Class == probes.Valid; s.Rule.Trial {
	case EveryReply:
		return o.Class.Answered()
	case EveryLook:
		return o.Inflow != nil
	case EveryRefusal:
		return o.Class == probes.Status || o.Class == probes.ErrorEnvelope
	case EveryParent:
		if v := s.Finding.Evidence.Variant; v != nil {
			return valid && o.hasVariant(v)
		}
		return valid && o.view().holds(ParentOf(s.Finding.Path))
	case EveryValue:
		return valid && o.view().has(s.Finding.Path)
	default:
		return valid
	}
}

// verdict sorts the ledger into what is confirmed, suspected and over.
func (w *weighing) verdict() Verdict {
	// Of samples that come months apart each is told once and learned: there
	// is no waiting for the next.
	v := Verdict{Learned: w.observation.Class == probes.Valid && (!w.held || w.policy.Sensitivity == Snapshot)}
	kept, pending := w.baseline.ledger[:0], w.pending()
	for _, s := range w.baseline.ledger {
		switch {
		case s.Asleep && !s.Return.waits():
			continue
		case s.Asleep:
		case s.over() && !s.Confirmed && s.Return.waits():
			s.sleep()
		case s.over():
			if s.Confirmed {
				v.Cleared = append(v.Cleared, s.fingerprint)
				if s.spoils() {
					w.baseline.spoilt = append(w.baseline.spoilt, s.fingerprint)
				}
			}
			continue
		case s.Confirmed && !s.waits(pending):
			s.Shown = true
			v.Confirmed = append(v.Confirmed, s.told(w.policy))
			if s.Clean > 0 {
				v.Fading = append(v.Fading, s.fingerprint)
			}
		case s.judged && s.Finding.Severity > Info:
			v.Suspected = append(v.Suspected, s.told(w.policy))
			v.asks(s)
		case s.Unsure && s.Finding.Severity > Info:
			v.asks(s)
		}
		s.judged = false
		kept = append(kept, s)
	}
	clear(w.baseline.ledger[len(kept):])
	w.baseline.ledger = kept
	v.Confirmed = append(v.Confirmed, w.known...)
	sortFindings(v.Confirmed)
	sortFindings(v.Suspected)
	slices.Sort(v.Fading)
	slices.Sort(v.Cleared)
	return v
}

// pending are the times at which what is only suspected began. It need not show
// in this observation, only lately: some servers of a vendor may be behind.
func (w *weighing) pending() (since []time.Time) {
	for _, s := range w.baseline.ledger {
		if !s.Confirmed && s.Votes != 0 && s.Finding.Severity > Info {
			since = append(since, s.Finding.Evidence.Since)
		}
	}
	return since
}

// waits reports whether a harmless finding is not told yet, because something
// that began in the same answer may turn out to be the news: a new field is
// half of a rename until the old one's absence is certain. What was told once
// is not taken back.
func (s *stream) waits(pending []time.Time) bool {
	return s.Rule.Additive && !s.Shown && s.Finding.Evidence.Of < longestWait && slices.ContainsFunc(pending, s.Finding.Evidence.Since.Equal)
}

// times is "in 3 of 5 answers".
func times(n, of int) string { return fmt.Sprintf("in %d of %d answers", n, of) }

// onceOf puts the numbers of the run behind a detector's words.
func onceOf(words string, n, of int) string {
	if words == "" || of == 0 || strings.Contains(words, " answers") {
		return words
	}
	return words + ", " + times(n, cmp.Or(of, n))
}
