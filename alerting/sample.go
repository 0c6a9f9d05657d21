package alerting

import (
	"fmt"
	"time"

	"shapewatch/contracts"
)

// SampleNotice is an incident made up for trying a channel: six changes of two
// operations, one of them hostile text, and a proposal. It says that it is a
// test.
func SampleNotice(at time.Time) Notice {
	at = at.UTC().Truncate(time.Second)
	inc := Incident{
		ID: "inc_0000000000000000", API: "sample", Owner: "@you", Title: "this is a test: `amount` changed from integer to string in 2 operations",
		Severity: contracts.Breaking, Condition: Firing, Handling: New, Opened: at.Add(-2 * time.Minute), Changed: at, Version: 1,
	}
	evidence := contracts.Evidence{Checks: 3, Of: 3, Since: inc.Opened, Reprobes: 2}
	change := func(operation, path, kind, was, now string, s contracts.Severity) {
		inc.Entries = append(inc.Entries, Entry{Probe: "sample/" + operation, Since: inc.Opened, Finding: contracts.Finding{
			API: "sample", Operation: operation, Path: path, Kind: kind, Was: was, Now: now, Severity: s, Evidence: evidence,
		}})
	}
	change("GET /orders", "/orders/[]/amount", "kind-changed", "integer", "string", contracts.Breaking)
	change("GET /orders/{id}", "/amount", "kind-changed", "integer", "string", contracts.Breaking)
	change("GET /orders", "/orders/[]/status", "enum-new", "\"open\", \"paid\"", "\"<!channel> @everyone\"", contracts.Warning)
	for i := range 3 {
		change("GET /orders", fmt.Sprintf("/orders/[]/extra_%d", i+1), "field-new", "not there", "string", contracts.Info)
	}
	return Notice{
		Incident:   inc,
		Transition: Transition{Incident: inc.ID, Kind: Opened, Version: 1, At: at, Reason: "a test of this channel, asked for by a person: nothing has changed"},
		Proposal:   "@@ -35,3 +35,3 @@\n       amount:\n-        type: integer\n+        type: string",
	}
}
