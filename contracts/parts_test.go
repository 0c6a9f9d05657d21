package contracts_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

// A shelfful is a baseline as a store keeps it.
type shelfful struct {
	whole   []byte
	lessons [][]byte
	parts   map[string][]byte
}

// keep stores what a check leaves, and rolls up when it is time.
func (s *shelfful) keep(t *testing.T, b *contracts.Baseline) {
	t.Helper()
	if s.parts == nil {
		s.parts = map[string][]byte{}
	}
	if b.Crowded() {
		changed, err := b.RollUp(s.list())
		must(t, err)
		s.put(changed)
	}
	k, err := b.Keep()
	must(t, err)
	if k.Whole != nil {
		s.whole, s.lessons = k.Whole, nil
	} else {
		s.lessons = append(s.lessons, k.Lesson)
	}
	s.put(k.Parts)
}

func (s *shelfful) put(parts []contracts.Part) {
	for _, p := range parts {
		if s.parts[p.Key] = p.Bytes; p.Bytes == nil {
			delete(s.parts, p.Key)
		}
	}
}

func (s *shelfful) list() (parts []contracts.Part) {
	for key, encoded := range s.parts {
		parts = append(parts, contracts.Part{Key: key, Bytes: encoded})
	}
	return parts
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func encoded(t *testing.T, s *shape.Shape) []byte {
	t.Helper()
	raw, err := s.MarshalBinary()
	must(t, err)
	return raw
}

// moody answers otherwise now and then.
func moody(r *rand.Rand) string {
	switch r.IntN(12) {
	case 0:
		return `{"id":7,"status":"open"}`
	case 1:
		return `{"id":"seven","name":"lamp","status":"shut"}`
	}
	return fmt.Sprintf(`{"id":%d,"name":"lamp","status":"open","extra%d":%d}`, r.IntN(100), r.IntN(3), r.IntN(9))
}

func restored(t *testing.T) *diary {
	d := newDiary(t)
	var err error
	d.baseline, err = contracts.Restore(nil, nil)
	must(t, err)
	return d
}

func TestKeep_LessonsLeadToWhatTheWholeWouldHaveBeen(t *testing.T) {
	d, kept, r := restored(t), shelfful{}, rand.New(rand.NewPCG(1, 2))
	for i := range 400 {
		if r.IntN(20) == 0 {
			d.observe(contracts.Observation{At: d.at, Class: "unreachable"})
		} else {
			d.answer(moody(r))
		}
		kept.keep(t, d.baseline)
		want, err := d.baseline.MarshalBinary()
		must(t, err)
		back, err := contracts.Restore(kept.whole, kept.lessons)
		must(t, err)
		got, err := back.MarshalBinary()
		must(t, err)
		if !bytes.Equal(want, got) {
			t.Fatalf("check %d: what the whole and %d lessons lead to differs", i, len(kept.lessons))
		}
		if r.IntN(7) == 0 {
			d.baseline = back // a restart
		}
	}
}

func TestKeep_MostChecksWriteALessonOnly(t *testing.T) {
	d, kept, wholes := restored(t), shelfful{}, 0
	for range 120 {
		d.answer(whole)
		kept.keep(t, d.baseline)
		if len(kept.lessons) == 0 {
			wholes++
		}
	}
	if wholes > 20 {
		t.Errorf("%d of 120 checks wrote the whole baseline", wholes)
	}
}

func TestParts_AddUpToTheWhole(t *testing.T) {
	d, kept, r := restored(t), shelfful{}, rand.New(rand.NewPCG(3, 4))
	most := 0
	for range 2500 {
		d.answer(moody(r))
		d.at = d.at.Add(time.Duration(r.IntN(150)) * time.Minute)
		kept.keep(t, d.baseline)
		most = max(most, len(kept.parts))
	}
	if most > 48+14+13+1 {
		t.Errorf("%d parts at a time", most)
	}
	kinds := map[byte]int{}
	for key := range kept.parts {
		kinds[key[0]]++
	}
	if kinds['a'] != 1 || kinds['w'] < 11 || kinds['d'] < 7 || kinds['h'] < 10 {
		t.Errorf("parts by kind: %v", kinds)
	}
	sum, err := d.baseline.Sum(kept.list())
	must(t, err)
	if !bytes.Equal(sum, encoded(t, d.baseline.Shape)) {
		t.Error("the parts and the hour do not add up to what was learned")
	}
}

func TestForget_IsAsIfItHadNeverBeenLearned(t *testing.T) {
	all, kept, without := restored(t), shelfful{}, restored(t)
	poison := all.at.Add(30 * time.Hour).Truncate(time.Hour)
	for i := range 12 * 48 {
		body := fmt.Sprintf(`{"id":%d,"name":"lamp"}`, i%9)
		inside := !all.at.Before(poison) && all.at.Before(poison.Add(2*time.Hour))
		if inside {
			body = fmt.Sprintf(`{"id":%d,"name":"lamp","oops":%d}`, i%9, i)
			without.at = without.at.Add(5 * time.Minute)
		} else {
			without.answer(body)
		}
		all.answer(body)
		kept.keep(t, all.baseline)
	}
	if _, ok := all.baseline.Shape.Field("/oops"); !ok {
		t.Fatal("there is nothing to forget")
	}
	gone, m, err := all.baseline.Forget(kept.list(), poison.Add(time.Minute), poison.Add(70*time.Minute), contracts.Acceptance{By: "ada", Why: "a bad deploy"})
	must(t, err)
	var keys []string
	for _, p := range gone {
		keys = append(keys, p.Key)
	}
	slices.Sort(keys)
	if got := strings.Join(keys, " "); got != "h2026-03-03T18 h2026-03-03T19" || m.Answers != 24 {
		t.Errorf("gone: %s, %d answers", got, m.Answers)
	}
	if !bytes.Equal(encoded(t, all.baseline.Shape), encoded(t, without.baseline.Shape)) {
		t.Error("what is left is not what would have been learned without that time")
	}
	if h := all.baseline.History; len(h) != 1 || h[0].By != "ada" || h[0].Why != "a bad deploy" || !h[0].From.Equal(poison) || !h[0].To.Equal(poison.Add(2*time.Hour)) {
		t.Errorf("history %+v", h)
	}
}

func TestForget_SaysThatNothingWasLearnedThen(t *testing.T) {
	d, kept := restored(t), shelfful{}
	d.answers(20, whole)
	kept.keep(t, d.baseline)
	_, _, err := d.baseline.Forget(kept.list(), d.at.Add(-90*24*time.Hour), d.at.Add(-80*24*time.Hour), contracts.Acceptance{})
	if err == nil || d.baseline.Answers() != 20 {
		t.Errorf("%v, %d answers left", err, d.baseline.Answers())
	}
}

func TestForget_DoesNotBringBackWhatWasAcceptedToBeOver(t *testing.T) {
	d, kept := restored(t), shelfful{}
	d.answers(60, whole)
	var v contracts.Verdict
	for range 30 {
		v = d.answer(without)
		kept.keep(t, d.baseline)
	}
	if accepted := d.baseline.Accept(contracts.Acceptance{By: "ada", At: d.at, Through: "page", Why: "announced"}, v.Confirmed[0].Fingerprint()); len(accepted) != 1 {
		t.Fatalf("accepted %v", accepted)
	}
	for range 40 {
		d.answer(without)
		kept.keep(t, d.baseline)
	}
	_, _, err := d.baseline.Forget(kept.list(), d.at.Add(-time.Minute), d.at, contracts.Acceptance{})
	must(t, err)
	if f, ok := d.baseline.Shape.Field("/name"); ok {
		t.Errorf("/name is known again: %+v", f.Probes)
	}
	if h := d.baseline.History; len(h) != 2 || h[0].Findings[0] != "field-removed /name" || h[0].Through != "page" {
		t.Errorf("history %+v", h)
	}
}

func TestRestore_ReadsWhatTheVersionBeforeWrote(t *testing.T) {
	d := newDiary(t)
	d.answers(40, whole)
	old, err := d.baseline.MarshalBinaryV1()
	must(t, err)
	b, err := contracts.Restore(old, nil)
	must(t, err)
	if b.Answers() != 40 || !bytes.Equal(encoded(t, b.Shape), encoded(t, d.baseline.Shape)) {
		t.Errorf("%d answers", b.Answers())
	}
	k, err := b.Keep()
	must(t, err)
	if len(k.Parts) != 1 || k.Parts[0].Key != "a" || k.Whole == nil {
		t.Errorf("what was learned without parts: %d parts, whole %t", len(k.Parts), k.Whole != nil)
	}
}
