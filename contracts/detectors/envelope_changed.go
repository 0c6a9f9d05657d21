package detectors

import "shapewatch/contracts"

func envelopeChanged() contracts.Detector {
	return contracts.Detector{
		Name:     "envelope-changed",
		Severity: contracts.Breaking,
		Rule:     contracts.Rule{Votes: true, Beyond: true, Returns: contracts.Always},
		Detect:   findEnvelope,
		Doc: `What lies around the data is another thing

**What it means for you.** The list is not where your code looks for it: it was the whole answer and is wrapped now, or moved from ` + "`data`" + ` to ` + "`items`" + `. Your loop sees nothing at all.

**A real one.** APIs that introduce paging wrap the list they used to answer with: ` + "`[…]`" + ` becomes ` + "`{\"data\": […], \"next\": …}`" + `.

**How it decides.** The main list was at one path in nine of ten answers or more. Three of the last five answers have their main list at another path, and none at the old one.

**Tuning.** ` + "`ignore: [{kind: envelope-changed}]`" + ` for answers that hold several lists of equal standing.`,
	}
}

func findEnvelope(c *contracts.Comparison) []contracts.Finding {
	s := c.Observation.Signals
	usual, seen, of := contracts.Usual(c.Baseline.Habits.Lists)
	if s.Items < 0 || of < c.Least() || s.ItemsPath == usual || float64(seen) < usuallyThere*float64(of) || contracts.Count(c.Baseline.Habits.Lists, s.ItemsPath) > 0 {
		return nil
	}
	if f, still := c.NowAt(usual); still && f.Items.Count > 0 {
		return nil
	}
	return []contracts.Finding{{
		Path: usual, Was: "the list is " + place(usual) + " " + inAnswers(seen, of), Now: "the list is " + place(s.ItemsPath), Evidence: whole(c),
	}}
}

func place(path string) string {
	if path == "" {
		return "the whole answer"
	}
	return "at " + path
}
