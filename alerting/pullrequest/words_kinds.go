package pullrequest

import (
	"strings"

	"shapewatch/contracts"
)

// phrase is what a title says of a kind of finding, and feels what a client
// will notice: {x} is its subject, {was} and {now} its statements.
type phrase struct{ title, feels string }

var phrases = map[string]phrase{
	"contract-mismatch":     {"{x} is not as described", "Clients made from the contract refuse the answer, or misread {x}."},
	"field-new":             {"{x} is new", "Nothing breaks; a client that forbids unknown fields refuses the answer."},
	"field-removed":         {"{x} is gone", "Whoever reads {x} finds nothing there."},
	"field-optional":        {"{x} is missing at times", "Whoever reads {x} without asking whether it is there fails on the answers that lack it."},
	"null-new":              {"{x} can be null", "Whoever uses {x} without asking for null fails."},
	"kind-changed":          {"{x} changed type", "Typed clients refuse the answer, others take {x} for what it is not."},
	"number-widened":        {"{x} has fractions", "Clients that read {x} as an integer refuse it or cut it off."},
	"enum-new":              {"{x} enum grew", "A switch over {x} without a default meets a value that it does not know."},
	"format-changed":        {"{x} changed format", "Whoever parses {x} as {was} fails, or reads it wrongly."},
	"id-changed":            {"{x} looks different", "Whoever stores {x} or checks what it looks like may refuse it."},
	"id-headroom":           {"{x} runs out of room", "Clients that keep {x} in 32 bits, or in a float, will read another number."},
	"scale-shift":           {"{x} changed scale", "Whoever reckons with {x} is wrong by the factor."},
	"nesting-moved":         {"{x} moved", "Whoever reads {x} where it was finds nothing there."},
	"rename-in-progress":    {"{x} is being renamed", "Whoever reads the old name finds nothing there, sooner or later."},
	"value-gutted":          {"{x} is empty", "Whoever shows or needs {x} has nothing to show."},
	"value-frozen":          {"{x} stands still", "Whoever waits for {x} to change waits in vain."},
	"status-changed":        {"another status", "Clients that know only the statuses in the contract take the answer for a failure."},
	"media-type-changed":    {"another media type", "Clients that ask for the media type in the contract, or check it, refuse the answer."},
	"envelope-changed":      {"another envelope", "Whoever unwraps the answer finds nothing where the content was."},
	"rate-limit":            {"rate limit cut", "Clients that asked as often as they were allowed to are refused."},
	"rate-limit-raised":     {"rate limit raised", "Nothing breaks; clients may ask more often."},
	"rate-limit-header-new": {"rate limit header is new", "Nothing breaks; clients can see how much is left to them."},
	"volume":                {"volume changed", "Clients that hold the whole answer, or count on pages of a size, do more or miss some."},
	"provider-says":         {"the provider says it ends", "It works until the day that the provider names, and not after."},
	"version-changed":       {"another version", "The provider calls it another version: expect more to differ."},
}

// anyPhrase is for every other kind.
var anyPhrase = phrase{"{x} changed", "Look at what reads {x}."}

func phraseOf(kind string) phrase {
	if p, ok := phrases[kind]; ok {
		return p
	}
	return anyPhrase
}

// fill puts the words of a finding into a phrase; say makes them safe.
func fill(words string, f contracts.Finding, say func(text string, max int) string) string {
	return strings.NewReplacer("{x}", say(subject(f), maxName), "{was}", say(statement(f.Was), maxName)).Replace(words)
}

// subject is what a finding is about, as a person calls it.
func subject(f contracts.Finding) string {
	if header, ok := strings.CutPrefix(f.Path, "header:"); ok {
		return header
	}
	segments := strings.Split(f.Path, "/")
	for i := len(segments) - 1; i > 0; i-- {
		if s := segments[i]; s != "[]" && s != "{}" && s != "" {
			return strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
		}
	}
	return "the answer"
}
