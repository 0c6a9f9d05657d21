package alerting

// integrationPhrases are what a person would say of a finding about an
// integration, as [phrases] has it: the statement of what is now says it all.
var integrationPhrases = map[string]string{
	"half-done":              "half done: {now} in",
	"left-behind":            "{now} in",
	"job-late":               "{now} of",
	"job-failed":             "{now} in",
	"job-retrying":           "{now} in",
	"job-overlapping":        "{now} of",
	"job-slow":               "{now} in",
	"job-nothing-done":       "{now} in",
	"webhook-silent":         "{x} is {now} in",
	"webhook-not-handed-on":  "handing on fails ({now}) in",
	"webhook-refused":        "{now} in",
	"webhook-flood":          "{x}: {now} in",
	"webhook-delayed":        "{x} comes {now} in",
	"out-of-step":            "{x}: {now} in",
	"field-stopped-agreeing": "{x} {now} in",
	"drifting-apart":         "drifting apart: {now} in",
	"falls-behind":           "{x} is {now} in",
}
