package grpc

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"shapewatch/probes"
)

// codes are the statuses of gRPC, each with the status of HTTP that says the
// same. A method that is not there is not found, whatever it is called.
var codes = []struct {
	name   string
	status int
}{
	{"OK", 200}, {"CANCELLED", 499}, {"UNKNOWN", 500}, {"INVALID_ARGUMENT", 400}, {"DEADLINE_EXCEEDED", 504},
	{"NOT_FOUND", 404}, {"ALREADY_EXISTS", 409}, {"PERMISSION_DENIED", 403}, {"RESOURCE_EXHAUSTED", 429},
	{"FAILED_PRECONDITION", 400}, {"ABORTED", 409}, {"OUT_OF_RANGE", 400}, {"UNIMPLEMENTED", 404},
	{"INTERNAL", 500}, {"UNAVAILABLE", 503}, {"DATA_LOSS", 500}, {"UNAUTHENTICATED", 401},
}

const unimplemented = "12"

// called gives the answer of a call the class that its status has; of a stream
// that was left before its end there is none.
func called(s probes.Sample, streams bool) probes.Sample {
	media := s.MediaType
	status := s.Header.Get("Grpc-Status")
	if s.Class == probes.Valid || s.Class == probes.InvalidJSON {
		s.MediaType = "application/grpc+json" // what is kept of it is JSON
	}
	switch {
	case s.Class != probes.Valid:
		return s
	case !strings.HasPrefix(media, "application/grpc"):
		s.Class, s.Problem, s.Body = probes.NotJSON, "the answer is no answer of gRPC", nil
		return s
	case status == "0" || status == "" && streams:
		return answered(s)
	case status == "":
		s.Class, s.Problem, s.Body = probes.Protocol, "the answer ended without a status of gRPC", nil
		return s
	}
	code, err := strconv.Atoi(status)
	if err != nil || code < 0 || code >= len(codes) {
		s.Class, s.Problem, s.Body = probes.Protocol, "the answer has a status that gRPC does not know", nil
		return s
	}
	return refused(s, codes[code].name, codes[code].status, s.Header.Get("Grpc-Message"))
}

// answered is a good answer: one of a stream that brought nothing is none.
func answered(s probes.Sample) probes.Sample {
	if len(s.Body) == 0 {
		s.Class, s.Problem = probes.NotJSON, "the answer holds no message"
	}
	return s
}

// refused is an answer with an error, whose body says what HTTP APIs say in
// theirs.
func refused(s probes.Sample, code string, status int, message string) probes.Sample {
	problem := "answered " + code
	if message = inPlain(message); message != "" {
		problem += ": " + message
	}
	s = fails(s, status, problem)
	s.Body, _ = json.Marshal(struct { // texts always marshal
		Code    string `json:"code"`
		Message string `json:"message"`
	}{code, message})
	return s
}

func fails(s probes.Sample, status int, problem string) probes.Sample {
	s.Class, s.Problem, s.Status, s.Body = probes.Status, problem, status, nil
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		s.Problem += ": check the credentials"
	}
	return s
}
