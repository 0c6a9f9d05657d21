package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"shapewatch/reconcile"
)

// A lineKind says what a line of a recording is; the empty one is an answer.
type lineKind string

// The kinds besides an answer.
const (
	aDelivery lineKind = "delivery"
	aBeat     lineKind = "beat"
	aRun      lineKind = "run"
	ofRows    lineKind = "rows"
	untilThen lineKind = "until" // nothing else came up to its date
)

// words are a kind as a sentence has it.
func (k lineKind) words() string {
	switch k {
	case "":
		return "an answer"
	case ofRows:
		return "rows"
	case untilThen:
		return "an end"
	}
	return "a " + string(k)
}

// A deliveryLine is an event that a vendor sent. With headers it is verified as
// the source verifies, without them it is taken to have been.
type deliveryLine struct {
	lineHead
	Type    string          `json:"type"`
	ID      string          `json:"id"`
	Event   time.Time       `json:"event"`
	Headers map[string]any  `json:"headers"`
	Body    json.RawMessage `json:"body"`
}

// A beatLine is one call of a job: Beat is the last part of its address.
type beatLine struct {
	lineHead
	Beat    string `json:"beat"` // success when it is empty
	Run     string `json:"run"`
	Attempt int    `json:"attempt"`
	Items   *int64 `json:"items"`
	Error   string `json:"error"`
}

// A runLine is one run of a workflow: what each step was answered.
type runLine struct {
	lineHead
	Answers []stepLine `json:"answers"`
}

// A stepLine is what a step was answered from some time after the run began,
// until its next line; without a status, why nobody answered.
type stepLine struct {
	Step    string          `json:"step"`
	After   string          `json:"after"`
	Took    string          `json:"took"`
	Status  int             `json:"status"`
	Headers map[string]any  `json:"headers"`
	Body    json.RawMessage `json:"body"`
	Problem string          `json:"problem"`
}

// A rowsLine is what both sides had, or only how much of it differed.
type rowsLine struct {
	lineHead
	Left   json.RawMessage    `json:"left"`
	Right  json.RawMessage    `json:"right"`
	Counts *reconcile.Numbers `json:"counts"`
}

type lineHead struct {
	Date string   `json:"date"`
	Kind lineKind `json:"kind"`
}

// lineOf reads a line of a recording. What has none of the kinds is an answer.
func lineOf(n int, content []byte, at time.Time) (recorded, error) {
	if !bytes.Contains(content, []byte(`"kind"`)) {
		return responseOf(n, content, at), nil
	}
	var head lineHead
	_ = json.Unmarshal(content, &head) // an answer may be anything
	switch head.Kind {
	case aDelivery, aBeat, aRun, ofRows, untilThen:
	default:
		return responseOf(n, content, at), nil
	}
	if head.Date == "" {
		return responseOf(n, content, at), nil // a body with a key of that name
	}
	if at = parseDate(head.Date); at.IsZero() {
		return recorded{}, fmt.Errorf("date %q: want one like 2026-03-02T09:00:00Z", printable(head.Date))
	}
	return recorded{name: n, at: at, status: http.StatusOK, header: http.Header{}, body: content, kind: head.Kind}, nil
}

// readAs reads the rest of a line; a key that its kind does not have is a typing error.
func (r recorded) readAs(line any) error {
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.DisallowUnknownFields()
	if err := d.Decode(line); err != nil {
		return errors.New(printable(err.Error()))
	}
	return nil
}
