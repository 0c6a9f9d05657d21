package openapi

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
	"shapewatch/contracts/splice"
)

// A Lesson is what was learned of one operation.
type Lesson struct {
	Operation   string // method and path template: "GET /v1/charges/{CHARGE_ID}"
	OperationID string // "" for none
	URL         string // that is asked, for the server
	Fields      []shape.Field
	Habits      contracts.Habits
	Since, Last time.Time // first and latest answer
}

// LearnedFrom returns the lesson of a probe's baseline.
func LearnedFrom(operation, address string, b *contracts.Baseline) Lesson {
	return Lesson{Operation: operation, URL: address, Fields: b.Shape.Fields(), Habits: b.Habits, Since: b.Since, Last: b.Last}
}

// surely is from how many answers on a field that was always there is called
// required.
const surely = 20

// Learn writes what was learned of an API as an OpenAPI 3.1 document in YAML:
// what answers hold, objects that come twice described once, the headers of
// rate limits, and under x-shapewatch what OpenAPI has no word for. Every
// answer that was learned fits it. Equal lessons give equal bytes.
func Learn(api string, lessons []Lesson) []byte {
	lessons = slices.Clone(lessons)
	slices.SortFunc(lessons, func(a, b Lesson) int { return strings.Compare(orderOf(a.Operation), orderOf(b.Operation)) })
	l := learner{shared: newSharing(lessons)}
	doc := splice.Object{
		{Name: "openapi", Value: "3.1.0"},
		{Name: "info", Value: splice.Object{{Name: "title", Value: clip(api, 200)}, {Name: "version", Value: "learned"}}},
	}
	if servers := serversOf(lessons); len(servers) > 0 {
		doc = append(doc, splice.Field{Name: "servers", Value: servers})
	}
	doc = append(doc, splice.Field{Name: "paths", Value: l.paths(lessons)})
	if schemas := l.shared.schemas(); len(schemas) > 0 {
		doc = append(doc, splice.Field{Name: "components", Value: splice.Object{{Name: "schemas", Value: schemas}}})
	}
	return splice.Render(fmt.Sprintf("What %s answers, as shapewatch learned it. Edit it as you like: named as\n"+
		"contract: in the configuration, it is what answers are held against.", clip(api, 200)), doc)
}

// orderOf sorts operations by path, then by method.
func orderOf(operation string) string {
	method, path, _ := strings.Cut(operation, " ")
	return path + " " + method
}

type learner struct{ shared *sharing }

func (l *learner) paths(lessons []Lesson) (paths splice.Object) {
	for i := range lessons {
		method, path, _ := strings.Cut(lessons[i].Operation, " ")
		path, _, _ = strings.Cut(path, "?")
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		method = strings.ToLower(method)
		if !slices.Contains(methodNames, method) {
			continue
		}
		at := slices.IndexFunc(paths, func(f splice.Field) bool { return f.Name == path })
		if at < 0 {
			paths, at = append(paths, splice.Field{Name: path, Value: splice.Object{}}), len(paths)
		}
		item, _ := paths[at].Value.(splice.Object)
		if slices.ContainsFunc(item, func(f splice.Field) bool { return f.Name == method }) {
			continue // two probes of one operation: the first speaks for both
		}
		paths[at].Value = append(item, splice.Field{Name: method, Value: l.operation(i, path, lessons[i])})
	}
	return paths
}

func (l *learner) operation(i int, path string, lesson Lesson) (o splice.Object) {
	if lesson.OperationID != "" {
		o = append(o, splice.Field{Name: "operationId", Value: lesson.OperationID})
	}
	if parameters := parametersOf(path); len(parameters) > 0 {
		o = append(o, splice.Field{Name: "parameters", Value: parameters})
	}
	return append(o,
		splice.Field{Name: "responses", Value: l.responses(i, lesson)},
		splice.Field{Name: extension, Value: learnedExtension(lesson)})
}

// parametersOf are the parameters that a path template names.
func parametersOf(path string) (all splice.List) {
	for rest := path; ; {
		_, after, ok := strings.Cut(rest, "{")
		if !ok {
			return all
		}
		name, next, _ := strings.Cut(after, "}")
		rest = next
		all = append(all, splice.Object{
			{Name: "name", Value: name}, {Name: "in", Value: "path"}, {Name: "required", Value: true},
			{Name: "schema", Value: splice.Object{{Name: "type", Value: "string"}}},
		})
	}
}

// responses describes what was learned once for each status that was seen.
func (l *learner) responses(i int, lesson Lesson) (all splice.Object) {
	media, _, _ := contracts.Usual(lesson.Habits.MediaTypes)
	if media == "" {
		media = "application/json"
	}
	statuses := slices.Clone(lesson.Habits.Statuses)
	if len(statuses) == 0 {
		statuses = []contracts.Tally[int]{{Value: 200, Count: lesson.Habits.Answers}}
	}
	slices.SortFunc(statuses, func(a, b contracts.Tally[int]) int { return a.Value - b.Value })
	for _, s := range statuses {
		r := splice.Object{{Name: "description", Value: statusText(s.Value)}}
		if headers := headersOf(lesson.Habits); len(headers) > 0 {
			r = append(r, splice.Field{Name: "headers", Value: headers})
		}
		if len(lesson.Fields) > 0 && s.Value != 204 && s.Value != 205 {
			schema := l.shared.root(i)
			r = append(r, splice.Field{Name: "content", Value: splice.Object{{Name: media, Value: splice.Object{{Name: "schema", Value: schema}}}}})
		}
		all = append(all, splice.Field{Name: fmt.Sprint(s.Value), Value: r})
	}
	return all
}

// serversOf are the origins that were asked.
func serversOf(lessons []Lesson) (all splice.List) {
	var seen []string
	for _, l := range lessons {
		u, err := url.Parse(l.URL)
		if err != nil || u.Host == "" {
			continue
		}
		origin := u.Scheme + "://" + u.Host
		if !slices.Contains(seen, origin) {
			seen = append(seen, origin)
			all = append(all, splice.Object{{Name: "url", Value: origin}})
		}
	}
	return all
}
