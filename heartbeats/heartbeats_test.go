package heartbeats_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"shapewatch/heartbeats"
	"shapewatch/probes"
)

var start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// hourly is a job that is due an hour after its last success.
var hourly = heartbeats.Expectation{
	Next:  func(after time.Time) time.Time { return after.Add(time.Hour) },
	Grace: 5 * time.Minute, Since: start,
}

func at(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }

func beat(minutes int, kind heartbeats.Kind) heartbeats.Beat {
	return heartbeats.Beat{At: at(minutes), Kind: kind, Items: -1}
}

// runs are n good runs of ten minutes, an hour apart, that did items.
func runs(n int, items int64) (beats []heartbeats.Beat) {
	for i := range n {
		end := beat(i*60+10, heartbeats.Success)
		end.Items = items
		beats = append(beats, beat(i*60, heartbeats.Start), end)
	}
	return beats
}

func TestJudge_SaysWhatAJobDoes(t *testing.T) {
	failure := func(minutes, attempt int, text string) heartbeats.Beat {
		b := beat(minutes, heartbeats.Failure)
		b.Attempt = attempt
		b.Fail(text)
		return b
	}
	other := beat(361, heartbeats.Start)
	other.Run = "b"
	nothing := beat(370, heartbeats.Success)
	nothing.Items = 0
	for name, test := range map[string]struct {
		beats []heartbeats.Beat
		now   int // minutes
		want  probes.Job
	}{
		"never heard, still in time": {nil, 64, probes.Job{Deadline: at(65), Items: -1, UsualItems: -1}},
		"never heard":                {nil, 66, probes.Job{Deadline: at(65), Late: time.Minute, Missed: 1, Items: -1, UsualItems: -1}},
		"on time":                    {runs(6, 100), 320, probes.Job{Deadline: at(375), LastSuccess: at(310), Allowed: 30 * time.Minute, Items: 100, UsualItems: 100, Successes: 6}},
		"missed thrice": {runs(6, 100), 500, probes.Job{
			Deadline: at(375), Late: 125 * time.Minute, Missed: 3, LastSuccess: at(310), Allowed: 30 * time.Minute, Items: 100, UsualItems: 100, Successes: 6,
		}},
		"running for long": {append(runs(6, 100), beat(360, heartbeats.Start)), 400, probes.Job{
			Deadline: at(375), Late: 25 * time.Minute, Missed: 1, LastSuccess: at(310), Open: 1, RunningFor: 40 * time.Minute, Allowed: 30 * time.Minute, Items: 100, UsualItems: 100, Successes: 6,
		}},
		"two at a time": {append(runs(6, 100), beat(360, heartbeats.Start), other), 362, probes.Job{
			Deadline: at(375), LastSuccess: at(310), Open: 2, RunningFor: 2 * time.Minute, Allowed: 30 * time.Minute, Items: 100, UsualItems: 100, Successes: 6,
		}},
		"retrying the same way": {append(runs(6, 100), failure(360, 1, "timeout after 3012 ms"), failure(361, 2, "timeout after 2998 ms"), failure(363, 3, "timeout after 3001 ms")), 364, probes.Job{
			Deadline: at(375), LastSuccess: at(310), Allowed: 30 * time.Minute, Failures: 3, Attempt: 3, SameWay: true, Error: "timeout after … ms", Items: 100, UsualItems: 100, Successes: 6,
		}},
		"green with nothing done": {append(runs(6, 100), nothing), 371, probes.Job{
			Deadline: at(435), LastSuccess: at(370), Allowed: 30 * time.Minute, Items: 0, UsualItems: 100, Successes: 7,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got := heartbeats.Judge(test.beats, hourly, at(test.now))
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

func TestFail_KeepsNoNumbersAndStaysShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b heartbeats.Beat
		b.Fail(rapid.String().Draw(t, "text"))
		if strings.ContainsAny(b.Error, "0123456789") || len(b.Error) > 200 {
			t.Fatalf("error %q", b.Error)
		}
	})
}

func TestJudge_HasAnAnswerForAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kinds := rapid.SampledFrom([]heartbeats.Kind{heartbeats.Start, heartbeats.Success, heartbeats.Failure, heartbeats.Log, "?"})
		var beats []heartbeats.Beat
		for i := range rapid.IntRange(0, 50).Draw(t, "beats") {
			b := beat(i, kinds.Draw(t, "kind"))
			b.Run = rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "run")
			b.Items = rapid.Int64Range(-1, 5).Draw(t, "items")
			beats = append(beats, b)
		}
		job := heartbeats.Judge(beats, hourly, at(60))
		if job.Open > 3 || job.Failures < 0 || job.Late > 0 && job.Missed == 0 {
			t.Fatalf("%+v", job)
		}
	})
}
