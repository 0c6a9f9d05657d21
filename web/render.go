package web

import (
	"bytes"
	"context"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"time"

	"shapewatch/alerting"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

type (
	pageSet  map[string]*template.Template // by file name without extension
	assetSet map[string]asset              // by file name
)

// An asset is one embedded file; its version is in its address, so that a
// browser may keep it for ever.
type asset struct {
	body    []byte
	version string
	media   string
}

// mediaTypes are those of our files. What the machine knows is not asked: it
// may call a script plain text, and then no browser runs it.
var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
}

func loadAssets() assetSet {
	set := assetSet{}
	files, _ := fs.Glob(staticFiles, "static/*") // the pattern is a constant and valid
	for _, name := range files {
		body, _ := staticFiles.ReadFile(name) // embedded: it is there
		sum := fnv.New64a()
		sum.Write(body)
		set[path.Base(name)] = asset{
			body: body, version: hex.EncodeToString(sum.Sum(nil)), media: mediaTypes[path.Ext(name)],
		}
	}
	return set
}

// parsePages parses the embedded templates. They are part of the program, so
// a mistake in them is caught by the first test, not by a user.
func parsePages(assets assetSet) pageSet {
	base := template.Must(template.New("base").Funcs(template.FuncMap{
		"asset":      func(name string) string { return "/static/" + name + "?v=" + assets[name].version },
		"clip":       clip,
		"severities": func() []string { return []string{"breaking", "warning", "info"} },
		"count":      count,
		"runs":       runs,
		"answers":    func(n uint64) string { return count(int(n), "answer") },
	}).ParseFS(templateFiles, "templates/layout.html", "templates/parts.html", "templates/reconciliation.html", "templates/forwards.html", "templates/integrations.html"))
	set := pageSet{}
	for _, name := range []string{"overview", "public", "api", "incident", "history", "calendar", "silences", "about", "zoom", "login", "missing"} {
		clone := template.Must(base.Clone())
		set[name] = template.Must(clone.ParseFS(templateFiles, "templates/"+name+".html"))
	}
	return set
}

// A page is what every page has beside its own content.
type page struct {
	template string
	status   int

	Site, Version string
	Name          string // of this page; empty on the overview
	Here          string // entry of the navigation
	Now           moment
	Illnesses     []string
	Visitor       visitor
	Knows         bool // sees the private view
	CanLogin      bool
	Back          string // this page's own address, for after a login
	Zoom          bool   // has pictures that one can zoom into
	Static        bool   // a copy without a server: no forms, no script
	Content       any
}

// page serves what build makes of a look at everything; build says only what
// is on this page and on no other.
func (s *site) page(build func(*http.Request, *look) (page, error)) http.HandlerFunc {
	return s.together(func(w http.ResponseWriter, r *http.Request) {
		l, err := s.look(r.Context())
		if err != nil {
			s.draw(w, r, s.failure(r.Context(), err))
			return
		}
		p, err := build(r, l)
		if err != nil {
			p = s.failure(r.Context(), err)
		}
		p.Now, p.Illnesses = moment{l.now, l.now}, l.illnesses()
		if !visiting(r.Context()).private && len(p.Illnesses) > 0 {
			p.Illnesses = []string{"What follows may be out of date."}
		}
		s.draw(w, r, p)
	})
}

// draw sends a page. It needs nothing that can fail but the templates.
func (s *site) draw(w http.ResponseWriter, r *http.Request, p page) {
	if p.status == 0 {
		p.status = http.StatusOK
	}
	if p.Now.IsZero() {
		now := time.Now()
		p.Now = moment{now, now}
	}
	p.Site, p.Visitor = s.Title, visiting(r.Context())
	p.CanLogin, p.Back = s.gate.configured(), here(r.URL.RequestURI())
	if p.Static = r.Header.Get(copyHeader) != ""; p.Static {
		p.CanLogin = false
	}
	if p.Knows = p.Visitor.private; p.Knows {
		p.Version = s.Version
	}
	var out bytes.Buffer
	if err := s.pages[p.template].ExecuteTemplate(&out, "layout", p); err != nil {
		s.Log.Error("page", "template", p.template, "err", err)
		http.Error(w, "This page could not be drawn; the log says why.", http.StatusInternalServerError)
		return
	}
	send(w, p.status, "text/html; charset=utf-8", visible(out.Bytes()))
}

// failure is the page for what could not be shown.
func (s *site) failure(ctx context.Context, err error) page {
	if errors.Is(err, alerting.ErrNotFound) {
		return missing("There is nothing at this address", "It may have been removed from the configuration, or retention has taken it.")
	}
	s.unreadable(ctx, "page", err)
	p := missing("The store cannot be read", "What shapewatch remembers is out of reach at the moment. The log says why; this page works again as soon as the store does.")
	p.status = http.StatusServiceUnavailable
	return p
}

// unreadable notes that the store failed us or took too long, unless it is the
// reader who left.
func (s *site) unreadable(ctx context.Context, where string, err error) {
	if !errors.Is(ctx.Err(), context.Canceled) {
		s.Log.Error(where, "err", err)
	}
}

// unfit is the page for what cannot be done.
func unfit(status int, headline, advice string) page {
	p := missing(headline, advice)
	p.status = status
	return p
}

type missingContent struct{ Headline, Advice string }

func missing(headline, advice string) page {
	return page{template: "missing", status: http.StatusNotFound, Name: headline, Content: missingContent{headline, advice}}
}

// missingPage is there even when the store is not.
func (s *site) missingPage(w http.ResponseWriter, r *http.Request) {
	if !asks(r) {
		w.Header().Set("Allow", "GET, HEAD")
		s.turnAway(w, r, onlyAsks, http.StatusMethodNotAllowed)
		return
	}
	s.draw(w, r, missing("There is nothing at this address", "The link may be mistyped, or what it pointed to is gone."))
}

func send(w http.ResponseWriter, status int, media string, body []byte) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader may have left; there is nobody to tell
}

// static serves an embedded file.
func (s *site) static(w http.ResponseWriter, r *http.Request) {
	file, ok := s.assets[r.PathValue("file")]
	if !ok {
		http.Error(w, "no such file", http.StatusNotFound)
		return
	}
	etag := fmt.Sprintf("%q", file.version)
	w.Header().Set("ETag", etag)
	if r.URL.Query().Get("v") == file.version {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	send(w, http.StatusOK, file.media, file.body)
}
