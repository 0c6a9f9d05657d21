package contracts_test

import (
	"strings"
	"testing"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
)

func TestObserve_ClassifiesByWhatTheBodyIs(t *testing.T) {
	for _, c := range []struct {
		name, body, media string
		status            int
		expect            []int
		class             probes.Class
		problem           string
	}{
		{"object", `{"a":1}`, "application/json", 200, nil, probes.Valid, ""},
		{"byte order mark", "\ufeff{\"a\":1}", "application/json", 200, nil, probes.Valid, ""},
		{"scalar", `17`, "application/json", 200, nil, probes.Valid, ""},
		{"created", `{}`, "application/json", 201, nil, probes.Valid, ""},
		{"no content", "", "", 204, nil, probes.Valid, ""},
		{"expected error", `{"message":"no"}`, "application/json", 404, []int{404}, probes.Valid, ""},
		{"unexpected status", `{"message":"no"}`, "application/json", 404, nil, probes.Status, "status 404 where 2xx was expected"},
		{"one of two", `{}`, "application/json", 200, []int{201, 202}, probes.Status, "status 200 where 201 or 202 was expected"},
		{"empty", " \n", "application/json", 200, nil, probes.NotJSON, "the body is empty"},
		{"page", "<html>", "text/html", 200, nil, probes.NotJSON, "HTML or XML"},
		{"page as JSON", "<html>", "application/json", 200, nil, probes.NotJSON, "sent as application/json"},
		{"XML", "<a><b>1</b></a>", "application/xml", 200, nil, probes.Valid, ""},
		{"XML as JSON", "<a><b>1</b></a>", "application/json", 200, nil, probes.NotJSON, "HTML or XML"},
		{"page as XML", "<html><b>1</b></html>", "text/xml", 200, nil, probes.NotJSON, "HTML or XML"},
		{"XML cut off", "<a><b>1</b>", "application/xml", 200, nil, probes.InvalidJSON, "not XML, byte 11: the text ends inside the element a at /a"},
		{"JSON as XML", `{"a":1}`, "application/xml", 200, nil, probes.Valid, ""},
		{"text as XML", "hello", "application/xml", 200, nil, probes.InvalidJSON, "not XML, byte 5: text outside the root element"},
		{"CSV", "a,b\n1,2\n", "text/csv", 200, nil, probes.Valid, ""},
		{"CSV with a stray quote", "a,b\n1,\"2\n", "text/csv", 200, nil, probes.InvalidJSON, "not CSV, byte"},
		{"lines", "{\"a\":1}\n{\"a\":2}\n", "application/x-ndjson", 200, nil, probes.Valid, ""},
		{"lines cut off", "{\"a\":1}\n{\"a\":", "application/x-ndjson", 200, nil, probes.InvalidJSON, "byte 13"},
		{"text", "hello", "text/plain", 200, nil, probes.NotJSON, "text/plain"},
		{"cut off", `{"a":[1,{"b":`, "application/json", 200, nil, probes.InvalidJSON, "byte 13"},
		{"NaN", `{"a":NaN}`, "application/json", 200, nil, probes.InvalidJSON, "/a"},
		{"two documents", `{}{}`, "application/json", 200, nil, probes.InvalidJSON, "after the value"},
		{"too deep", strings.Repeat("[", 70) + strings.Repeat("]", 70), "application/json", 200, nil, probes.OverLimit, "64"},
		{"slack", `{"ok":false,"error":"invalid_auth"}`, "application/json", 200, nil, probes.ErrorEnvelope, "`error`"},
		{"success false", `{"success":false,"message":"quota"}`, "application/json", 200, nil, probes.ErrorEnvelope, "`message`"},
		{"status error", `{"status":"error","code":5}`, "application/json", 200, nil, probes.ErrorEnvelope, "`code`"},
		{"graphql", `{"errors":[{"message":"x"}]}`, "application/json", 200, nil, probes.ErrorEnvelope, "`errors`"},
		{"graphql in part", `{"errors":[{"message":"x"}],"data":{"a":1}}`, "application/json", 200, nil, probes.PartialData, "an error beside it"},
		{"only an error", `{"error":{"code":1,"message":"x"}}`, "application/json", 200, nil, probes.ErrorEnvelope, "`error`"},
		{"null error", `{"error":null,"data":{}}`, "application/json", 200, nil, probes.Valid, ""},
		{"false is content", `{"ok":false}`, "application/json", 200, nil, probes.Valid, ""},
		{"status is content", `{"status":"error","id":5}`, "application/json", 200, nil, probes.Valid, ""},
		{"error beside much", `{"error":"none","a":1,"b":2,"c":3,"d":4}`, "application/json", 200, nil, probes.Valid, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := answered(c.body, time.Unix(1e9, 0))
			s.MediaType, s.Status = c.media, c.status
			o := contracts.Observe(s, c.expect)
			if o.Class != c.class || !strings.Contains(o.Problem, c.problem) || (o.Problem == "") != (c.class == probes.Valid) {
				t.Errorf("%s: %q, want %s with %q", o.Class, o.Problem, c.class, c.problem)
			}
			if (o.Shape != nil) != (c.class == probes.Valid) {
				t.Errorf("shape %v for class %s", o.Shape, o.Class)
			}
		})
	}
}

func TestObserve_KeepsWhatTheProbeFoundOut(t *testing.T) {
	s := answered(`{"a":1}`, time.Unix(1e9, 0))
	s.Class, s.Problem = probes.Protocol, "the body broke off"
	if o := contracts.Observe(s, nil); o.Class != probes.Protocol || o.Problem != s.Problem || o.Shape != nil {
		t.Errorf("%s, %q, shape %v", o.Class, o.Problem, o.Shape)
	}
}

func FuzzObserve_NeverPanics(f *testing.F) {
	f.Add([]byte(whole), "application/json")
	f.Add([]byte(`{"errors":[{"message":1}],"ok":false}`), "")
	f.Add([]byte("\x00<"), "text/;=")
	f.Fuzz(func(t *testing.T, body []byte, media string) {
		s := answered(string(body), time.Unix(1e9, 0))
		s.MediaType = media
		o := contracts.Observe(s, nil)
		if o.Class == "" || (o.Shape != nil) != (o.Class == probes.Valid) {
			t.Errorf("class %q, shape %v", o.Class, o.Shape)
		}
	})
}
