package web_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/contracts/shape"
	"shapewatch/probes"
)

// payloads are what a vendor, or whoever sits between, may send where a text
// is expected. Each ends in "mark", so that it can be found again.
var payloads = []string{
	`<script>alert(1)</script>mark`,
	`"><img src=x onerror=alert(1)>mark`,
	`' onmouseover='alert(1)' mark`,
	`</title></svg></style></script><svg onload=alert(1)>mark`,
	`--><!--<b>mark`,
	`]]><x/>mark`,
	`javascript:alert(1)//mark`,
	`data:text/html,<script>mark`,
	`//evil.example/mark`,
	`../../about?mark`,
	`{{.Site}}{{template "layout"}}mark`,
	"`<b>bold</b>` and `mark`",
	"`unpaired mark",
	`&lt;b&gt;&#60;i&#62;mark`,
	"\u202egnp.exe\u202c\u2066\u200b\u00admark",
	"\x00\x07\x1b[31mred\x1b[0mmark",
	"\xff\xfe\xc3mark",
	"line\r\nSet-Cookie: a=b\r\n\r\nmark",
	"\ufeff\u2028\u2029mark",
	strings.Repeat("é", 5000) + "mark",
}

// harmless has the length and place of a payload, and nothing in it.
const harmless = "mark"

// hostileWorld says a text wherever a page shows one that is not ours.
func hostileWorld(t testing.TB, now time.Time, text string) *world {
	w := &world{checks: map[string][]contracts.Check{}, hours: map[string][]contracts.Hour{}, baselines: map[string][]byte{}}
	w.add(now, history{
		api: "api " + text, group: "group " + text, owner: text, operation: "GET /" + text, every: time.Minute, count: 40,
		latency: time.Millisecond, items: 5, spoil: func(age int, c *contracts.Check) {
			if age%2 == 0 {
				c.Class, c.Problem = probes.NotJSON, text
			} else if age == 3 {
				c.Class, c.Problem = probes.Class(text), text
			}
		},
	})
	id := w.probes[0].ID
	w.baselines[id] = hostileBaseline(t, now, text)
	e := contracts.Evidence{WasSeen: 5, WasOf: 5, NowOf: 5, Since: now, Checks: 5, Of: 5}
	entry := alerting.Entry{Probe: id, Since: now, Finding: contracts.Finding{
		API: w.probes[0].API, Operation: w.probes[0].Operation, Path: "/" + text, Kind: "field-removed",
		Severity: contracts.Breaking, Was: text, Now: text, Cause: text, Evidence: e,
	}}
	w.incidents = []alerting.Incident{{
		ID: "inc_1", API: w.probes[0].API, Group: text, Owner: text, Title: text, Severity: contracts.Breaking,
		Condition: alerting.Firing, Handling: alerting.New, Opened: now.Add(-10 * time.Minute), Changed: now, Version: 1,
		Entries:  []alerting.Entry{entry},
		Timeline: []alerting.Event{{At: now, Kind: alerting.Opened, Actor: text, Text: text}},
		Requests: []alerting.PullRequest{{URL: "javascript:" + text, Branch: text, State: alerting.RequestState(text), At: now}},
	}}
	w.outbox = alerting.OutboxHealth{Dead: 1, LastError: text}
	w.problems = []string{text}
	m := alerting.Matcher{API: text, Group: text, Owner: text, Operation: text, Kind: text, Incident: "inc_1", Labels: map[string]string{text: text}}
	w.desk = &desk{w: w,
		acts: []alerting.Act{{Kind: alerting.ActKind(text), Incident: "inc_1", Actor: text, Through: text, At: now, Reason: text}},
		silences: []alerting.Silence{
			{ID: "sil_1", Matcher: m, From: now, UntilChange: true, Actor: text, Through: text, Reason: text},
			{ID: "sil_2", Matcher: m, From: now, Until: now, Ended: now, Actor: text, Through: text, Reason: text},
		},
	}
	return w
}

// hostileBaseline has learned a field of that name and with that value.
func hostileBaseline(t testing.TB, now time.Time, text string) []byte {
	body, err := json.Marshal(map[string]any{text: map[string]any{"kind": text}})
	if err != nil {
		t.Fatal(err)
	}
	b := contracts.NewBaseline()
	for range 30 {
		s := shape.New(shape.Limits{})
		if err := s.Observe(body, now); err != nil {
			t.Fatal(err)
		}
		b.Learn(&contracts.Observation{At: now, Class: probes.Valid, Shape: s}, contracts.Verdict{Learned: true})
	}
	encoded, err := b.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// pagesOf are all pages that show something of a hostile world.
func pagesOf(w *world) []string {
	api := w.probes[0].API
	return []string{
		"/", "/?q=" + url.QueryEscape(api), "/apis/" + url.PathEscape(api),
		"/apis/" + url.PathEscape(api) + "?operation=" + url.QueryEscape(w.probes[0].Name),
		"/incidents", "/incidents?api=" + url.QueryEscape(api), "/incidents/inc_1", "/silences", "/about",
	}
}

// TestPages_NeverTakeTextForMarkup draws every page with each payload and with
// a harmless word in its place: both must have the same elements and
// attributes, lead nowhere else, and show what was said.
func TestPages_NeverTakeTextForMarkup(t *testing.T) {
	for _, payload := range payloads {
		compareWithTame(t, payload, pagesOf)
	}
}

// FuzzPages does the same for the pages whose form does not follow the text:
// a learned shape shows a date otherwise than a word.
func FuzzPages(f *testing.F) {
	for _, payload := range payloads {
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, text string) {
		compareWithTame(t, text+" mark", func(*world) []string { return []string{"/", "/incidents", "/incidents/inc_1", "/about"} })
	})
}

func compareWithTame(t *testing.T, payload string, pages func(*world) []string) {
	t.Helper()
	now := time.Now()
	tame, hostile := hostileWorld(t, now, harmless), hostileWorld(t, now, payload)
	for i, address := range pages(hostile) {
		if len(address) > 2000 {
			continue // the query is refused before anything is drawn
		}
		want := skeleton(t, page(t, tame.handler(), pages(tame)[i]))
		body := page(t, hostile.handler(), address)
		if diff := cmp.Diff(want, skeleton(t, body)); diff != "" {
			t.Errorf("%.40q changes %.60s:\n%s", payload, address, diff)
		}
		checkShown(t, payload, address, body)
	}
}

func page(t *testing.T, h http.Handler, address string) string {
	t.Helper()
	got := get(h, "GET", address)
	if got.Code != http.StatusOK {
		t.Fatalf("%.80s: %d", address, got.Code)
	}
	for name, values := range got.Header() {
		if strings.Contains(strings.Join(values, ""), "mark") {
			t.Errorf("header %s says %q", name, values)
		}
	}
	return got.Body.String()
}

func checkShown(t *testing.T, payload, address, body string) {
	t.Helper()
	for _, hidden := range "\x00\x07\x1b\u202e\u202c\u2066\u200b\u00ad\ufeff\u2028\u2029" {
		if strings.ContainsRune(body, hidden) {
			t.Errorf("%.60s: %U passes unseen", address, hidden)
		}
	}
	if address == "/incidents/inc_1" && !strings.Contains(html.UnescapeString(body), "mark") {
		t.Errorf("%.40q: the incident does not show it", payload)
	}
	if n := strings.Count(body, "é"); n > 4000 {
		t.Errorf("%.60s shows %d letters of texts that are too long", address, n)
	}
}

// skeleton lists the elements of a page with their attributes' names, and
// fails on an address that leads elsewhere. Code is left out: texts may have it.
func skeleton(t *testing.T, page string) (elements []string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return slices.Compact(elements)
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local == "code" && len(start.Attr) == 0 {
			continue
		}
		element := start.Name.Local
		for _, a := range start.Attr {
			element += " " + a.Name.Local
			if link := a.Name.Local == "href" || a.Name.Local == "src" || a.Name.Local == "action"; link && !ours(a.Value) {
				t.Errorf("%s leads to %q", start.Name.Local, a.Value)
			}
		}
		elements = append(elements, element)
	}
}

// ours reports whether an address is of this server or of this page.
func ours(address string) bool {
	return strings.HasPrefix(address, "#") || strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//")
}

// TestMachines_GetTextAsText does the same for JSON and Atom: they parse, and
// give back what was said as far as it is text.
func TestMachines_GetTextAsText(t *testing.T) {
	now := time.Now()
	for _, payload := range payloads {
		h := hostileWorld(t, now, payload).handler()
		text := strings.ToValidUTF8(payload, "\ufffd")
		var incident struct{ Title string }
		body := get(h, "GET", "/api/v1/incidents/inc_1").Body.Bytes()
		if err := json.Unmarshal(body, &incident); err != nil || len([]rune(incident.Title)) < len([]rune(text)) || strings.ContainsAny(string(body), "<>") {
			t.Errorf("%.40q: JSON says %.80q, %v", payload, incident.Title, err)
		}
		var feed struct {
			Entries []struct {
				Title string `xml:"title"`
				Links []struct {
					Href string `xml:"href,attr"`
				} `xml:"link"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal(get(h, "GET", "/feed.atom").Body.Bytes(), &feed); err != nil || len(feed.Entries) != 1 {
			t.Fatalf("%.40q: %d entries, %v", payload, len(feed.Entries), err)
		}
		if entry := feed.Entries[0]; len(entry.Links) != 1 || entry.Links[0].Href != "http://localhost:8080/incidents/inc_1" {
			t.Errorf("%.40q: the feed leads to %v", payload, entry.Links)
		}
	}
}
