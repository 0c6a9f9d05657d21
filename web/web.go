// Package web shows. [New] builds one handler that turns what a [Source]
// remembers into pages for people (overview, API, incident, history) and the
// same facts as JSON, Atom and server-sent events for machines.
//
// Everything is rendered here on the server and embedded in the binary: no
// build step, no script needed to read a page, nothing fetched from elsewhere.
// The package only reads. It never shows a request's URL, its headers or a
// vendor's payload, and vendor text never becomes markup.
package web

import (
	"log/slog"
	"net/http"
	"sync"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
)

// Options say what the pages show and what they are called.
type Options struct {
	Source    Source                                 // what is remembered
	Probes    func() []probes.Probe                  // what is watched now, in the order of the configuration
	Contract  func(probe string) *contracts.Contract // what was agreed for a probe; nil means that there is no contract
	Uses      func(probe string) []string            // the paths of a probe that you read; nil means that nobody said
	Settings  func() []byte                          // the effective configuration, secrets masked; nil means that it is not shown
	Edits     Edits                                  // proposes how contracts follow an incident; nil means that nothing is proposed
	Proposals Proposals                              // works out how contracts follow all that is at odds with them; nil for none
	Problems  func() []string                        // our own illnesses, one sentence each; nil means none
	Desk      alerting.Desk                          // takes what people say; nil means that the page only reads
	Forwards  ForwardDesk                            // takes what people say of events that could not be handed on; nil for none
	Pulls     PullDesk                               // knows and keeps pull requests against contracts; nil for none
	Reception Reception                              // what comes to the addresses of sources; nil for none
	Unlearn   Unlearn                                // un-learns what was learned in a bad time; nil means that the page only reads
	Access    Access                                 // who may read more than the public view, and act
	URL       string                                 // public address of the page; empty means as each reader reached it
	Title     string                                 // in the header and the browser's tab; empty means "shapewatch"
	Version   string                                 // of this program; may be empty
	Log       *slog.Logger                           // where failures to read the source go; nil means slog.Default()
}

// A site is the handler's state: its options, its parsed pages and what it
// need not ask twice.
type site struct {
	Options
	pages   pageSet
	assets  assetSet
	pulse   pulse
	seats   chan struct{} // one for each open event stream
	seated  chan struct{} // one for each request that is worked on
	gate    *gate
	issuer  issuer
	mu      sync.Mutex
	settled map[string]bool // probes known to have learned enough, by ID
	past    struct {
		sync.Mutex
		days map[string]pastDays // by probe
	}
	seen      sightings
	lookout   lookout
	gathering gathering
	terms     struct {
		sync.Mutex
		of map[string]contracts.Terms // of the last valid answer, by probe
	}
}

// New returns the handler of every route.
func New(o Options) http.Handler {
	if o.Title == "" {
		o.Title = "shapewatch"
	}
	if o.Problems == nil {
		o.Problems = func() []string { return nil }
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &site{
		Options: o, assets: loadAssets(), settled: map[string]bool{},
		seats: make(chan struct{}, maxStreams), seated: make(chan struct{}, maxRequests), gathering: newGathering(),
		gate: newGate(o.Access, o.URL),
	}
	s.seen.of = map[string]*sighting{}
	s.past.days, s.terms.of = map[string]pastDays{}, map[string]contracts.Terms{}
	s.pages = parsePages(s.assets)
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.HandleFunc(r.pattern, s.admit(r))
	}
	return s.guard(mux)
}
