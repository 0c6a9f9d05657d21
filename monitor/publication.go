package monitor

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
	"shapewatch/probes"
)

// A publication is what is remembered, with what is done to it.
type publication struct{ probes.Publication }

// settled takes the latest document as the one that is known, once nothing that
// it announced waits for anybody.
func (b publication) settled() publication {
	if b.Publication.Settled() && len(b.Latest) > 0 {
		b.Known, b.Latest, b.Announced = b.Latest, nil, nil
	}
	return b
}

// compare takes out of a document what is looked for and says what it announces.
func (b publication) compare(d *openapi.Document, s *Spec, at time.Time) (publication, error) {
	var found []openapi.Announcement
	b.Missing, b.Faults = nil, nil
	for _, known := range b.Known {
		uses := s.of(known.Of)
		if len(uses) == 0 || len(known.Text) == 0 {
			continue
		}
		text, err := unzip(known.Text)
		if err != nil {
			return b, err
		}
		announced, err := d.Announces(text, uses)
		if err != nil {
			return b, err
		}
		found = append(found, announced...)
	}
	latest, missing, err := excerpt(d, s.Uses)
	if err != nil {
		return b, err
	}
	b.Missing, b.Faults = missing, latest.faults
	b.Announced = placed(found, b.Announced, at)
	b.Latest = []probes.Excerpt{latest.Excerpt}
	if len(b.Announced) == 0 {
		b.Known, b.Latest = b.Latest, nil
		return b, nil
	}
	return b.extend(d, s)
}

// extend makes known of operations that were not looked for before, as they
// are now.
func (b publication) extend(d *openapi.Document, s *Spec) (publication, error) {
	var fresh []openapi.Use
	for _, u := range s.Uses {
		if !slices.ContainsFunc(b.Known, func(k probes.Excerpt) bool { return slices.Contains(k.Of, u.Asked.String()) }) {
			fresh = append(fresh, u)
		}
	}
	if len(fresh) == 0 {
		return b, nil
	}
	more, _, err := excerpt(d, fresh)
	b.Known = append(slices.Clip(b.Known), more.Excerpt)
	return b, err
}

// of are the uses of these operations.
func (s *Spec) of(operations []string) (uses []openapi.Use) {
	for _, u := range s.Uses {
		if slices.Contains(operations, u.Asked.String()) {
			uses = append(uses, u)
		}
	}
	return uses
}

// A taken is an excerpt with what is broken in it.
type taken struct {
	probes.Excerpt
	faults []string
}

func excerpt(d *openapi.Document, uses []openapi.Use) (t taken, missing []string, err error) {
	asked := make([]openapi.Asked, len(uses))
	for i, u := range uses {
		asked[i] = u.Asked
		t.Of = append(t.Of, u.Asked.String())
	}
	e, err := d.Excerpt(asked)
	if err != nil {
		return t, nil, err
	}
	for _, a := range e.Missing {
		missing = append(missing, a.String())
	}
	if t.faults = e.Faults; e.Text != nil {
		t.Text = zip(e.Text)
	}
	return t, missing, nil
}

// placed are announcements place by place, with the time each was read first
// and whether it was accepted.
func placed(found []openapi.Announcement, before []probes.Announced, at time.Time) (all []probes.Announced) {
	for _, a := range found {
		for _, place := range a.Places {
			if a.Severity > contracts.Info && a.Used > 0 && !place.Used {
				continue
			}
			one := probes.Announced{
				Operation: place.Operation, Path: cmp.Or(place.Path, besides(a)), Rule: a.Rule, Words: a.Words,
				Cause: "the published document " + a.Short(), Level: uint8(a.Severity), Since: at,
			}
			if i := slices.IndexFunc(before, one.Same); i >= 0 {
				one.Since, one.Accepted = before[i].Since, before[i].Accepted
			}
			if all = append(all, one); len(all) >= maxAnnounced {
				return all
			}
			if a.Severity == contracts.Info {
				break // good to know at one place
			}
		}
	}
	return all
}

// maxAnnounced bounds the places that one document is told to change.
const maxAnnounced = 200

// besides names what is no field of an answer, so that two of them are not
// taken for one.
func besides(a openapi.Announcement) string {
	if a.Side == "request" && a.Field != "" {
		return "request:" + a.Field
	}
	return ""
}

// accept notes what people accepted since it was announced.
func (b *publication) accept(moves []contracts.Move) {
	b.Announced = slices.Clone(b.Announced)
	for i, a := range b.Announced {
		kind := "announced-change " + a.Path
		for _, m := range moves {
			if m.At.After(a.Since) && slices.Contains(m.Findings, kind) {
				b.Announced[i].Accepted = true
			}
		}
	}
}

// lacks says what the document does not have, or has broken; "" for nothing.
func (b publication) lacks() string {
	var said []string
	if len(b.Missing) > 0 {
		said = append(said, "the document says nothing of "+strings.Join(b.Missing[:min(3, len(b.Missing))], ", "))
	}
	if len(b.Faults) > 0 {
		said = append(said, fmt.Sprintf("what is broken in it allows anything (%d faults, the first: %s)", len(b.Faults), b.Faults[0]))
	}
	return strings.Join(said, "; ")
}

func zip(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text) // memory takes all
	_ = w.Close()
	return b.Bytes()
}

// maxExcerpt bounds what an excerpt unpacks to.
const maxExcerpt = 64 << 20 // bytes

func unzip(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("what is known of the document cannot be unpacked: %w", err)
	}
	return io.ReadAll(io.LimitReader(r, maxExcerpt))
}
