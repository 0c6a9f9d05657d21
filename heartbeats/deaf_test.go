package heartbeats_test

import (
	"testing"
	"time"

	"shapewatch/heartbeats"
	"shapewatch/probes"
)

func deaf(from, until int) []probes.Deaf { return []probes.Deaf{{From: at(from), Until: at(until)}} }

// TestJudge_DoesNotBlameAJobForOurDeafness has a job that succeeds ten minutes
// after each full hour, the last time at 5:10, and is due at 6:10 (grace until
// 6:15), 7:10 and so on; and stretches in which we did not listen.
func TestJudge_DoesNotBlameAJobForOurDeafness(t *testing.T) {
	for name, test := range map[string]struct {
		deaf     []probes.Deaf
		now      int // minutes
		late     time.Duration
		missed   int
		deadline int
		excused  bool
	}{
		"listened all the time":              {nil, 376, time.Minute, 1, 375, false},
		"deaf long before":                   {deaf(100, 200), 376, time.Minute, 1, 375, false},
		"deaf when it was due":               {deaf(360, 420), 421, 0, 0, 435, true},
		"and the next one is missed as well": {deaf(360, 420), 436, time.Minute, 1, 435, true},
		"deaf over three runs":               {deaf(360, 500), 501, 0, 0, 555, true},
		"deaf just when it is usually heard": {deaf(368, 372), 376, 0, 0, 435, true},
		"deaf when its grace ended":          {deaf(374, 376), 377, 0, 0, 435, true},
		"deaf before it was due":             {deaf(300, 369), 376, time.Minute, 1, 375, false},
		"late before we were deaf":           {deaf(380, 440), 441, 66 * time.Minute, 2, 375, false},
		"deaf twice":                         {append(deaf(360, 380), deaf(420, 440)...), 441, 0, 0, 495, true},
		"it may still come":                  {deaf(360, 372), 373, 0, 0, 375, false},
	} {
		t.Run(name, func(t *testing.T) {
			e := hourly
			e.Deaf = test.deaf
			job := heartbeats.Judge(runs(6, 1), e, at(test.now))
			if job.Late != test.late || job.Missed != test.missed || !job.Deadline.Equal(at(test.deadline)) || job.Deaf.IsZero() == test.excused {
				t.Errorf("late by %v, %d missed, deadline %v, deaf %+v; want %v, %d, %v, %v",
					job.Late, job.Missed, job.Deadline, job.Deaf, test.late, test.missed, at(test.deadline), test.excused)
			}
		})
	}
}

// TestJudge_AShortRestartExcusesNoNight: of a job that is known to succeed forty
// minutes after it is due, two deaf minutes at three say nothing; two at 3:40 do.
func TestJudge_AShortRestartExcusesNoNight(t *testing.T) {
	nightly := heartbeats.Expectation{Grace: time.Hour, Since: start, Next: func(after time.Time) time.Time {
		return after.Add(-3 * time.Hour).Truncate(24 * time.Hour).Add(27 * time.Hour)
	}}
	var beats []heartbeats.Beat
	for day := range 10 {
		beats = append(beats, beat(day*24*60+3*60+40, heartbeats.Success))
	}
	due := 10*24*60 + 3*60
	for name, test := range map[string]struct {
		deaf []probes.Deaf
		late bool
	}{
		"at three":      {deaf(due-1, due+1), true},
		"when it comes": {deaf(due+39, due+41), false},
		"all night":     {deaf(due-60, due+90), false},
	} {
		nightly.Deaf = test.deaf
		if job := heartbeats.Judge(beats, nightly, at(due+91)); (job.Late > 0) != test.late {
			t.Errorf("%s: late by %v", name, job.Late)
		}
	}
	nightly.Deaf = deaf(due-1, due+1)
	if job := heartbeats.Judge(beats[:4], nightly, at(4*24*60+3*60+61)); job.Late == 0 {
		t.Error("what is not deaf yet excuses")
	}
}

// TestJudge_LosesSightOfARunThatMayHaveEnded: runs take ten minutes; one began
// at 6:00 and told no end.
func TestJudge_LosesSightOfARunThatMayHaveEnded(t *testing.T) {
	beats := append(runs(6, 1), beat(360, heartbeats.Start))
	for name, test := range map[string]struct {
		deaf    []probes.Deaf
		running bool
	}{
		"listened":                          {nil, true},
		"deaf when it should end":           {deaf(365, 380), false},
		"deaf when it was too long already": {deaf(395, 420), true},
		"deaf before it began":              {deaf(330, 350), true},
	} {
		e := hourly
		e.Deaf = test.deaf
		job := heartbeats.Judge(beats, e, at(425))
		if running := job.RunningFor > job.Allowed && job.Open == 1; running != test.running {
			t.Errorf("%s: %d under way for %v, %v allowed", name, job.Open, job.RunningFor, job.Allowed)
		}
	}
	other := beat(480, heartbeats.Start)
	e := hourly
	e.Deaf = deaf(365, 400)
	if job := heartbeats.Judge(append(beats, other, beat(490, heartbeats.Success)), e, at(491)); job.Allowed != 30*time.Minute {
		t.Errorf("it learned that a run may take %v", job.Allowed)
	}
}

// TestJudge_DeafForWeeks meets what is due every second in bounded time.
func TestJudge_DeafForWeeks(t *testing.T) {
	e := heartbeats.Expectation{Since: start, Next: func(after time.Time) time.Time { return after.Add(time.Second) }, Deaf: deaf(1, 60*24*60)}
	calls := 0
	next := e.Next
	e.Next = func(after time.Time) time.Time { calls++; return next(after) }
	job := heartbeats.Judge([]heartbeats.Beat{beat(0, heartbeats.Success), beat(1, heartbeats.Success)}, e, at(60*24*60+1))
	if job.Late <= 0 || job.Late > 2*time.Minute || calls > 5000 {
		t.Errorf("late by %v, %d calls", job.Late, calls)
	}
}
