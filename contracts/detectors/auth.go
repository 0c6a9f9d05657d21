package detectors

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"shapewatch/contracts"
)

func auth() contracts.Detector {
	return contracts.Detector{
		Name:     "auth",
		Severity: contracts.Breaking,
		Always:   true,
		Rule:     contracts.Rule{Votes: true, Returns: contracts.Always},
		Detect:   findAuth,
		Doc: `The credential is not good any more, or is worth less

**What it means for you.** It ran out, was revoked, lost a right, or your plan no longer covers what you ask for. Until somebody renews it, nothing works.

**A real one.** Tokens that lasted a year by accident and ninety days after a "security improvement"; Slack answers 200 with ` + "`invalid_auth`" + `.

**How it decides.** Three of the last five answers. A refusal that is about the credential: status 401, 402 or 403, or any error (also under 200) whose body says so in the words that APIs use; it says whether the credential expired, lacks a right, or the plan does not cover it. Another scheme asked for in ` + "`WWW-Authenticate`" + `. A scope that every answer named (` + "`X-OAuth-Scopes`" + `) is missing. A token endpoint that grants less time than it always did (` + "`expires_in`" + `).

**Tuning.** ` + "`expect: [401]`" + ` where a refusal is right.`,
	}
}

func findAuth(c *contracts.Comparison) (found []contracts.Finding) {
	s := c.Observation.Signals
	add := func(path, was, now string, severity contracts.Severity) {
		found = append(found, contracts.Finding{Path: path, Severity: severity, Was: was, Now: now, Evidence: whole(c)})
	}
	if s.Denied != "" && c.Baseline.Answers() > 0 {
		add("header:authorization", soFar(c), because(denied(s.Denied), fmt.Sprintf("status %d", s.Status)), contracts.Breaking)
	}
	if usual, seen, of := contracts.Usual(c.Baseline.Refusals.Challenges); s.Challenge != "" && of > 0 && contracts.Count(c.Baseline.Refusals.Challenges, s.Challenge) == 0 {
		add("header:www-authenticate", fmt.Sprintf("asks for %s in %d of %d refusals", usual, seen, of), "asks for "+s.Challenge, contracts.Breaking)
	}
	if lost := lostScopes(c); len(lost) > 0 {
		n := c.Baseline.Answers()
		add("header:scopes", strings.Join(lost, ", ")+" granted "+inAnswers(n, n), "not granted", contracts.Breaking)
	}
	usual, seen, of := contracts.Usual(c.Baseline.Habits.TokenLives)
	if s.TokenLife > 0 && of >= c.Least() && float64(seen) >= usuallyThere*float64(of) && 2*s.TokenLife <= usual {
		add("/expires_in", "tokens last "+lasts(usual)+" "+inAnswers(seen, of), "tokens last "+lasts(s.TokenLife), contracts.Warning)
	}
	return found
}

func denied(why string) string {
	switch why {
	case "expired":
		return "the credential has expired"
	case "forbidden":
		return "the credential lacks a right"
	case "plan":
		return "the plan does not cover this"
	}
	return "the credential is not accepted"
}

// lostScopes are those that every answer named and this one does not, though
// it names some.
func lostScopes(c *contracts.Comparison) (lost []string) {
	now := c.Observation.Signals.Scopes
	if len(now) == 0 {
		return nil
	}
	for _, t := range c.Baseline.Habits.Scopes {
		if t.Count >= max(c.Least(), c.Baseline.Answers()) && !slices.Contains(now, t.Value) {
			lost = append(lost, t.Value)
		}
	}
	return lost
}

func lasts(seconds int64) string { return ago(time.Duration(min(seconds, 1<<31)) * time.Second) }
