package detectors

import (
	"slices"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
)

func documentUnreadable() contracts.Detector {
	return ofClass(probes.Unreadable, "no document", contracts.Detector{
		Name:     "document-unreadable",
		Severity: contracts.Warning,
		Doc: `The published document cannot be read

**What it means for you.** Where the vendor's OpenAPI document was there is a page, nothing, or a text that is no such document. What it announces is unknown: what was announced before stays as it was, and nothing is taken for a change.

**A real one.** A documentation site that is rebuilt answers every address with its home page.

**How it decides.** Three of the last five reads, quick ones included, brought a body that is empty, markup, or neither JSON nor YAML of an OpenAPI or Swagger document with paths.

**Tuning.** The address under ` + "`spec:`" + `; ` + "`severity: {document-unreadable: info}`" + `.`,
	})
}

// ofDocument completes a detector that reads what a published document
// announces. It is written there: one look is enough, and it keeps nothing
// from being learned.
func ofDocument(d contracts.Detector, wanted func(probes.Announced) bool) contracts.Detector {
	d.Rule.Trial, d.Rule.Sure, d.Rule.Aside = contracts.EveryAnswer, true, true
	d.Detect = func(c *contracts.Comparison) (found []contracts.Finding) {
		if c.Observation.Publication == nil {
			return nil
		}
		for _, a := range c.Observation.Publication.Announced {
			if wanted(a) && !a.Accepted {
				found = appendAnnounced(found, a, whole(c))
			}
		}
		return found
	}
	return d
}

// appendAnnounced adds a change, to the finding of its place if there is one.
func appendAnnounced(found []contracts.Finding, a probes.Announced, e contracts.Evidence) []contracts.Finding {
	i := slices.IndexFunc(found, func(f contracts.Finding) bool { return f.Operation == a.Operation && f.Path == a.Path })
	if i < 0 {
		return append(found, contracts.Finding{
			Operation: a.Operation, Path: a.Path, Severity: contracts.Severity(a.Level), Evidence: e,
			Was: "published until " + a.Since.UTC().Format(time.DateOnly), Now: a.Words, Cause: a.Cause,
		})
	}
	if f := &found[i]; len(f.Now) < maxAnnounced {
		f.Now += "; " + a.Words
		f.Severity = max(f.Severity, contracts.Severity(a.Level))
	}
	return found
}

// maxAnnounced bounds what one finding quotes of a document, in bytes.
const maxAnnounced = 1000

func announcedChange() contracts.Detector {
	return ofDocument(contracts.Detector{
		Name: "announced-change", Severity: contracts.Warning,
		Doc: `The vendor's document announces a change that will hit you

**What it means for you.** The published OpenAPI document no longer says what it said about an operation that you ask: a field that you read goes away, a parameter becomes required, an operation ends. Answers have not changed yet, or have just now.

**A real one.** Box's document of October 2024 no longer has fields that the one of September 2023 promised, in dozens of operations at once.

**How it decides.** The document under ` + "`spec:`" + ` is compared with the one that was known, by the rules of oasdiff, for the operations that the probes of the API ask. It is breaking where a field goes away that ` + "`uses:`" + ` names, where a request that was right is refused, where an operation ends; a warning where answers may hold what they did not. One read is enough. It is over when the document takes it back, or when you accept it.

**Tuning.** ` + "`uses:`" + ` of the probes; ` + "`severity: {announced-change: warning}`" + `; ` + "`ignore: [{ kind: announced-change, path: /metadata }]`" + `.`,
	}, func(a probes.Announced) bool { return a.Level > 0 })
}

func announcedAddition() contracts.Detector {
	d := contracts.Detector{
		Name: "announced-addition", Severity: contracts.Info,
		Doc: `The vendor's document announces something new

**What it means for you.** Nothing has to be done: a new field, an optional parameter, or a change of what ` + "`uses:`" + ` does not name.

**A real one.** OpenAI's document of November 2023 has 29 operations more than the one of October.

**How it decides.** As announced-change, for all that does not hit you. It is told once, in the digest where there is one.

**Tuning.** ` + "`severity: {announced-addition: off}`" + `.`,
	}
	d.Rule.Additive = true
	return ofDocument(d, func(a probes.Announced) bool { return a.Level == 0 })
}
