package grpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	// What protobuf itself defines, for servers that do not tell it again.
	_ "google.golang.org/protobuf/types/known/anypb"
	_ "google.golang.org/protobuf/types/known/apipb"
	_ "google.golang.org/protobuf/types/known/durationpb"
	_ "google.golang.org/protobuf/types/known/emptypb"
	_ "google.golang.org/protobuf/types/known/fieldmaskpb"
	_ "google.golang.org/protobuf/types/known/structpb"
	_ "google.golang.org/protobuf/types/known/timestamppb"
	_ "google.golang.org/protobuf/types/known/wrapperspb"

	"shapewatch/probes"
)

// Bounds of what a server tells of itself.
const (
	maxFiles  = 400
	maxRounds = 8 // of asking for the files that files import
)

// The methods by which servers tell, the newest first; both speak the same.
var reflections = []string{"grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"}

// A reflection is what a server tells of its messages.
type reflection struct {
	ctx   context.Context
	asker probes.Asker
	probe probes.Probe
	last  probes.Sample // the answer of the server that was read last
	at    int           // which of the reflections it speaks
	files map[string]*descriptorpb.FileDescriptorProto
	asked map[string]bool // files that were asked for by name, told or not
	known *protoregistry.Files
	types *dynamicpb.Types
	fault *fault // why the server did not tell
}

// A fault is a status with which a server answers a question.
type fault struct {
	code uint64
	text string
}

// Numbers of the fields of the reflection's messages.
const (
	askFile, askSymbol                = 3, 4
	toldFiles, toldError, descriptors = 4, 7, 1
	errorCode, errorText              = 1, 2
)

// read asks for the files that define these services, and all that they import;
// last says why not.
func (r *reflection) read(services []string) bool {
	r.files, r.asked = map[string]*descriptorpb.FileDescriptorProto{}, map[string]bool{}
	field, names := protowire.Number(askSymbol), services
	for round := 0; len(names) > 0; round++ {
		if round == maxRounds || len(r.files) > maxFiles {
			r.last.Class, r.last.Problem = probes.OverLimit, fmt.Sprintf("the server tells of more than %d files, or of files that import without end", maxFiles)
			return false
		}
		if !r.ask(field, names) {
			return false
		}
		field, names = askFile, r.missing()
		names = slices.DeleteFunc(names, func(name string) bool { return r.asked[name] })
		for _, name := range names {
			r.asked[name] = true
		}
	}
	if err := r.build(); err != nil {
		r.last.Class, r.last.Problem, r.last.Body = probes.InvalidJSON, "what the server tells of its messages does not fit together: "+inPlain(r.hide(err.Error())), nil
		return false
	}
	return true
}

// hide removes the probe's secrets from what the server said outside of a
// sample: descriptors are read before it is cleaned.
func (r *reflection) hide(text string) string { return probes.RedactorOf(r.probe).String(text) }

// ask sends all questions at once, and says that there are no more: so they are
// one request with one answer.
func (r *reflection) ask(field protowire.Number, names []string) bool {
	var questions []byte
	for _, name := range names {
		question := protowire.AppendTag(nil, field, protowire.BytesType)
		questions = append(questions, probes.Framed(protowire.AppendString(question, name))...)
	}
	for {
		p := addressed(r.probe, reflections[r.at])
		p.Body, p.Frames, p.Events = questions, r.take, nil
		r.last = called(r.asker.Do(r.ctx, p), false)
		if r.last.Header.Get("Grpc-Status") != unimplemented || r.at+1 == len(reflections) {
			break
		}
		r.at++
	}
	if f := r.fault; f != nil && r.last.Class == probes.Valid && f.code < uint64(len(codes)) {
		var said struct{ Error string }
		_ = json.Unmarshal(r.last.Body, &said) // what take wrote, without secrets now
		r.last = refused(r.last, codes[f.code].name, codes[f.code].status, r.hide(said.Error))
	}
	if r.last.Header.Get("Grpc-Status") == unimplemented {
		r.last.Problem = "the server does not tell of its messages: reflection is not switched on"
	}
	return r.last.Class == probes.Valid
}

var errNoAnswer = errors.New("an answer of the reflection that cannot be read")

// take reads the answers of a reflection. Its JSON is what a fault says, which
// is looked through for secrets like every answer.
func (r *reflection) take(messages [][]byte) ([]byte, error) {
	for _, message := range messages {
		err := each(message, func(n protowire.Number, value []byte) error {
			switch n {
			case toldFiles:
				return each(value, func(n protowire.Number, file []byte) error { return r.keep(n, file) })
			case toldError:
				return r.refusal(value)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	text := ""
	if r.fault != nil {
		text = r.fault.text
	}
	return json.Marshal(map[string]string{"error": text})
}

func (r *reflection) keep(n protowire.Number, file []byte) error {
	if n != descriptors {
		return nil
	}
	d := &descriptorpb.FileDescriptorProto{}
	if err := newScale(r.probe).message(d.ProtoReflect().Descriptor(), file, 0); err != nil {
		return err
	}
	if err := (proto.UnmarshalOptions{RecursionLimit: deepest}).Unmarshal(file, d); err != nil {
		return errNoAnswer
	}
	r.files[d.GetName()] = d
	return nil
}

// notFound is the status of what is not there.
const notFound = 5

// refusal notes why a server did not tell. What is not there is told where it
// is missed.
func (r *reflection) refusal(value []byte) error {
	f := &fault{code: 2}
	for rest := value; len(rest) > 0; {
		n, kind, size := protowire.ConsumeField(rest)
		if size < 0 {
			return errNoAnswer
		}
		_, _, tag := protowire.ConsumeTag(rest)
		switch {
		case n == errorCode && kind == protowire.VarintType:
			f.code, _ = protowire.ConsumeVarint(rest[tag:])
		case n == errorText && kind == protowire.BytesType:
			text, _ := protowire.ConsumeString(rest[tag:])
			f.text = text
		}
		rest = rest[size:]
	}
	if f.code != notFound {
		r.fault = f
	}
	return nil
}

// each calls do for each field of a message that holds bytes.
func each(message []byte, do func(protowire.Number, []byte) error) error {
	for len(message) > 0 {
		n, kind, size := protowire.ConsumeTag(message)
		if size < 0 {
			return errNoAnswer
		}
		message = message[size:]
		if kind != protowire.BytesType {
			if size = protowire.ConsumeFieldValue(n, kind, message); size < 0 {
				return errNoAnswer
			}
			message = message[size:]
			continue
		}
		value, size := protowire.ConsumeBytes(message)
		if size < 0 {
			return errNoAnswer
		}
		if err := do(n, value); err != nil {
			return err
		}
		message = message[size:]
	}
	return nil
}

// missing are the files that are imported and were not told, but those that
// protobuf itself defines.
func (r *reflection) missing() (names []string) {
	for _, file := range r.files {
		for _, name := range file.GetDependency() {
			if r.files[name] == nil && !ours(name) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func ours(file string) bool {
	_, err := protoregistry.GlobalFiles.FindFileByPath(file)
	return err == nil && strings.HasPrefix(file, "google/protobuf/")
}

// build makes types of the files.
func (r *reflection) build() (err error) {
	defer func() { // descriptors that break protobuf must not end us
		if recover() != nil {
			err = errNoAnswer
		}
	}()
	set := &descriptorpb.FileDescriptorSet{}
	for name, file := range r.files {
		if !ours(name) {
			set.File = append(set.File, file)
		}
	}
	own := map[string]bool{}
	for _, file := range set.File {
		for _, name := range file.GetDependency() {
			if ours(name) && !own[name] {
				own[name] = true
				r.addOurs(set, name, own)
			}
		}
	}
	if r.known, err = (protodesc.FileOptions{AllowUnresolvable: true}).NewFiles(set); err != nil {
		return err
	}
	r.types = dynamicpb.NewTypes(r.known)
	return nil
}

// addOurs adds a file of protobuf itself with what it imports.
func (r *reflection) addOurs(set *descriptorpb.FileDescriptorSet, name string, added map[string]bool) {
	file, err := protoregistry.GlobalFiles.FindFileByPath(name)
	if err != nil {
		return
	}
	set.File = append(set.File, protodesc.ToFileDescriptorProto(file))
	imports := file.Imports()
	for i := range imports.Len() {
		if below := imports.Get(i).Path(); !added[below] {
			added[below] = true
			r.addOurs(set, below, added)
		}
	}
}

// method finds "shop.v1.Orders/Get".
func (r *reflection) method(name string) (protoreflect.MethodDescriptor, error) {
	service, method, _ := strings.Cut(name, "/")
	found, err := r.known.FindDescriptorByName(protoreflect.FullName(service))
	if err != nil {
		return nil, fmt.Errorf("the server has no service %s", service)
	}
	s, ok := found.(protoreflect.ServiceDescriptor)
	if !ok {
		return nil, fmt.Errorf("%s is no service of the server", service)
	}
	m := s.Methods().ByName(protoreflect.Name(method))
	switch {
	case m == nil:
		return nil, fmt.Errorf("%s has no method %s", service, method)
	case m.IsStreamingClient():
		return nil, fmt.Errorf("%s takes a stream, of which one request is no whole", name)
	}
	if lacks := untold(map[protoreflect.FullName]bool{}, m.Input(), m.Output()); lacks != "" {
		return nil, fmt.Errorf("%s uses %s, and the server does not tell the file it is in: one of %s", name, lacks, strings.Join(r.missing(), ", "))
	}
	return m, nil
}

// untold is a type that messages use and the server did not tell; "" for none.
// What only options or other messages use is not missed.
func untold(seen map[protoreflect.FullName]bool, messages ...protoreflect.MessageDescriptor) string {
	for _, d := range messages {
		switch {
		case d.IsPlaceholder():
			return string(d.FullName())
		case seen[d.FullName()]:
			continue
		}
		seen[d.FullName()] = true
		for i := range d.Fields().Len() {
			f := d.Fields().Get(i)
			if e := f.Enum(); e != nil && e.IsPlaceholder() {
				return string(e.FullName())
			}
			if f.Message() == nil {
				continue
			}
			if lacks := untold(seen, f.Message()); lacks != "" {
				return lacks
			}
		}
	}
	return ""
}
