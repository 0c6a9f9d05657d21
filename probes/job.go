package probes

import "time"

// A Job is what the heartbeats of a job say about it at one moment.
type Job struct {
	Deadline    time.Time     // when the next success must have come; zero before the first beat of a job without a schedule
	Late        time.Duration // beyond the deadline; 0 when it is on time
	Missed      int           // runs that should have come by now and did not, at least
	LastSuccess time.Time     // zero when there was none
	Deaf        Deaf          // for which due times before the deadline were let pass; the zero one for none

	Open       int           // runs under way at the same time
	RunningFor time.Duration // of the oldest run under way; 0 when none is
	Allowed    time.Duration // what a run may take: as configured, or three times the longest of late; 0 when unknown

	Failures int    // ends that were no success, since the last one that was
	Attempt  int    // highest attempt number since the last success
	SameWay  bool   // all those failures look alike
	Error    string // of the last failure, short and without numbers

	Items      int64 // that the last success says it has done; -1 when it does not say
	UsualItems int64 // of the successes before: the median; -1 when they do not say, or were nothing too
	Successes  int   // that are remembered
}
