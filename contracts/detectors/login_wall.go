package detectors

import (
	"fmt"

	"shapewatch/contracts"
)

func loginWall() contracts.Detector {
	return contracts.Detector{
		Name:     "login-wall",
		Severity: contracts.Breaking,
		Always:   true,
		Rule:     contracts.Rule{Votes: true, Returns: contracts.Always},
		Detect:   findWall,
		Doc: `A page for people stands in the way

**What it means for you.** A login page, a bot check or a maintenance page came where data was. Somebody put a wall in front of the API, or took you for a robot.

**A real one.** Web firewalls that answer 200 or 403 with "just a moment" to machines from a cloud provider's addresses.

**How it decides.** Three of the last five answers were HTML that says so: a password field, the words of a login, of a captcha or of a maintenance. It is told beside not-json or status-changed, and says why.

**Tuning.** None: where it is right, ` + "`ignore: [{kind: login-wall}]`" + `.`,
	}
}

func findWall(c *contracts.Comparison) []contracts.Finding {
	s := c.Observation.Signals
	if s.Wall == "" {
		return nil
	}
	return []contracts.Finding{{Was: soFar(c), Now: fmt.Sprintf("a %s under status %d", s.Wall, s.Status), Evidence: whole(c)}}
}
