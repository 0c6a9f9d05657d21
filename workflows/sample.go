package workflows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"shapewatch/probes"
)

// sample is the run as one answer. Its body is an object with a key for each
// step that was answered: {"create": {"status": 201, "body": …}, …}.
func (r *running) sample(began time.Time) probes.Sample {
	run := r.facts()
	body, fits := r.body()
	s := probes.Sample{
		Probe: r.probe.ID, At: began, Class: probes.Valid, Method: http.MethodPost, Status: http.StatusOK,
		Header: http.Header{}, MediaType: "application/json", Body: body, Bytes: int64(len(body)),
		Latency: r.latency(), Attempts: r.attempts(), Run: &run,
	}
	switch {
	case run.HalfDone():
		s.Class, s.Problem = probes.HalfDone, run.Story()
	case run.Failed != "":
		s.Class, s.Status = r.class, r.status
		s.Problem = "step " + run.Failed + ": " + run.Problem
	case !fits:
		s.Class, s.Problem = probes.OverLimit, fmt.Sprintf("the answers of all steps exceed %d MiB", maxSampleBody>>20)
	}
	return s
}

// body puts the steps' answers together; the last answer of a step that was
// taken twice counts.
func (r *running) body() (body []byte, fits bool) {
	latest := map[string]int{}
	for i, a := range r.answers {
		latest[a.step] = i
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, a := range r.answers {
		if latest[a.step] != i {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		name, _ := json.Marshal(a.step) // a string always marshals
		fmt.Fprintf(&b, `%s:{"status":%d`, name, a.sample.Status)
		if a.isJSON {
			b.WriteString(`,"body":`)
			b.Write(a.sample.Body)
		}
		b.WriteByte('}')
		if b.Len() > maxSampleBody {
			return []byte("{}"), false
		}
	}
	b.WriteByte('}')
	return b.Bytes(), true
}

// latency is what the vendor took, without our waiting.
func (r *running) latency() (sum time.Duration) {
	for _, t := range r.taken {
		sum += t.Latency
	}
	return sum
}

func (r *running) attempts() (n int) {
	for _, t := range r.taken {
		n += t.Tries
	}
	return n
}
