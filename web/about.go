package web

import (
	"net/http"

	"shapewatch/probes"
)

type aboutContent struct {
	Version          string
	APIs, Operations int
	Waiting, Dead    int
	Oldest           moment
	LastError        string
	Newest           moment
	Store            string
	States           []legend
	Classes          []string
	Settings         string
	Lag              string
	Receives         bool   // there are webhooks
	Strays           string // requests to an address that no source has
}

// maxSettings bounds how much of the configuration is shown, characters.
const maxSettings = 60_000

// A legend explains one state.
type legend struct {
	State   state
	Meaning string
}

var legends = []legend{
	{agreed, "The last answer was valid and has the shape that was learned and agreed."},
	{learning, "Too few answers have been seen to know what is normal; differences are noted, not told."},
	{suspected, "The last answer differs. It is being asked again before anybody is told."},
	{drifted, "A confirmed change that may hurt soon: a new value, a smaller limit, an announced end."},
	{failing, "There was no valid answer: unreachable, an error status, a login page instead of JSON."},
	{breaking, "A confirmed change that breaks an integration relying on it: a field gone, retyped or empty."},
	{waiting, "Watched, but not checked yet."},
}

// storeWords say how much is remembered: "12 MB of at most 1.1 GB".
func (l *look) storeWords() string {
	if l.limit == 0 {
		return "in memory, gone when shapewatch ends"
	}
	return size(l.used) + " of at most " + size(l.limit)
}

func (s *site) aboutPage(_ *http.Request, l *look) (page, error) {
	c := aboutContent{
		Version: s.Version, APIs: len(l.apis), Waiting: l.outbox.Waiting, Dead: l.outbox.Dead,
		Oldest: moment{l.outbox.Oldest, l.now}, LastError: clip(200, l.outbox.LastError),
		Newest: moment{l.newest, l.now}, States: legends, Store: l.storeWords(),
	}
	if s.Reception != nil && len(s.Reception.Receiving()) > 0 {
		c.Receives, c.Strays = true, grouped(int64(s.Reception.Strays()))
	}
	if s.Settings != nil {
		c.Settings = clip(maxSettings, string(s.Settings()))
	}
	if late := l.lag(); late > 0 {
		c.Lag = span(late) + " late at most"
	} else {
		c.Lag = "kept"
	}
	for _, a := range l.apis {
		c.Operations += len(a.probes)
	}
	for _, class := range []probes.Class{
		probes.Unreachable, probes.Protocol, probes.Status, probes.NotJSON,
		probes.InvalidJSON, probes.OverLimit, probes.ErrorEnvelope, probes.PartialData,
	} {
		c.Classes = append(c.Classes, classWord(class))
	}
	return page{template: "about", Here: "about", Name: "About", Content: c}, nil
}
