package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"shapewatch/alerting"
	"shapewatch/probes"
)

// plainHeaders are those whose values hold no secret; all others are told by
// a variable of their name.
var plainHeaders = []string{"Accept", "Accept-Language", "Content-Type", "Stripe-Version", "X-Api-Version", "Api-Version", "X-Github-Api-Version"}

// longestPath is how much of a path a command shows, characters; a longer one
// is cut, and ends in an ellipsis.
const longestPath = 200

// curls bounds how many ways to reproduce an incident are told.
const curls = 5

// reproduce says how to ask again by hand what an incident is about.
func (s *site) reproduce(i alerting.Incident) (commands []string) {
	watched := map[string]probes.Probe{}
	for _, p := range s.Probes() {
		watched[p.ID] = p
	}
	for _, e := range i.Entries {
		p, known := watched[e.Probe]
		if !known || len(commands) >= curls {
			continue
		}
		if command := curl(p); command != "" && !slices.Contains(commands, command) {
			commands = append(commands, command)
		}
	}
	return commands
}

var braced = regexp.MustCompile(`\{([^{}]*)\}`)

// curl writes a probe as a command. Values that came from outside the
// configuration, and all of the query and of headers, are shell variables:
// nothing that might be a secret is told.
func curl(p probes.Probe) string {
	u, err := url.Parse(p.URL)
	method, path, found := strings.Cut(p.Operation, " ")
	if err != nil || u.Host == "" || !found || !strings.HasPrefix(path, "/") {
		return ""
	}
	path = clip(longestPath, path)
	path = braced.ReplaceAllStringFunc(path, func(m string) string { return "${" + variable(strings.Trim(m, "{}")) + "}" })
	var query []string
	for name := range u.Query() {
		query = append(query, url.QueryEscape(name)+"=${"+variable(name)+"}")
	}
	for name := range p.Query {
		query = append(query, url.QueryEscape(name)+"=${"+variable(name)+"}")
	}
	slices.Sort(query)
	address := u.Scheme + "://" + u.Host + path
	if len(query) > 0 {
		address += "?" + strings.Join(query, "&")
	}
	parts := []string{"curl -i"}
	if method != http.MethodGet {
		parts = append(parts, "-X "+shellWord(method))
	}
	parts = append(parts, authFlag(p)...)
	for _, name := range sortedNames(p.Header) {
		value := "${" + variable(name) + "}"
		if slices.Contains(plainHeaders, name) {
			value = p.Header.Get(name)
		}
		parts = append(parts, "-H "+shellWord(name+": "+value))
	}
	if len(p.Body) > 0 {
		parts = append(parts, "--data @body.json")
	}
	return strings.Join(append(parts, shellWord(address)), " \\\n  ")
}

// authFlag tells the kind of credential, with a variable in its place.
func authFlag(p probes.Probe) []string {
	if p.Auth == nil {
		return nil
	}
	kind, _, _ := strings.Cut(fmt.Sprint(p.Auth), " ")
	token := "${" + variable(p.API+"_TOKEN") + "}"
	switch kind {
	case "bearer", "oauth2":
		return []string{"-H " + shellWord("Authorization: Bearer "+token)}
	case "basic":
		return []string{"-u " + shellWord("${"+variable(p.API+"_USER")+"}:${"+variable(p.API+"_PASSWORD")+"}")}
	case "mtls":
		return []string{"--cert client.crt --key client.key"}
	}
	return []string{"-H " + shellWord("${"+variable(p.API+"_AUTH_HEADER")+"}")}
}

// variable makes a name that a shell takes.
func variable(name string) string {
	return "V"[:boolInt(name == "" || name[0] >= '0' && name[0] <= '9')] + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, clip(60, name))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// shellWord quotes a text so that a shell expands our variables in it and
// nothing else.
func shellWord(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\' || c == '`', c == '$' && !strings.HasPrefix(s[i:], "${"):
			out.WriteByte('\\')
			out.WriteByte(c)
		case c < ' ':
			out.WriteByte('_')
		default:
			out.WriteByte(c)
		}
	}
	return `"` + out.String() + `"`
}

func sortedNames(h http.Header) (names []string) {
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
