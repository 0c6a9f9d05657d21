package detectors

import (
	"fmt"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// ofFlow completes a detector that looks at how events of one type come.
func ofFlow(d contracts.Detector, look func(*probes.EventFlow) (was, now string)) contracts.Detector {
	return ofInflow(d, func(c *contracts.Comparison, in *probes.Inflow) (found []contracts.Finding) {
		for i := range in.Types {
			if was, now := look(&in.Types[i]); now != "" {
				found = append(found, contracts.Finding{Path: "/" + in.Types[i].Type, Was: was, Now: now, Evidence: whole(c)})
			}
		}
		return found
	})
}

func ofInflow(d contracts.Detector, look func(*contracts.Comparison, *probes.Inflow) []contracts.Finding) contracts.Detector {
	d.Rule.Trial, d.Rule.Sure, d.Always = contracts.EveryLook, true, true
	d.Detect = func(c *contracts.Comparison) []contracts.Finding {
		if c.Observation.Inflow == nil {
			return nil
		}
		return look(c, c.Observation.Inflow)
	}
	return d
}

func webhookSilent() contracts.Detector {
	return ofInflow(contracts.Detector{
		Name: "webhook-silent", Severity: contracts.Breaking,
		Doc: `A webhook has fallen silent

**What it means for you.** Events of a type no longer come. Nothing fails, because nothing is called: orders are just not shipped.

**A real one.** A vendor disables an endpoint after a few failed deliveries, and mails somebody who has left.

**How it decides.** By what comes first of two. Nothing came for twice the longest pause of the last eight weeks. Or, after three weeks and fifty events, by the hours of its week: so much would have come in the hours since the last event as was never missing before. Pauses are measured in what is expected meanwhile, so that a weekend takes no time and a Monday morning does; how far the longest of them reach says how long is too long, for two false alarms in a hundred months. A night or a weekend that no event ends may be the eve of a holiday: the first working time without any is let pass, unless another type came in it, or none was ever missed in five months. Before eight days and twenty events, when a weekend has not been heard yet, nothing is said. The next event ends it. While shapewatch itself did not listen nothing is missing. What is true of all types of a source together before it is of any of them is told once, of all. [Webhooks](webhooks.md#silence) tells what that comes to.

**Tuning.** ` + "`quiet: [\"2026-12-24..2027-01-01\", \"22:00-06:00\"]`" + ` and ` + "`timezone`" + ` of the webhook say when nothing needs to come. ` + "`ignore: [{kind: webhook-silent, path: /campaign.sent}]`" + ` for a type that comes when it likes.`,
	}, func(c *contracts.Comparison, in *probes.Inflow) (found []contracts.Finding) {
		if in.Whole != nil {
			found = append(found, silent(c, "", in.Whole))
		}
		for i := range in.Types {
			if f := &in.Types[i]; f.Silent > 0 {
				found = append(found, silent(c, "/"+f.Type, f))
			}
		}
		return found
	})
}

// silent says since when nothing comes, and how much would have.
func silent(c *contracts.Comparison, path string, f *probes.EventFlow) contracts.Finding {
	now := "quiet since " + clock(f.Last)
	if f.Missing > 0 {
		now += ", though " + areUsual(f.Missing) + " by " + f.Told.UTC().Format("Monday 15:04")
	}
	now += notHeard(f.Deaf)
	return contracts.Finding{Path: path, Was: "never quiet for longer than " + roughly(f.Usual), Now: now, Evidence: whole(c)}
}

func webhookFlood() contracts.Detector {
	return ofFlow(contracts.Detector{
		Name: "webhook-flood", Severity: contracts.Warning,
		Doc: `Webhooks come in a flood

**What it means for you.** Far more events than ever: a replay, a loop between two systems, or a campaign that nobody told you of. Your receiver may not keep up.

**A real one.** Two systems that update each other upon each other's events, for ever.

**How it decides.** Ten times as many events of a type in this hour as in the busiest before, and a hundred at least.

**Tuning.** ` + "`ignore: [{kind: webhook-flood}]`" + `.`,
	}, func(f *probes.EventFlow) (was, now string) {
		if f.Flood == 0 {
			return "", ""
		}
		return "at most " + count(int64(f.Busiest)) + " in an hour", count(int64(f.Flood)) + " in this hour"
	})
}

func webhookDelayed() contracts.Detector {
	return ofFlow(contracts.Detector{
		Name: "webhook-delayed", Severity: contracts.Warning,
		Doc: `Webhooks arrive late

**What it means for you.** What they tell has long happened when you hear it: the vendor's queue stands.

**A real one.** Every large vendor's status page has a "webhook delays" a year.

**How it decides.** For three events of a type in a row it took ten times longer than for any three before to arrive, and a minute at least. One late event was tried again and is no news. Or events come later and later: over the last stretches of five minutes in which some came, eight to twenty-four of them, even the promptest is later each time (the test of Mann and Kendall, three standard deviations, along a line), and in the end half as late again as ever before, by a minute at least; then the finding says how fast the vendor falls behind, and when it will be how late. A clock that was set is a step and no line. When it happened says the body (Stripe's ` + "`created`" + `, Slack's ` + "`event_time`" + `, the ` + "`timestamp`" + ` of Standard Webhooks) or Shopify's header, else the signed time; GitHub and ` + "`hmac`" + ` tell none.

**Tuning.** ` + "`ignore: [{kind: webhook-delayed}]`" + `.`,
	}, func(f *probes.EventFlow) (was, now string) {
		late := f.Delay
		if f.Behind.Rises {
			late = max(late, seconds(f.Behind.To))
		}
		if late == 0 {
			return "", ""
		}
		return "at most " + roughly(f.WasDelay) + " late", roughly(late) + " late" + forecast(f.Behind, late.Seconds(), f.Last)
	})
}

// refusedAtLeast is how many requests must be refused in a row.
const refusedAtLeast = 3

func webhookRefused() contracts.Detector {
	return ofInflow(contracts.Detector{
		Name: "webhook-refused", Severity: contracts.Breaking,
		Doc: `Webhooks come and cannot be accepted

**What it means for you.** The vendor changed how it signs, a secret was rotated on one side only, or events grew too large: you lose every one of them. Or somebody else knocks at the address.

**A real one.** A secret rolled in the vendor's dashboard on a Friday.

**How it decides.** Three requests in a row were refused: wrong signature, no signature, too old or too large. One that is accepted ends it. What was refused is counted and never learned from.

**Tuning.** Give both secrets while they are rotated.`,
	}, func(c *contracts.Comparison, in *probes.Inflow) []contracts.Finding {
		r := in.Refused
		if r.Count < refusedAtLeast {
			return nil
		}
		was := "none accepted since the start"
		if !r.Accepted.IsZero() {
			was = "accepted until " + clock(r.Accepted)
		}
		return []contracts.Finding{{Was: was, Now: fmt.Sprintf("refused since %s: %s", clock(r.Since), r.Why), Evidence: whole(c)}}
	})
}

// handingOnFor is how long a receiver may fail before it is told.
const handingOnFor = 5 * time.Minute

func webhookNotHandedOn() contracts.Detector {
	return ofInflow(contracts.Detector{
		Name: "webhook-not-handed-on", Severity: contracts.Breaking,
		Doc: `Webhooks are not handed on

**What it means for you.** The vendor's events come, and your own receiver does not take them. None is lost: what waits is tried again, what was given up can be sent again.

**A real one.** A deployment that answers 404 at the old path, from Friday evening to Monday.

**How it decides.** An event was given up, or nothing has been taken for five minutes while something waits, or as many wait as may. It says how many wait, since when, how much of what may wait that is, and when at this pace the rest is used; from then on this webhook answers 503, and the vendor keeps what it has. It ends when nothing is given up any more (sent again or dropped) and the receiver takes what comes.

**Tuning.** ` + "`shapewatch forwards`" + ` lists what is dead; ` + "`shapewatch forwards send SOURCE`" + ` sends it again, ` + "`drop`" + ` makes room. ` + "`forward: { most: 1000000, most_bytes: 1GiB }`" + ` lets more wait.`,
	}, func(c *contracts.Comparison, in *probes.Inflow) []contracts.Finding {
		if now := notHandedOn(in.Onward, c.Observation.At); now != "" {
			return []contracts.Finding{{Was: "taken by your receiver", Now: now, Evidence: whole(c)}}
		}
		return nil
	})
}

// notHandedOn says what is wrong with handing on; empty for nothing.
func notHandedOn(o *probes.HandingOn, at time.Time) string {
	switch {
	case o == nil:
		return ""
	case o.Dead > 0:
		return count(int64(o.Dead)) + " given up: " + o.Why + backlog(o)
	case o.Waiting > 0 && !o.Since.IsZero() && at.Sub(o.Since) >= handingOnFor:
		return "not taken since " + clock(o.Since) + ": " + o.Why + backlog(o)
	case o.Full && o.Why != "":
		return "not taken: " + o.Why + backlog(o)
	case o.Full:
		return "taken more slowly than they come" + backlog(o)
	}
	return ""
}

// backlog says how many wait for a receiver, and how many more may.
func backlog(o *probes.HandingOn) (text string) {
	if o.Waiting > 0 {
		text = "; " + count(int64(o.Waiting)) + " waiting since " + clock(o.Oldest)
	}
	switch {
	case o.Full:
		text += "; no more may wait, and the vendor hears 503"
	case o.Waiting > 0 && o.Fill > 0:
		text += ", " + percent(o.Fill) + " of what may"
		if !o.FullBy.IsZero() {
			text += ", all of it by " + clock(o.FullBy)
		}
	}
	return text
}

// areUsual says how many events usually come.
func areUsual(n uint64) string {
	if n == 1 {
		return "1 is usual"
	}
	return count(int64(n)) + " are usual"
}

func roughly(d time.Duration) string {
	if d >= time.Hour {
		return d.Round(time.Minute).String()
	}
	return d.Round(time.Second).String()
}
