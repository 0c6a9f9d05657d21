package contracts

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"shapewatch/contracts/shape"
	"shapewatch/probes"
)

// maxScopes bounds the scopes and the names of servers of one answer.
const maxScopes = 32

// scopeHeaders are where vendors say what a credential may do.
var scopeHeaders = []string{"X-Oauth-Scopes", "X-Scopes", "X-Token-Scopes", "Granted-Scopes"}

func scopes(h http.Header) (names []string) {
	for _, header := range scopeHeaders {
		for _, s := range strings.FieldsFunc(h.Get(header), func(r rune) bool { return r == ',' || r == ' ' }) {
			if len(names) < maxScopes {
				names = append(names, clip(s, 64))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// retryForm is how Retry-After is written.
func retryForm(h http.Header) string {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return ""
	}
	if _, err := strconv.ParseFloat(v, 64); err == nil {
		return "seconds"
	}
	if !readDate(v).IsZero() {
		return "date"
	}
	return "words"
}

// servers are the headers that name who answered: a machine, a region, a
// release. What each answer has its own of is of no use here.
var servers = []string{
	"Server", "Via", "X-Served-By", "X-Backend", "X-Backend-Server", "X-Server", "X-Region", "X-Amz-Cf-Pop", "X-Cache", "Cf-Cache-Status",
	"X-Release", "X-Deployment", "X-Build", "X-Variant", "X-Experiment", "X-Canary", "X-Version", "Content-Language", "Fly-Region", "X-Vercel-Region",
}

func servedBy(h http.Header) (names []string) {
	for _, header := range servers {
		if v := h.Get(header); v != "" && len(names) < maxScopes {
			names = append(names, strings.ToLower(header)+": "+clip(v, 48))
		}
	}
	return names
}

// tokenLife is the expires_in of an answer that is a token.
func tokenLife(v *view) int64 {
	f, ok := v.at("/expires_in")
	if !ok || f.Kinds[shape.Int] == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(f.Numbers.Max, 10, 64)
	return n
}

// What of a refusal is read: enough for a page's head or an error.
const refusalBytes = 16 << 10

// refusalOf reads what an answer that is none says: the form of its error, why
// the credential did not do, and what kind of page came instead.
func refusalOf(s probes.Sample, class probes.Class) (fault, denied, wall string) {
	if !class.Answered() {
		return "", "", ""
	}
	head := bytes.ToLower(s.Body[:min(len(s.Body), refusalBytes)])
	if body := bytes.TrimSpace(s.Body); len(body) > 0 && body[0] == '<' {
		return "", deniedBy(s.Status, nil), wallOf(head)
	}
	return faultOf(s), deniedBy(s.Status, head), ""
}

// faultOf is the keys of an error's body, two levels of them.
func faultOf(s probes.Sample) string {
	if len(s.Body) == 0 || len(s.Body) > refusalBytes {
		return ""
	}
	sh := shape.New(shape.Limits{Keys: 64, Nodes: 256, Body: refusalBytes})
	if sh.Observe(s.Body, s.At) != nil {
		return ""
	}
	var b strings.Builder
	depth := 0
	for _, f := range sh.Fields() {
		if f.Depth == 0 || f.Depth > 2 || f.Name == "[]" || b.Len() > 200 {
			continue
		}
		switch {
		case f.Depth > depth && depth > 0:
			b.WriteByte('{')
		case f.Depth < depth:
			b.WriteString("},")
		case depth > 0:
			b.WriteByte(',')
		}
		b.WriteString(clip(f.Name, 32))
		depth = f.Depth
	}
	if depth == 2 {
		b.WriteByte('}')
	}
	return b.String()
}

var denials = []struct{ word, why string }{
	{"token_expired", "expired"}, {"token expired", "expired"}, {"has expired", "expired"}, {"expired token", "expired"}, {"invalid_token", "expired"},
	{"upgrade your plan", "plan"}, {"plan_limit", "plan"}, {"payment required", "plan"}, {"subscription", "plan"}, {"not available on your plan", "plan"},
	{"insufficient_scope", "forbidden"}, {"missing_scope", "forbidden"}, {"permission", "forbidden"}, {"forbidden", "forbidden"},
	{"invalid_auth", "unauthorized"}, {"not_authed", "unauthorized"}, {"unauthorized", "unauthorized"}, {"unauthenticated", "unauthorized"}, {"invalid api key", "unauthorized"}, {"invalid_api_key", "unauthorized"},
}

// deniedBy says why a credential did not do, by the status and the words of an
// error; "" when it was about something else.
func deniedBy(status int, head []byte) string {
	byStatus := map[int]string{401: "unauthorized", 402: "plan", 403: "forbidden"}[status]
	if byStatus == "" && status >= 300 && status != 400 {
		return ""
	}
	for _, d := range denials {
		if bytes.Contains(head, []byte(d.word)) {
			return d.why
		}
	}
	return byStatus
}

// wallOf tells what a page stands in the way.
func wallOf(head []byte) string {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return bytes.Contains(head, []byte(w)) })
	}
	switch {
	case has("captcha", "cf-challenge", "just a moment", "are you a robot", "are you human", "attention required", "ddos-guard"):
		return "bot check"
	case has(`type="password"`, `type='password'`, "type=password", "sign in", "log in", "login", "single sign-on"):
		return "login page"
	case has("maintenance", "be right back", "temporarily unavailable"):
		return "maintenance page"
	}
	return ""
}
