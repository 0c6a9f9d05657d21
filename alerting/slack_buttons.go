package alerting

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// What the buttons of a message are called when Slack tells of a click.
const (
	buttonAck     = "shapewatch_ack"
	buttonAccept  = "shapewatch_accept"
	buttonSilence = "shapewatch_silence"
	buttonDetails = "shapewatch_details"
)

// untilChange is the value of "until it changes" among the times of a silence.
const untilChange = "change"

// silenceTimes are for how long a click can silence.
var silenceTimes = []struct {
	words string
	value string // a duration, or untilChange
}{
	{"for 1 hour", "1h"}, {"for 8 hours", "8h"}, {"for 1 day", "24h"}, {"for 7 days", "168h"}, {"until it changes", untilChange},
}

// answerable reports whether a person can do anything about an incident: it is
// open, and of an API.
func answerable(inc Incident) bool {
	return inc.Condition != Resolved && strings.HasPrefix(inc.ID, "inc_")
}

// buttons are what a person can do about an incident now.
func buttons(n Notice) slack.Block {
	inc := n.Incident
	value := "v1|" + inc.ID + "|" + strconv.FormatUint(inc.Version, 10)
	var elements []slack.BlockElement
	if inc.Handling == New {
		elements = append(elements, slack.NewButtonBlockElement(buttonAck, value, plainText("Acknowledge")))
	}
	if inc.Handling != Accepted {
		accept := slack.NewButtonBlockElement(buttonAccept, value, plainText("Accept"))
		accept.Style = slack.StylePrimary
		accept.Confirm = slack.NewConfirmationBlockObject(plainText("Accept this change?"),
			plainText("From now on this is how the API answers: it is learned, and the contract follows."), plainText("Accept"), plainText("Cancel"))
		elements = append(elements, accept)
	}
	var options []*slack.OptionBlockObject
	for _, t := range silenceTimes {
		options = append(options, slack.NewOptionBlockObject(value+"|"+t.value, plainText(t.words), nil))
	}
	elements = append(elements,
		slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plainText("Silence…"), buttonSilence, options...),
		slack.NewButtonBlockElement(buttonDetails, value, plainText("Details")))
	return slack.NewActionBlock("shapewatch", elements...)
}

func plainText(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

// A click is what a value of a button or a choice says.
type click struct {
	incident string
	version  uint64 // that the person saw
	times    string // of a silence
}

// readClick reads a value; it came back from outside, so it is checked.
func readClick(value string) (c click, err error) {
	parts := strings.Split(value, "|")
	if len(parts) < 3 || len(parts) > 4 || parts[0] != "v1" || !strings.HasPrefix(parts[1], "inc_") || len(parts[1]) > 64 {
		return c, fmt.Errorf("a button of another version: open the incident on the page")
	}
	c.incident = parts[1]
	if c.version, err = strconv.ParseUint(parts[2], 10, 64); err != nil {
		return c, fmt.Errorf("a button of another version: open the incident on the page")
	}
	if len(parts) == 4 {
		c.times = parts[3]
	}
	return c, nil
}

// silence is the silence that a choice asks for, from now on.
func (c click) silence(actor string, now time.Time) (Silence, error) {
	s := Silence{Matcher: Matcher{Incident: c.incident}, Actor: actor, Through: throughSlack, Reason: "silenced in Slack"}
	if c.times == untilChange {
		s.UntilChange = true
		return s, nil
	}
	for _, t := range silenceTimes {
		if t.value == c.times {
			d, err := time.ParseDuration(t.value)
			s.Until = now.Add(d)
			return s, err
		}
	}
	return s, fmt.Errorf("no such time to silence for: %s", literal(c.times, 20))
}
