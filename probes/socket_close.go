package probes

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/coder/websocket"
)

// closings are the codes with which a server says that it lets nobody in: those
// that are registered, and those that repeat a status of HTTP.
var closings = map[websocket.StatusCode]string{
	3000: "unauthorized", 4401: "unauthorized", 3003: "forbidden", 4403: "forbidden",
}

// broken says why a line ended before its time; the zero failure where it ended
// well, with n messages.
func broken(err error, n int) failure {
	var f failure
	var end websocket.CloseError
	switch {
	case errors.As(err, &f):
		return f
	case !errors.As(err, &end) && errors.Is(err, io.EOF):
		return failure{class: Protocol, problem: fmt.Sprintf("the WebSocket ended after %s without a close frame", messages(n))}
	case !errors.As(err, &end):
		return failure{class: Protocol, problem: fmt.Sprintf("the WebSocket broke after %s: %s", messages(n), printable(innermost(err).Error(), 120))}
	case !closedWell(end.Code):
		return failure{class: ErrorEnvelope, problem: fmt.Sprintf("the WebSocket was closed with %s after %s", closing(end), messages(n))}
	case n == 0:
		return failure{class: Unreachable, problem: fmt.Sprintf("the WebSocket was closed with %s before any message", closing(end))}
	}
	return failure{}
}

func closedWell(code websocket.StatusCode) bool {
	return code == websocket.StatusNormalClosure || code == websocket.StatusGoingAway || code == websocket.StatusNoStatusRcvd
}

// closing is a close frame in words.
func closing(end websocket.CloseError) string {
	if end.Code == websocket.StatusNoStatusRcvd {
		return "no code"
	}
	words := fmt.Sprintf("code %d", end.Code)
	if means := closings[end.Code]; means != "" {
		words += " (" + means + ")"
	}
	if end.Reason != "" {
		words += ": " + quoted(end.Reason, 120)
	}
	return words
}

func messages(n int) string {
	if n == 1 {
		return "1 message"
	}
	return fmt.Sprintf("%d messages", n)
}

// saying is an error with which a line was closed as a body, so that what it
// says about the credential is read like in every error; nil for other failures.
func saying(f failure, err error) []byte {
	var end websocket.CloseError
	if f.class != ErrorEnvelope || !errors.As(err, &end) {
		return nil
	}
	body, _ := json.Marshal(struct { // numbers and texts always marshal
		Code   int    `json:"code"`
		Error  string `json:"error,omitempty"`
		Reason string `json:"reason"`
	}{int(end.Code), closings[end.Code], end.Reason})
	return body
}
