package detectors

import (
	"shapewatch/contracts"
	"shapewatch/probes"
)

func unreachable() contracts.Detector {
	return ofClass(probes.Unreachable, "no answer", contracts.Detector{
		Name:     "unreachable",
		Severity: contracts.Warning,
		Rule:     contracts.Rule{Trial: contracts.EveryReply},
		Doc: `Nobody answers

**What it means for you.** The name does not resolve, the connection or the certificate fails, or nothing comes in time. What the API would say is unknown: other findings stay as they are.

**A real one.** Any Tuesday, at any vendor.

**How it decides.** Three of the last five checks got no response at all, quick re-probes included. Any response ends it, even a bad one.

**Tuning.** ` + "`timeout`" + ` of the probe; ` + "`severity: {unreachable: breaking}`" + ` to be woken.`,
	})
}

func protocolError() contracts.Detector {
	return ofClass(probes.Protocol, "broken off", contracts.Detector{
		Name:     "protocol-error",
		Severity: contracts.Warning,
		Doc: `The answer breaks off or is garbled

**What it means for you.** Something between you and the vendor cuts answers short or sends them wrongly encoded; your client sees the same.

**A real one.** A body shorter than its Content-Length: complete JSON now and then, half of it at other times.

**How it decides.** Three of the last five checks ended in broken framing, a truncated body or an encoding that does not decode. Nothing is learned from such a body, even if its JSON is complete.

**Tuning.** ` + "`severity: {protocol-error: breaking}`" + ` to be woken.`,
	})
}

func notJSON() contracts.Detector {
	return ofClass(probes.NotJSON, "not JSON", contracts.Detector{
		Name:     "not-json",
		Severity: contracts.Breaking,
		Doc: `The answer is no longer JSON

**What it means for you.** A login page, a maintenance page or nothing at all came with a success status; your decoder fails at the first byte.

**A real one.** Captive portals and web firewalls answer 200 with HTML.

**How it decides.** Three of the last five checks got a body that is empty, HTML or of another type. It is one finding about the whole answer, never a list of missing fields.

**Tuning.** ` + "`expect: [204]`" + ` when an empty answer is right.`,
	})
}

func invalidJSON() contracts.Detector {
	return ofClass(probes.InvalidJSON, "invalid JSON", contracts.Detector{
		Name:     "invalid-json",
		Severity: contracts.Breaking,
		Doc: `The answer claims to be JSON and does not parse

**What it means for you.** A strict parser refuses it, a lenient one guesses.

**A real one.** The CISA catalogue of exploited vulnerabilities was published cut off in the middle of an object on 25 February 2025.

**How it decides.** Three of the last five checks got a body that no JSON parser takes; the finding names the byte and the path where it goes wrong. The same of XML and CSV where the media type says so; a document type declaration, which could define entities, is refused.

**Tuning.** None: if your parser takes it, tell us what it is.`,
	})
}

func overLimit() contracts.Detector {
	return ofClass(probes.OverLimit, "too large", contracts.Detector{
		Name:     "over-limit",
		Severity: contracts.Warning,
		Doc: `The answer is larger than we are willing to read

**What it means for you.** It has more bytes, depth or keys than any client should take without asking; yours may run out of memory.

**A real one.** Page limits that are silently dropped return the whole table.

**How it decides.** Three of the last five checks met one of the limits on what is read.

**Tuning.** ` + "`max_body`" + ` of the probe, when such answers are normal.`,
	})
}

func errorEnvelope() contracts.Detector {
	return ofClass(probes.ErrorEnvelope, "an error", contracts.Detector{
		Name:     "error-envelope",
		Severity: contracts.Breaking,
		Doc: `An error under a success status

**What it means for you.** The status says 200, the body says that it failed; code that looks only at the status goes on with nothing in hand.

**A real one.** Slack answers 200 with ` + "`{\"ok\": false, \"error\": \"invalid_auth\"}`" + `; GraphQL servers answer 200 with ` + "`errors`" + ` and no data; a WebSocket stands, and is closed with 4401.

**How it decides.** Three of the last five checks got a body that says failure in one of the usual ways. An empty list of errors or a null error beside a good answer is no failure. Nothing is learned from it.

**Tuning.** ` + "`ignore: [{kind: error-envelope}]`" + ` for an endpoint whose job is to report errors.`,
	})
}

// ofClass completes a detector that finds samples of one class, whatever they
// hold otherwise, and tells the problem in the sample's words. An answer that
// fails as a whole is never content, so three of the last five will do.
func ofClass(class probes.Class, short string, d contracts.Detector) contracts.Detector {
	d.Always, d.Rule.Votes = true, true
	if class.Answered() && class != probes.Protocol {
		d.Rule.Returns = contracts.Always
	}
	d.Detect = func(c *contracts.Comparison) []contracts.Finding {
		if c.Observation.Class != class {
			return nil
		}
		return []contracts.Finding{{Was: soFar(c), Now: because(short, c.Observation.Problem), Evidence: whole(c)}}
	}
	return d
}

// soFar says what the answers were before.
func soFar(c *contracts.Comparison) string {
	n := c.Baseline.Answers()
	if n == 0 {
		return "not seen before"
	}
	return "a good answer, " + plural(n, "time")
}

func because(short, problem string) string {
	if problem == "" {
		return short
	}
	return short + ": " + problem
}
