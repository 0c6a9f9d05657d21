package storetest

import (
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

var baselines = map[string]func(*testing.T, Store){
	"Baseline_LessonsFollowTheWholeUntilTheNext": lessons,
	"Baseline_PartsComeAndGo":                    parts,
	"Baseline_AMoveReplacesItAndEndsItsLessons":  move,
	"Baseline_IsLeftOutForWhoHasItsEdition":      editions,
	"Baseline_ACheckFromBeforeAMoveIsStale":      moveConflict,
	"Baseline_AProbeLongGoneLeavesNothingOfIt":   moveGone,
}

// again commits one more outcome of a/1, a minute later each time.
func again(t *testing.T, s Store, at *time.Time, edit func(*alerting.Outcome)) error {
	t.Helper()
	*at = at.Add(time.Minute)
	o := outcome(claimOne(t, s, *at), *at)
	edit(&o)
	return s.Commit(t.Context(), o)
}

func recalled(t *testing.T, s Store) (whole, followed string, moves uint64) {
	t.Helper()
	memory, err := s.Recall(t.Context(), "a", "a/1")
	must(t, err)
	for _, lesson := range memory.Lessons {
		followed += string(lesson) + " "
	}
	return string(memory.Baseline), followed, memory.Moves
}

// editions: an outcome or a move makes another edition, whoever has it is given
// no baseline, and nobody has the zero one.
func editions(t *testing.T, s Store) {
	at := start()
	checked(t, s, at, func(o *alerting.Outcome) { o.Baseline, o.Lesson = []byte("one"), []byte("a") })
	beside := func(has alerting.Edition) alerting.Memory {
		memory, err := s.RecallBeside(t.Context(), "a", "a/1", has)
		must(t, err)
		return memory
	}
	first := beside(alerting.Edition{})
	same(t, []any{false, "one", 1}, []any{first.Same, string(first.Baseline), len(first.Lessons)})
	known := beside(first.Edition)
	same(t, []any{true, "", 0}, []any{known.Same, string(known.Baseline), len(known.Lessons)})
	must(t, again(t, s, &at, func(*alerting.Outcome) {}))
	later := beside(first.Edition)
	same(t, []any{false, "one", first.Next()}, []any{later.Same, string(later.Baseline), later.Edition})
	must(t, s.MoveBaseline(t.Context(), "a/1", 0, []byte("two"), nil))
	moved := beside(later.Edition)
	same(t, []any{false, "two", uint64(1)}, []any{moved.Same, string(moved.Baseline), moved.Moves})
	same(t, true, beside(moved.Edition).Same)
}

func keys(t *testing.T, s Store) (all string) {
	t.Helper()
	kept, err := s.Parts(t.Context(), "a/1")
	must(t, err)
	for _, p := range kept {
		all += p.Key + "=" + string(p.Bytes) + " "
	}
	return all
}

func lessons(t *testing.T, s Store) {
	at := start()
	checked(t, s, at, func(o *alerting.Outcome) { o.Baseline = []byte("one") })
	for _, lesson := range []string{"a", "b", "c"} {
		must(t, again(t, s, &at, func(o *alerting.Outcome) { o.Lesson = []byte(lesson) }))
	}
	whole, followed, _ := recalled(t, s)
	same(t, "one a b c ", whole+" "+followed)
	must(t, again(t, s, &at, func(*alerting.Outcome) {}))
	whole, followed, _ = recalled(t, s)
	same(t, "one a b c ", whole+" "+followed)
	must(t, again(t, s, &at, func(o *alerting.Outcome) { o.Baseline = []byte("two") }))
	whole, followed, _ = recalled(t, s)
	same(t, "two ", whole+" "+followed)
}

func parts(t *testing.T, s Store) {
	at := start()
	part := func(key, bytes string) contracts.Part { return contracts.Part{Key: key, Bytes: []byte(bytes)} }
	checked(t, s, at, func(o *alerting.Outcome) {
		o.Parts = []contracts.Part{part("h2", "x"), part("h1", "y"), part("d1", "z")}
	})
	same(t, "d1=z h1=y h2=x ", keys(t, s))
	must(t, again(t, s, &at, func(o *alerting.Outcome) {
		o.Parts = []contracts.Part{{Key: "h1"}, part("h2", "new"), {Key: "never"}}
	}))
	same(t, "d1=z h2=new ", keys(t, s))
	other, err := s.Parts(t.Context(), "a")
	must(t, err)
	same(t, 0, len(other))
}

func move(t *testing.T, s Store) {
	at := start()
	checked(t, s, at, func(o *alerting.Outcome) {
		o.Baseline, o.Parts = []byte("one"), []contracts.Part{{Key: "h1", Bytes: []byte("y")}}
	})
	must(t, again(t, s, &at, func(o *alerting.Outcome) { o.Lesson = []byte("a") }))
	must(t, s.MoveBaseline(t.Context(), "a/1", 0, []byte("moved"), []contracts.Part{{Key: "h1"}}))
	whole, followed, moves := recalled(t, s)
	same(t, "moved ", whole+" "+followed)
	same(t, uint64(1), moves)
	same(t, "", keys(t, s))
	same(t, alerting.ErrNotFound, s.MoveBaseline(t.Context(), "nobody", 0, []byte("x"), nil))
}

func moveConflict(t *testing.T, s Store) {
	at := start()
	checked(t, s, at, func(o *alerting.Outcome) { o.Baseline = []byte("one") })
	at = at.Add(time.Minute)
	c := claimOne(t, s, at)
	must(t, s.MoveBaseline(t.Context(), "a/1", 0, []byte("moved"), nil))
	o := outcome(c, at)
	o.Baseline = []byte("from before")
	same(t, alerting.ErrConflict, s.Commit(t.Context(), o))
	same(t, alerting.ErrConflict, s.MoveBaseline(t.Context(), "a/1", 0, []byte("late"), nil))
	o.Moves = 1 // recalled and decided again
	must(t, s.Commit(t.Context(), o))
	whole, _, moves := recalled(t, s)
	same(t, "from before", whole)
	same(t, uint64(1), moves)
}

func moveGone(t *testing.T, s Store) {
	at := start()
	checked(t, s, at, func(o *alerting.Outcome) {
		o.Baseline, o.Parts = []byte("one"), []contracts.Part{{Key: "h1", Bytes: []byte("y")}}
	})
	must(t, again(t, s, &at, func(o *alerting.Outcome) { o.Lesson = []byte("a") }))
	must(t, s.MoveBaseline(t.Context(), "a/1", 0, []byte("moved"), nil))
	must(t, s.Register(t.Context(), nil))
	must(t, s.Sweep(t.Context(), time.Now().Add(Keep.Hours+time.Hour)))
	whole, followed, moves := recalled(t, s)
	same(t, " ", whole+" "+followed)
	same(t, uint64(0), moves)
	same(t, "", keys(t, s))
}
