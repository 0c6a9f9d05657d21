package detectors

import (
	"fmt"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// ofJob completes a detector that reads a job's heartbeats. They say what is
// so now, and are ours to know: one look is enough.
func ofJob(d contracts.Detector, look func(*probes.Job) (was, now string)) contracts.Detector {
	d.Rule.Trial, d.Rule.Sure, d.Always = contracts.EveryReply, true, true
	d.Detect = func(c *contracts.Comparison) []contracts.Finding {
		if c.Observation.Job == nil {
			return nil
		}
		was, now := look(c.Observation.Job)
		if now == "" {
			return nil
		}
		return []contracts.Finding{{Was: was, Now: now, Evidence: whole(c)}}
	}
	return d
}

func jobLate() contracts.Detector {
	return ofJob(contracts.Detector{
		Name: "job-late", Severity: contracts.Breaking,
		Doc: `A job did not run

**What it means for you.** Nothing was exported, billed or cleaned up since the time it names, and nothing complained: a job that does not start writes no error.

**A real one.** A crontab lost in a server move, found when the month's invoices were missing.

**How it decides.** No success came by the time a run was due (` + "`every`" + ` after the last one, or the next time of ` + "`cron`" + `) plus ` + "`grace`" + `. The next success ends it. A run whose success may have come while shapewatch was stopped is let pass; when the next one is missed as well, the finding says from when to when we did not listen.

**Tuning.** ` + "`grace`" + ` of the heartbeat.`,
	}, func(j *probes.Job) (was, now string) {
		if j.Late <= 0 {
			return "", ""
		}
		was = "not heard before"
		if !j.LastSuccess.IsZero() {
			was = "last success " + clock(j.LastSuccess)
		}
		return was, fmt.Sprintf("no success by %s; %s missed%s", clock(j.Deadline), plural(uint64(max(j.Missed, 1)), "run"), notHeard(j.Deaf))
	})
}

func jobFailed() contracts.Detector {
	return ofJob(contracts.Detector{
		Name: "job-failed", Severity: contracts.Breaking,
		Doc: `A job failed

**What it means for you.** It ran and says itself that it did not succeed.

**A real one.** Any night on which a disk is full.

**How it decides.** The last end was ` + "`fail`" + ` or an exit code other than 0. The next success ends it. When it fails the same way again and again, job-retrying says that instead.

**Tuning.** ` + "`severity: {job-failed: warning}`" + ` where the job tries again by itself.`,
	}, func(j *probes.Job) (was, now string) {
		if j.Failures == 0 || retries(j) {
			return "", ""
		}
		return successes(j), "failed" + saying(j.Error)
	})
}

func jobRetrying() contracts.Detector {
	return ofJob(contracts.Detector{
		Name: "job-retrying", Severity: contracts.Breaking,
		Doc: `A job tries again for ever

**What it means for you.** It is alive, and it gets nowhere: the same error each time. Whatever it works on is stuck, and everything behind it waits.

**A real one.** One record that the other side refuses blocks a queue for a weekend, while the worker's uptime is perfect.

**How it decides.** Three failures since the last success that look the same once numbers are taken out, or an attempt number of five and more.

**Tuning.** Tell the attempt: ` + "`/beat/NAME/fail?attempt=3`" + `.`,
	}, func(j *probes.Job) (was, now string) {
		if !retries(j) {
			return "", ""
		}
		return successes(j), fmt.Sprintf("%s without success%s", plural(uint64(max(j.Failures, j.Attempt)), "attempt"), saying(j.Error))
	})
}

// retries reports a job that fails the same way again and again.
func retries(j *probes.Job) bool { return j.Failures >= 3 && j.SameWay || j.Attempt >= 5 }

func jobOverlapping() contracts.Detector {
	return ofJob(contracts.Detector{
		Name: "job-overlapping", Severity: contracts.Warning,
		Doc: `A job runs twice at a time

**What it means for you.** Two runs work on the same things: doubled mails, doubled payments, locks.

**A real one.** A nightly job that grew until it took longer than a day.

**How it decides.** Two runs that named themselves (` + "`?rid=…`" + `) have started and not ended.

**Tuning.** ` + "`ignore: [{kind: job-overlapping}]`" + ` where that is meant.`,
	}, func(j *probes.Job) (was, now string) {
		if j.Open < 2 {
			return "", ""
		}
		return "one run at a time", plural(uint64(j.Open), "run") + " at the same time"
	})
}

func jobSlow() contracts.Detector {
	return ofJob(contracts.Detector{
		Name: "job-slow", Severity: contracts.Warning,
		Doc: `A job runs too long

**What it means for you.** It hangs, or there is more to do than it can.

**A real one.** An import that waits for a lock, and is still "running" on Monday.

**How it decides.** A run has started and not ended within ` + "`max_runtime`" + `; when that is not said, within three times the longest of the last twenty runs, of which there must be five.

**Tuning.** ` + "`max_runtime`" + ` of the heartbeat.`,
	}, func(j *probes.Job) (was, now string) {
		if j.Allowed == 0 || j.RunningFor <= j.Allowed {
			return "", ""
		}
		return "over within " + j.Allowed.Round(time.Second).String(), "running for " + j.RunningFor.Round(time.Second).String()
	})
}

func jobNothingDone() contracts.Detector {
	return ofJob(contracts.Detector{
		Name: "job-nothing-done", Severity: contracts.Breaking,
		Doc: `A job finishes well with nothing done

**What it means for you.** It is green and useless: an empty file was exported, nobody was billed.

**A real one.** A filter on a field that the vendor renamed matches nothing; the job ends with exit code 0.

**How it decides.** The last success says that it did 0 items, and of the successes before, five at least, hardly any did.

**Tuning.** Tell how much was done: ` + "`/beat/NAME?items=1200`" + `.`,
	}, func(j *probes.Job) (was, now string) {
		if j.Items != 0 || j.UsualItems <= 0 {
			return "", ""
		}
		return "usually " + count(j.UsualItems) + " items", "0 items, and no error"
	})
}

// notHeard says when we did not listen, after what we did not hear.
func notHeard(d probes.Deaf) string {
	if d.IsZero() {
		return ""
	}
	return "; " + d.String()
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

func successes(j *probes.Job) string {
	if j.Successes == 0 {
		return "no success yet"
	}
	return plural(uint64(j.Successes), "good run")
}

func saying(text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf(": %q", text)
}
