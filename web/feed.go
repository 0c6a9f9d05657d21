package web

import (
	"encoding/xml"
	"net/http"
	"strings"
	"time"

	"shapewatch/alerting"
)

const entriesInFeed = 50

// An atomFeed is RFC 4287 as far as incidents need it.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Link      atomLink `xml:"link"`
	Summary   string   `xml:"summary"`
}

// feed serves the newest incidents as Atom. Addresses are as the reader
// reached us, which only that reader's own copy contains.
func (s *site) feed(w http.ResponseWriter, r *http.Request) {
	api := r.PathValue("api")
	incidents, err := s.Source.Incidents(r.Context(), api, entriesInFeed)
	if err != nil {
		s.unreadable(r.Context(), "feed", err)
		http.Error(w, "the store cannot be read", http.StatusServiceUnavailable)
		return
	}
	base := s.base(r)
	self, title, page := base+"/feed.atom", s.Title, base+"/"
	if api != "" {
		self, title, page = base+apiLink(api)+"/feed.atom", s.Title+": "+clip(80, api), base+apiLink(api)
	}
	feed := atomFeed{
		ID: self, Title: title, Author: "shapewatch", Updated: stamp(time.Unix(0, 0)),
		Links: []atomLink{{"self", self}, {"alternate", page}},
	}
	for _, i := range incidents {
		e := newAtomEntry(i, base)
		if !visiting(r.Context()).private {
			e.Title, e.Summary = i.API+": "+publicTitle(i), ""
		}
		feed.Updated = max(feed.Updated, e.Updated)
		feed.Entries = append(feed.Entries, e)
	}
	body, err := xml.MarshalIndent(feed, "", "  ")
	if err != nil {
		s.Log.Error("feed", "err", err)
		http.Error(w, "the feed could not be written", http.StatusInternalServerError)
		return
	}
	send(w, http.StatusOK, "application/atom+xml; charset=utf-8", append([]byte(xml.Header), visible(body)...))
}

func newAtomEntry(i alerting.Incident, base string) atomEntry {
	state := i.Severity.String()
	if !i.Open() {
		state = string(i.Condition)
	}
	var lines []string
	for _, e := range i.Entries[:min(len(i.Entries), 10)] {
		f := e.Finding
		lines = append(lines, f.Operation+" "+where(f.Path)+": "+clip(200, f.Was)+" → "+clip(200, f.Now))
	}
	return atomEntry{
		ID: base + incidentLink(i.ID), Title: i.API + ": " + clip(200, i.Title) + " (" + state + ")",
		Published: stamp(i.Opened), Updated: stamp(i.Changed), Link: atomLink{"alternate", base + incidentLink(i.ID)},
		Summary: strings.Join(lines, "\n"),
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// base is the page's public address; without one, as the reader reached us.
func (s *site) base(r *http.Request) string {
	switch {
	case s.gate.page != nil:
		return strings.TrimSuffix(s.gate.page.String(), "/")
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
