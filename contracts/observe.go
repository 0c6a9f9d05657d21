package contracts

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"slices"
	"strings"

	"shapewatch/contracts/shape"
	"shapewatch/probes"
)

// Observe understands a sample: it reads the body once, settles the class that
// the probe could only guess, and fills shape and signals. Expect lists the
// statuses that count as an answer; none means any 2xx. It never fails: what
// cannot be read is a class with a problem in words.
func Observe(s probes.Sample, expect []int) Observation {
	o := Observation{
		At: s.At, Class: s.Class, Problem: s.Problem,
		Run: s.Run, Job: s.Job, Inflow: s.Inflow, Reconciled: s.Reconciled, Paged: s.Paged,
		Publication: s.Publication, Schema: s.Schema,
	}
	if o.Class == "" {
		o.Class = probes.Valid
	}
	text := s.Body // as JSON
	if o.Class == probes.Valid {
		text = o.classify(s, expect)
	}
	if o.Class != probes.Valid {
		o.Shape, o.fields = nil, view{}
	}
	o.Signals = readSignals(s, o.view())
	if o.Class == probes.Valid {
		o.Signals.Stamps = stampsOf(text, o.view(), s.At)
		if s.Inflow == nil { // of events that come by themselves there is no newest at a time
			o.Signals.Sequences = sequencesOf(text, o.view(), o.Signals.ItemsPath)
		}
		if !s.Modified.IsZero() {
			o.Signals.Stamps = append([]Stamp{{fileStamp, s.Modified.Unix()}}, o.Signals.Stamps...)
		}
	} else {
		o.Signals.Fault, o.Signals.Denied, o.Signals.Wall = refusalOf(s, o.Class)
	}
	return o
}

// fileStamp is the place of the time at which a file was written.
const fileStamp = "file:modified"

// classify reads the body of a sample that looks like an answer, and returns it
// as JSON text.
func (o *Observation) classify(s probes.Sample, expect []int) []byte {
	body := bytes.TrimSpace(s.Body)
	switch {
	case s.Publication != nil: // read already
		o.Shape = shape.New(shape.Limits{})
	case !expected(s.Status, expect):
		o.refuse(probes.Status, fmt.Sprintf("status %d where %s was expected", s.Status, statuses(expect)))
	case len(body) == 0 && (s.Status == 204 || s.Status == 205):
		o.Shape = shape.New(shape.Limits{})
	case len(body) == 0:
		o.refuse(probes.NotJSON, "the body is empty")
	case body[0] == '<' && !isXML(s.MediaType, body):
		o.refuse(probes.NotJSON, "the body is HTML or XML, not JSON"+titled(s.MediaType))
	default:
		return o.readBody(s)
	}
	return nil
}

// isXML reports whether a body in angle brackets is sent as XML and is no page.
func isXML(media string, body []byte) bool {
	head := bytes.ToLower(body[:min(len(body), 1<<10)])
	return shape.SyntaxOf(media) == shape.XML && !bytes.Contains(head, []byte("<html"))
}

// syntaxOf is how to read a body: as what its media type says, unless it is
// plainly JSON.
func syntaxOf(s probes.Sample) shape.Syntax {
	as := shape.SyntaxOf(s.MediaType)
	if as == shape.Lines {
		return as
	}
	if as == "" || startsLikeJSON(s.Body) {
		return shape.JSON
	}
	return as
}

func (o *Observation) readBody(s probes.Sample) []byte {
	text, err := syntaxOf(s).JSON(s.Body, shape.Limits{})
	if err != nil {
		o.refuseBody(err, s)
		return nil
	}
	sh := shape.New(shape.Limits{})
	if err := sh.Observe(text, s.At); err != nil {
		o.refuseBody(err, s)
		return nil
	}
	o.Shape = sh
	o.readEnvelope(s, text)
	return text
}

// readEnvelope looks for a failure in the words of the body itself.
func (o *Observation) readEnvelope(s probes.Sample, text []byte) {
	v := o.view()
	if class, problem := rpcError(v, text); problem != "" {
		o.refuse(class, problem)
	} else if problem := envelope(v, s.MediaType); problem != "" {
		o.refuse(probes.ErrorEnvelope, problem)
	} else if lacks, problem := partial(v, text); problem != "" {
		o.refuse(probes.PartialData, problem)
		o.Lacks = lacks
	} else if isXML(s.MediaType, []byte("<")) {
		if problem := soapFault(v); problem != "" {
			o.refuse(probes.ErrorEnvelope, problem)
		}
	}
}

func (o *Observation) refuseBody(err error, s probes.Sample) {
	var syntax *shape.SyntaxError
	var limit *shape.LimitError
	switch {
	case errors.As(err, &limit):
		o.refuse(probes.OverLimit, at(limit.Path, limit.Problem))
	case errors.As(err, &syntax) && syntax.Syntax != "":
		o.refuse(probes.InvalidJSON, fmt.Sprintf("not %s, byte %d: %s", syntax.Syntax, syntax.Offset, at(syntax.Path, syntax.Problem)))
	case errors.As(err, &syntax) && !jsonMedia(s.MediaType) && s.MediaType != "" && !startsLikeJSON(s.Body):
		o.refuse(probes.NotJSON, fmt.Sprintf("the body is %s, not JSON", plain(s.MediaType)))
	case errors.As(err, &syntax):
		o.refuse(probes.InvalidJSON, fmt.Sprintf("byte %d: %s", syntax.Offset, at(syntax.Path, syntax.Problem)))
	default:
		o.refuse(probes.InvalidJSON, "the body cannot be read")
	}
}

func (o *Observation) refuse(c probes.Class, problem string) { o.Class, o.Problem = c, problem }

func at(path, problem string) string {
	if path == "" {
		return problem
	}
	return fmt.Sprintf("%s at %s", problem, path)
}

func expected(status int, expect []int) bool {
	if len(expect) == 0 {
		return status >= 200 && status < 300
	}
	return slices.Contains(expect, status)
}

func statuses(expect []int) string {
	if len(expect) == 0 {
		return "2xx"
	}
	words := make([]string, len(expect))
	for i, s := range expect {
		words[i] = fmt.Sprint(s)
	}
	return strings.Join(words, " or ")
}

func startsLikeJSON(body []byte) bool {
	body = bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\ufeff")), " \t\r\n")
	return len(body) > 0 && (body[0] == '{' || body[0] == '[')
}

func jsonMedia(t string) bool {
	return t == "application/json" || t == "text/json" || strings.HasSuffix(t, "+json")
}

func titled(media string) string {
	if media == "" || strings.Contains(media, "html") {
		return ""
	}
	return fmt.Sprintf(" (sent as %s)", plain(media))
}

// plain makes vendor text fit for a sentence: a media type, or nothing.
func plain(media string) string {
	t, _, err := mime.ParseMediaType(media)
	if err != nil || len(t) > 80 {
		return "an unreadable media type"
	}
	return t
}
