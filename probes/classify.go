package probes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// maxErrorBody bounds what is kept of an answer with an unexpected status.
const maxErrorBody = 256 << 10

// read turns a response into a sample: reads its body within the limits and
// says what class of answer it is.
func (a *ask) read(ctx context.Context, r reply) (Sample, failure) {
	f := a.judge(r)
	s := a.sample(time.Time{}, f)
	s.Status, s.Header, s.MediaType = r.StatusCode, r.Header, mediaType(r.Header)
	if f.class == Protocol {
		return s, f
	}
	unexpected := f
	s.Body, s.Bytes, f = a.content(ctx, r, f.class == Status)
	if a.probe.Frames != nil {
		s.Header = trail(s.Header, r.Response)
	}
	if unexpected.class == Status {
		return s, unexpected
	}
	if a.line != nil {
		s.MediaType = a.line.speaks()
	}
	if f.class == ErrorEnvelope { // what a WebSocket was closed with
		s.Class, s.Problem = f.class, f.problem
		return s, f
	}
	if f.problem == "" && a.probe.Frames != nil && isGRPC(s.Header) {
		return s, f // what its status means is for who knows gRPC
	}
	if f.problem != "" {
		s.Body = nil
	} else {
		f = a.sniff(s)
	}
	s.Class, s.Problem = f.class, f.problem
	return s, f
}

// judge looks at the status line and header alone.
func (a *ask) judge(r reply) failure {
	code := r.StatusCode
	answered := fmt.Sprintf("answered %d", code)
	if text := http.StatusText(code); text != "" {
		answered += " " + text
	}
	switch {
	case r.moved != "":
		return failure{class: Status, problem: answered + ", " + r.moved}
	case code < 100 || code > 599:
		return failure{class: Status, problem: answered + ", which is no HTTP status"}
	case code == http.StatusNotModified && !a.probe.answers(code) && !a.asked("If-None-Match", "If-Modified-Since"):
		return failure{class: Protocol, problem: answered + " to a request without a condition"}
	case a.partial(r.Response) && !a.asked("Range"):
		return failure{class: Protocol, problem: answered + " with a part of the body, which was not asked for"}
	case a.probe.answers(code):
		return failure{class: Valid}
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return failure{class: Status, problem: answered + ": check the credentials"}
	}
	return failure{class: Status, problem: answered}
}

// partial reports whether an answer is a part of one, and the probe does not
// name exactly that as what it expects.
func (a *ask) partial(r *http.Response) bool {
	if r.StatusCode == http.StatusPartialContent {
		return !slices.Contains(a.probe.Expect, r.StatusCode)
	}
	return r.StatusCode < 300 && r.Header.Get("Content-Range") != ""
}

// asked reports whether the probe itself sends one of these headers.
func (a *ask) asked(names ...string) bool {
	for _, name := range names {
		if a.probe.Header.Get(name) != "" {
			return true
		}
	}
	return false
}

// content reads the body. Of an unexpected answer it keeps the beginning,
// whole or not.
func (a *ask) content(ctx context.Context, r reply, unexpected bool) ([]byte, int64, failure) {
	if a.bodiless(r.StatusCode) {
		return nil, 0, failure{}
	}
	switch e := a.streamed(r.Response); {
	case unexpected:
	case a.line != nil:
		return a.gather(ctx)
	case a.probe.Frames != nil && !a.client.recorded && isGRPC(r.Header):
		return a.unframe(ctx, r.Response)
	case a.probe.Socket != nil:
		return a.recalled(ctx, r)
	case e != nil:
		return a.listen(ctx, r.Response, e)
	}
	limit := a.probe.maxBody()
	if unexpected {
		limit = min(limit, maxErrorBody)
	}
	b, err := newBody(r.Response, limit)
	if err != nil && !unexpected {
		return nil, b.size, a.explainBody(ctx, b, err)
	}
	content, err := b.readAll()
	if err != nil {
		return content, b.size, a.explainBody(ctx, b, err)
	}
	return content, b.size, failure{}
}

func (a *ask) explainBody(ctx context.Context, b *body, err error) failure {
	if ctx.Err() != nil {
		f := a.explain(ctx, err, readingBody)
		f.problem = strings.TrimSuffix(f.problem, ")") + fmt.Sprintf(", %s so far)", bytesInWords(b.wire.bytes))
		return f
	}
	if f := (failure{}); errors.As(err, &f) {
		return f
	}
	return b.explain(err)
}

// bodiless reports whether an answer has no body by definition.
func (a *ask) bodiless(status int) bool {
	return a.probe.method() == http.MethodHead || status == http.StatusNoContent || status == http.StatusNotModified
}

// mediaType is the Content-Type in lower case, without parameters; empty when
// there is none or it is unprintable.
func mediaType(header http.Header) string {
	sent := header.Get("Content-Type")
	if len(sent) > 256 {
		return ""
	}
	parsed, _, err := mime.ParseMediaType(sent)
	if err == nil || parsed != "" {
		return parsed
	}
	before, _, _ := strings.Cut(sent, ";")
	if plain := strings.ToLower(strings.TrimSpace(before)); plain == printable(plain, 128) {
		return plain
	}
	return ""
}

var utf8BOM = []byte("\xef\xbb\xbf")

// sniff says whether a whole body looks like what we can read: JSON, whatever
// its media type claims, or XML or CSV of that media type. Whether it parses is for contracts to say.
func (a *ask) sniff(s Sample) failure {
	if a.bodiless(s.Status) {
		return failure{class: Valid}
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(s.Body, utf8BOM), " \t\r\n")
	if a.probe.Document {
		return sniffDocument(s.MediaType, text)
	}
	if len(text) == 0 {
		return failure{class: NotJSON, problem: fmt.Sprintf("answered %d with an empty body", s.Status)}
	}
	if f := foreign(s.MediaType, text); f.problem != "" {
		return f
	}
	claims := claimsJSON(s.MediaType)
	switch {
	case text[0] == '<' || isTable(s.MediaType): // what foreign let pass
		return failure{class: Valid}
	case text[0] == '{' || text[0] == '[':
		return failure{class: Valid}
	case (claims || s.MediaType == "") && strings.IndexByte(`"-0123456789tfn`, text[0]) >= 0:
		return failure{class: Valid}
	case claims:
		return failure{class: InvalidJSON, problem: fmt.Sprintf(
			"the body claims to be JSON and begins with %s", quoted(string(text[:min(len(text), 12)]), 12))}
	}
	return failure{class: NotJSON, problem: "the body is " + mediaTypeInWords(s.MediaType) + ", not JSON"}
}

// sniffDocument says whether a body may be a published document: YAML has no
// mark, so all that is text and no page may be. Whether it is one shows when it
// is read.
func sniffDocument(media string, text []byte) failure {
	switch {
	case len(text) == 0:
		return failure{class: Unreadable, problem: "the document is empty"}
	case text[0] == '<':
		return failure{class: Unreadable, problem: strings.ReplaceAll(markup(media, text), "instead of JSON", "and no document")}
	case isUTF16(text):
		return failure{class: Unreadable, problem: "the document is UTF-16 or UTF-32 text, or no text at all"}
	}
	return failure{class: Valid}
}

// foreign recognises what is something else for sure.
func foreign(media string, text []byte) failure {
	switch {
	case text[0] == '<' && (isPage(media, text) || !isXML(media)):
		return failure{class: NotJSON, problem: markup(media, text)}
	case isUTF16(text):
		return failure{class: NotJSON, problem: "the body is UTF-16 or UTF-32 text; JSON must be UTF-8"}
	}
	return failure{}
}

// isXML reports whether a media type says XML; such a body is read.
func isXML(media string) bool {
	return media != "application/xhtml+xml" && (strings.HasSuffix(media, "/xml") || strings.HasSuffix(media, "+xml"))
}

// isTable reports whether a media type says CSV, whatever its separator.
func isTable(media string) bool {
	return media == "text/csv" || media == "application/csv" || media == "text/tab-separated-values"
}

// isPage reports whether a body in angle brackets is HTML.
func isPage(media string, text []byte) bool {
	head := lowerASCII(text[:min(len(text), 4<<10)])
	return strings.Contains(media, "html") || bytes.Contains(head, []byte("<html")) || bytes.HasPrefix(head, []byte("<!doctype html"))
}

// markup tells HTML, where its title says most, from XML.
func markup(media string, text []byte) string {
	if !isPage(media, text) {
		return "the body is XML, and its media type is " + mediaTypeInWords(media)
	}
	head := lowerASCII(text[:min(len(text), 4<<10)])
	if _, after, found := bytes.Cut(head, []byte("<title>")); found {
		start := len(head) - len(after)
		title, _, _ := bytes.Cut(text[start:len(head)], []byte("<"))
		if title = bytes.TrimSpace(title); len(title) > 0 {
			return "the body is an HTML page instead of JSON, titled " + quoted(string(title), 60)
		}
	}
	return "the body is an HTML page instead of JSON"
}

// lowerASCII keeps every byte in its place, which bytes.ToLower does not for
// a page in Latin-1.
func lowerASCII(text []byte) []byte {
	lower := bytes.Clone(text)
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	return lower
}

func isUTF16(text []byte) bool {
	return bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) ||
		bytes.IndexByte(text[:min(len(text), 4)], 0) >= 0
}

// claimsJSON reports whether a media type says JSON, one document or lines of them.
func claimsJSON(media string) bool {
	return strings.HasSuffix(media, "json") || strings.HasSuffix(media, "/jsonl") ||
		strings.HasSuffix(media, "jsonlines")
}

func mediaTypeInWords(media string) string {
	switch media {
	case "":
		return "of no known type"
	case "text/plain":
		return "plain text"
	}
	return printable(media, 80)
}
