package web

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
)

// An Ask asks a page for an address on it, such as "/incidents?api=x", and
// returns its answer.
type Ask func(ctx context.Context, address string, header http.Header) (Answer, error)

// An Answer is what a page said.
type Answer struct {
	Status int
	Media  string
	Body   []byte
}

// CopyOptions say what a static copy is made of.
type CopyOptions struct {
	Ask     Ask
	Dir     string // made when it does not exist
	Private bool   // all pages, for readers who may know everything; else the public view
}

// copyHeader asks for a page without forms and script; its value is the view.
const copyHeader = "Shapewatch-Copy"

// copiedFiles bounds a copy.
const copiedFiles = 20_000

// A copier follows links from the overview and keeps what they lead to.
type copier struct {
	CopyOptions
	root  *os.Root
	files map[string]string // by address
	queue []string
}

// Copy writes the pages as files that need no server, and returns how many.
// Links between them are relative, so that the folder may be anywhere.
func Copy(ctx context.Context, o CopyOptions) (files int, err error) {
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return 0, err
	}
	root, err := os.OpenRoot(o.Dir)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	c := &copier{CopyOptions: o, root: root, files: map[string]string{}}
	for _, address := range []string{"/", "/feed.atom", "/calendar.ics", "/api/v1/overview", "/api/v2/summary.json"} {
		c.link(address)
	}
	for len(c.queue) > 0 {
		address := c.queue[0]
		c.queue = c.queue[1:]
		if err := c.keep(ctx, address); err != nil {
			return files, err
		}
		files++
	}
	return files, nil
}

// link is the file of an address, "" when there is none in a copy. The address
// is visited later.
func (c *copier) link(address string) string {
	if file, known := c.files[address]; known {
		return file
	}
	file := fileOf(address)
	if file == "" || len(c.files) >= copiedFiles {
		return ""
	}
	c.files[address] = file
	c.queue = append(c.queue, address)
	return file
}

// uncopied are addresses that are of no use without a server.
var uncopied = []string{"/login", "/logout", "/events", "/metrics", "/healthz", "/readyz", "/silences"}

// fileOf is where an address is kept: a page is index.html in a folder of its
// name, a query makes another folder.
func fileOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, "/") {
		return ""
	}
	for _, prefix := range uncopied {
		if u.Path == prefix || strings.HasPrefix(u.Path, prefix+"/") {
			return ""
		}
	}
	name := strings.Trim(u.EscapedPath(), "/")
	if name != path.Clean(name) && name != "" || strings.HasPrefix(name, "..") || strings.Contains(name, "%2F") || strings.Contains(name, "%00") {
		return ""
	}
	name = strings.ReplaceAll(name, "%", "_")
	switch {
	case strings.HasPrefix(name, "static/"):
		return name
	case strings.HasPrefix(name, "api/"):
		return strings.TrimSuffix(name, ".json") + queried(u.RawQuery) + ".json"
	case path.Ext(name) != "" && u.RawQuery == "" && (strings.HasSuffix(name, ".atom") || strings.HasSuffix(name, ".ics") || strings.HasPrefix(name, "badge/")):
		return name
	case u.RawQuery != "":
		return path.Join(name, queried(u.RawQuery)[1:], "index.html")
	}
	return path.Join(name, "index.html")
}

// queried stands for a query in the name of a file.
func queried(query string) string {
	if query == "" {
		return ""
	}
	return "-q" + fingerprint(query)[:8]
}

// keep asks for one address and writes its file.
func (c *copier) keep(ctx context.Context, address string) error {
	view := "public"
	if c.Private {
		view = "private"
	}
	answer, err := c.Ask(ctx, address, http.Header{copyHeader: {view}})
	if err != nil {
		return fmt.Errorf("page %s: %w", address, err)
	}
	if answer.Status != http.StatusOK && address == "/" {
		return fmt.Errorf("page /: status %d", answer.Status)
	}
	file := c.files[address]
	body := answer.Body
	if strings.HasPrefix(answer.Media, "text/html") {
		body = c.relink(body, file)
	}
	if err := c.root.MkdirAll(path.Dir(file), 0o755); err != nil {
		return err
	}
	return c.root.WriteFile(file, body, 0o644)
}

var linkAttribute = regexp.MustCompile(`(href|src|data-zoom)="(/[^"]*)"`)

// relink makes the links of a page relative to its file.
func (c *copier) relink(page []byte, file string) []byte {
	up := strings.Repeat("../", strings.Count(file, "/"))
	return linkAttribute.ReplaceAllFunc(page, func(match []byte) []byte {
		m := linkAttribute.FindSubmatch(match)
		address, fragment, _ := strings.Cut(html.UnescapeString(string(m[2])), "#")
		target := c.link(address)
		if target == "" {
			target = "index.html"
		}
		if fragment != "" {
			target += "#" + fragment
		}
		return []byte(string(m[1]) + `="` + html.EscapeString(up+target) + `"`)
	})
}

// copied is the view that a request for a static copy wants; it can only be
// less than its visitor may see.
func copied(r *http.Request, v visitor) (visitor, bool) {
	switch r.Header.Get(copyHeader) {
	case "public":
		return visitor{}, true
	case "private":
		return v, true
	}
	return v, false
}

// AskHandler asks a page in this process, as a reader at this machine.
func AskHandler(h http.Handler) Ask {
	return func(ctx context.Context, address string, header http.Header) (Answer, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+address, nil)
		if err != nil {
			return Answer{}, err
		}
		r.RequestURI, r.RemoteAddr = address, "127.0.0.1:1"
		for name, values := range header {
			r.Header[name] = values
		}
		w := &keptAnswer{header: http.Header{}}
		h.ServeHTTP(w, r)
		return Answer{w.status, w.header.Get("Content-Type"), w.body}, nil
	}
}

// A keptAnswer is an answer that nobody sends.
type keptAnswer struct {
	header http.Header
	status int
	body   []byte
}

func (k *keptAnswer) Header() http.Header { return k.header }

func (k *keptAnswer) WriteHeader(status int) { k.status = status }

func (k *keptAnswer) Write(b []byte) (int, error) {
	if k.status == 0 {
		k.status = http.StatusOK
	}
	k.body = append(k.body, b...)
	return len(b), nil
}
