package tap

import (
	"regexp"
	"strings"
)

// operation is what a request counts as: the first of the operations that
// fits, else its method and path with {id} for what looks like one.
func (t *Tap) operation(method, path string) string {
	if method == "" {
		method = "GET"
	}
	for _, o := range t.o.Operations {
		want, template, _ := strings.Cut(o, " ")
		if strings.EqualFold(want, method) && fits(template, path) {
			return o
		}
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if identifier(s) {
			segments[i] = "{id}"
		}
	}
	return method + " " + strings.Join(segments, "/")
}

// fits reports whether a path is one of a template.
func fits(template, path string) bool {
	want, got := strings.Split(strings.Trim(template, "/"), "/"), strings.Split(strings.Trim(path, "/"), "/")
	if len(want) != len(got) {
		return false
	}
	for i, w := range want {
		if (!strings.HasPrefix(w, "{") || got[i] == "") && w != got[i] {
			return false
		}
	}
	return true
}

var version = regexp.MustCompile(`^v[0-9]+([.-][0-9a-z]+)*$`)

// identifier reports whether a segment of a path looks like the name of one
// thing: it has a digit and is no version, or it is very long, or escaped.
func identifier(s string) bool {
	if version.MatchString(s) {
		return false
	}
	return strings.ContainsAny(s, "0123456789%@") || len(s) > 40
}
