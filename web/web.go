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
	"shapewatch/probes"
)

// Options say what the pages show and what they are called.
type Options struct {
	Source   Source                // what is remembered
	Probes   func() []probes.Probe // what is watched now, in the order of the configuration
	Problems func() []string       // our own illnesses, one sentence each; nil means none
	Desk     alerting.Desk         // takes what people say; nil means that the page only reads
	Title    string                // in the header and the browser's tab; empty means "shapewatch"
	Version  string                // of this program; may be empty
	Log      *slog.Logger          // where failures to read the source go; nil means slog.Default()
}

// A site is the handler's state: its options, its parsed pages and what it
// need not ask twice.
type site struct {
	Options
	pages   pageSet
	assets  assetSet
	pulse   pulse
	seats   chan struct{} // one for each open event stream
	mu      sync.Mutex
	settled map[string]bool // probes known to have learned enough, by ID
}

// New returns the handler of every route. It answers GET and HEAD only.
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
		seats: make(chan struct{}, maxStreams),
	}
	s.pages = parsePages(s.assets)
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.HandleFunc(r.pattern, r.serve)
	}
	return guard(mux)
}

// A route is one address and what answers it.
type route struct {
	pattern string
	serve   http.HandlerFunc
}

// routes is the whole surface: an address that is not here is a 404.
func (s *site) routes() []route {
	return []route{
		{"GET /{$}", s.page(s.overviewPage)},
		{"GET /apis/{api}", s.page(s.apiPage)},
		{"GET /incidents", s.page(s.historyPage)},
		{"GET /incidents/{id}", s.page(s.incidentPage)},
		{"GET /about", s.page(s.aboutPage)},
		{"GET /api/v1/overview", s.machine(s.overviewJSON)},
		{"GET /api/v1/apis/{api}", s.machine(s.apiJSON)},
		{"GET /api/v1/incidents", s.machine(s.incidentsJSON)},
		{"GET /api/v1/incidents/{id}", s.machine(s.incidentJSON)},
		{"GET /feed.atom", s.feed},
		{"GET /events", s.events},
		{"GET /healthz", s.healthz},
		{"GET /readyz", s.readyz},
		{"GET /static/{file}", s.static},
		{"/api/", s.machine(s.missingJSON)},
		{"/", s.missingPage},
	}
}
