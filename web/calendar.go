package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

const deadlinesListed = 500

type calendarContent struct {
	Coming, Past []deadline
	More         int
	APIs         int
}

// calendarPage lists everything that ends, over all vendors.
func (s *site) calendarPage(_ *http.Request, l *look) (page, error) {
	all := l.calendar()
	c := calendarContent{More: max(0, len(all)-deadlinesListed), APIs: len(l.apis)}
	for _, d := range all[:min(len(all), deadlinesListed)] {
		if d.At.At.Before(l.now) {
			c.Past = append(c.Past, d)
		} else {
			c.Coming = append(c.Coming, d)
		}
	}
	return page{template: "calendar", Here: "calendar", Name: "Calendar", Content: c}, nil
}

// Link is the page of the operation that ends.
func (d deadline) Link() string {
	if d.Probe == "" {
		return apiLink(d.API)
	}
	return operationLink(d.API, d.Probe)
}

type deadlineReply struct {
	API       string    `json:"api"`
	Operation string    `json:"operation"` // empty when it is of several
	What      string    `json:"what"`
	At        time.Time `json:"at"`
}

type deadlinesReply struct {
	Deadlines []deadlineReply `json:"deadlines"` // the next first, what is over last
}

// deadlinesJSON is GET /api/v1/deadlines.
func (s *site) deadlinesJSON(r *http.Request) (any, error) {
	l, err := s.look(r.Context())
	if err != nil {
		return nil, err
	}
	reply := deadlinesReply{Deadlines: []deadlineReply{}}
	for _, d := range l.calendar() {
		reply.Deadlines = append(reply.Deadlines, deadlineReply{d.API, d.Operation, d.What, d.At.At.UTC()})
	}
	return reply, nil
}

// calendarICS is the calendar as iCalendar (RFC 5545): one all-day event for
// each deadline, with an alarm a week ahead. Without a login it names the API
// and no operation.
func (s *site) calendarICS(w http.ResponseWriter, r *http.Request) {
	l, err := s.look(r.Context())
	if err != nil {
		s.unreadable(r.Context(), "calendar", err)
		http.Error(w, "the store cannot be read", http.StatusServiceUnavailable)
		return
	}
	var out icalendar
	out.line("BEGIN", "VCALENDAR")
	out.line("VERSION", "2.0")
	out.line("PRODID", "-//shapewatch//deadlines//EN")
	out.line("X-WR-CALNAME", escaped(s.Title+": deadlines"))
	known := visiting(r.Context()).private
	for _, d := range l.calendar() {
		out.event(d, s.base(r), l.now, known)
	}
	out.line("END", "VCALENDAR")
	send(w, http.StatusOK, "text/calendar; charset=utf-8", []byte(out.String()))
}

type icalendar struct{ strings.Builder }

// foldAt is the longest line, bytes; what is longer goes on in the next.
const foldAt = 73

func (c *icalendar) line(name, value string) {
	text := name + ":" + value
	for len(text) > foldAt {
		cut := foldAt
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		c.WriteString(text[:cut] + "\r\n ")
		text = text[cut:]
	}
	c.WriteString(text + "\r\n")
}

// escaped makes a text a value of RFC 5545, section 3.3.11.
func escaped(s string) string {
	text := string(visible([]byte(strings.ToValidUTF8(clip(300, s), "\ufffd"))))
	return strings.NewReplacer("\\", "\\\\", ";", "\\;", ",", "\\,", "\n", "\\n", "\t", " ").Replace(text)
}

func (c *icalendar) event(d deadline, base string, now time.Time, known bool) {
	what, link := d.API+": "+d.What, base+"/"
	if known {
		link = base + d.Link()
		if d.Operation != "" {
			what += " of " + d.Operation
		}
	}
	day := d.At.At.UTC()
	c.line("BEGIN", "VEVENT")
	c.line("UID", escaped(fmt.Sprintf("%x@shapewatch", fingerprint(d.API, d.Probe, d.What))))
	c.line("DTSTAMP", now.UTC().Format("20060102T150405Z"))
	c.line("DTSTART;VALUE=DATE", day.Format("20060102"))
	c.line("DTEND;VALUE=DATE", day.AddDate(0, 0, 1).Format("20060102"))
	c.line("SUMMARY", escaped(what))
	c.line("DESCRIPTION", escaped("At "+day.Format("15:04")+" UTC. "+link))
	c.line("URL", strings.ReplaceAll(link, "\n", ""))
	c.line("TRANSP", "TRANSPARENT")
	c.line("BEGIN", "VALARM")
	c.line("ACTION", "DISPLAY")
	c.line("DESCRIPTION", escaped(what))
	c.line("TRIGGER", "-P7D")
	c.line("END", "VALARM")
	c.line("END", "VEVENT")
}
