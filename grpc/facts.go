package grpc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"shapewatch/probes"
)

// maxFacts bounds what is followed of a server's types: as much as one object
// of an answer may have keys.
const maxFacts = 480

// Describe asks a server what the messages of these calls are, and brings back
// a sample whose body is an object with one key for each fact: a method's
// messages, a field's type and number, a value of an enum. Its Schema says
// which methods are not there.
func Describe(ctx context.Context, a probes.Asker, p probes.Probe, calls []Call) probes.Sample {
	r := &reflection{ctx: ctx, asker: a, probe: p}
	var services []string
	for _, c := range calls {
		service, _, _ := strings.Cut(c.Method, "/")
		services = append(services, service)
	}
	if !r.read(services) {
		return r.last
	}
	l := &look{facts: map[string]bool{}, seen: map[protoreflect.FullName]bool{}, hide: probes.RedactorOf(p).String}
	for _, c := range calls {
		l.call(r, c)
	}
	l.found.Facts = len(l.facts)
	if l.cut {
		l.facts[probes.InPart] = true
	}
	l.facts["queries = "+digest(calls)] = true
	s := r.last
	s.Body, _ = json.Marshal(l.facts) // a map of texts always marshals
	s.MediaType, s.Schema = "application/json", &l.found
	return s
}

func digest(calls []Call) string {
	sum := sha256.New()
	for _, c := range calls {
		fmt.Fprintf(sum, "%s\x00", c.Method)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// A look is what calls use of a server's types.
type look struct {
	facts map[string]bool // "Order.total = int64, number 3", "State = PAID, number 2"
	cut   bool            // whether there are more
	found probes.Schema
	seen  map[protoreflect.FullName]bool
	of    protoreflect.FullName // package of the service: its types go without it
	hide  func(string) string   // a vendor's names may be a secret that it was sent
}

func (l *look) call(r *reflection, c Call) {
	m, err := r.method(c.Method)
	if err != nil {
		l.invalid(c, err)
		return
	}
	if _, err := r.request(m, c.Request); err != nil {
		l.invalid(c, err)
	}
	l.of = m.ParentFile().Package()
	stream := ""
	if m.IsStreamingServer() {
		stream = "stream of "
	}
	at := string(m.Parent().Name()) + "." + string(m.Name())
	l.fact("%s = takes %s, answers %s%s", at, l.name(m.Input()), stream, l.name(m.Output()))
	if o, ok := m.Options().(*descriptorpb.MethodOptions); ok && o.GetDeprecated() {
		l.deprecated(at)
	}
	l.message(m.Input())
	l.message(m.Output())
}

func (l *look) invalid(c Call, err error) {
	l.found.Invalid = append(l.found.Invalid, probes.InvalidQuery{Query: c.Method, Problem: l.hide(err.Error())})
}

func (l *look) fact(format string, args ...any) {
	words := l.hide(fmt.Sprintf(format, args...))
	switch {
	case len(l.facts) < maxFacts:
		l.facts[words] = true
	case !l.facts[words]:
		l.cut = true
	}
}

func (l *look) deprecated(at string) {
	l.found.Deprecated = append(l.found.Deprecated, probes.Deprecated{At: l.hide(at)})
}

// message takes down a message and all that it holds.
func (l *look) message(d protoreflect.MessageDescriptor) {
	if l.seen[d.FullName()] || l.cut || isOurs(d) {
		return
	}
	l.seen[d.FullName()] = true
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		at := l.name(d) + "." + string(f.Name())
		if !d.IsMapEntry() {
			l.fact("%s = %s, number %d", at, l.kind(f), f.Number())
		}
		if o, ok := f.Options().(*descriptorpb.FieldOptions); ok && o.GetDeprecated() {
			l.deprecated(at)
		}
		if f.Message() != nil {
			l.message(f.Message())
		}
		if f.Enum() != nil {
			l.enum(f.Enum())
		}
	}
}

// kind is the type of a field as it is declared.
func (l *look) kind(f protoreflect.FieldDescriptor) string {
	kind := f.Kind().String()
	switch {
	case f.IsMap():
		return "map of " + l.kind(f.MapKey()) + " to " + l.kind(f.MapValue())
	case f.Message() != nil:
		kind = l.name(f.Message())
	case f.Enum() != nil:
		kind = l.name(f.Enum())
	}
	switch {
	case f.IsList():
		return "repeated " + kind
	case f.Cardinality() == protoreflect.Required:
		return "required " + kind
	}
	return kind
}

func (l *look) enum(d protoreflect.EnumDescriptor) {
	if l.seen[d.FullName()] {
		return
	}
	l.seen[d.FullName()] = true
	for i := range d.Values().Len() {
		v := d.Values().Get(i)
		l.fact("%s = %s, number %d", l.name(d), v.Name(), v.Number())
	}
}

// name is a type without the package of the service, and without dots: a dot
// stands between a message and its field.
func (l *look) name(d protoreflect.Descriptor) string {
	name := string(d.FullName())
	if l.of != "" {
		name = strings.TrimPrefix(name, string(l.of)+".")
	}
	return strings.ReplaceAll(name, ".", "_")
}
