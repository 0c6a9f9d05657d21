package main

import (
	"fmt"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// heard is what is known of a job or a source, which is not asked, in a few
// words; of what has never called, why it is not judged.
func heard(o *contracts.Observation) (facts, problem string) {
	switch {
	case o == nil:
		return "", ""
	case o.Job != nil:
		return heardOfJob(o.Job)
	case o.Inflow != nil:
		return heardOfSource(o.Inflow)
	}
	return "", ""
}

func heardOfJob(j *probes.Job) (facts, problem string) {
	switch {
	case j.LastSuccess.IsZero() && j.Failures == 0 && j.Open == 0:
		return "", "not judged: it has not called yet, or nothing of it is remembered here"
	case j.LastSuccess.IsZero():
		facts = "no success yet"
	default:
		facts = "last success " + clockTime(j.LastSuccess)
	}
	if j.Failures > 0 {
		facts += ", " + count(j.Failures, "failure") + " since"
	}
	if j.Open > 0 {
		facts += ", running for " + j.RunningFor.Round(time.Second).String()
	}
	if !j.Deadline.IsZero() {
		facts += ", the next by " + clockTime(j.Deadline)
	}
	return facts, ""
}

func heardOfSource(in *probes.Inflow) (facts, problem string) {
	if len(in.Types) == 0 {
		return "", "not judged: nothing has come yet, or nothing of it is remembered here"
	}
	var last time.Time
	for _, t := range in.Types {
		if t.Last.After(last) {
			last = t.Last
		}
	}
	return fmt.Sprintf("%s of events, the last %s", count(len(in.Types), "type"), clockTime(last)), ""
}
