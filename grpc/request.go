package grpc

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// request is the JSON of a request as the message that is sent. What protobuf
// says of one that does not fit quotes its values, which may be secrets: the
// error names the field alone.
func (r *reflection) request(m protoreflect.MethodDescriptor, text []byte) ([]byte, error) {
	message := dynamicpb.NewMessage(m.Input())
	if len(text) > 0 {
		if err := (protojson.UnmarshalOptions{Resolver: r.types}).Unmarshal(text, message); err != nil {
			return nil, fmt.Errorf("the request does not fit %s: %s", m.Input().FullName(), r.unfit(m.Input(), text))
		}
	}
	written, err := proto.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("the request does not fit %s", m.Input().FullName())
	}
	return written, nil
}

// unfit says which field of a request does not fit, by its name in the
// configuration, and without its value.
func (r *reflection) unfit(d protoreflect.MessageDescriptor, text []byte) string {
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(text, &fields) != nil {
		return "an object is expected"
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		alone, _ := json.Marshal(map[string]json.RawMessage{name: fields[name]}) // was read from JSON
		fits := protojson.UnmarshalOptions{Resolver: r.types, AllowPartial: true}
		f := fieldOf(d, name)
		switch {
		case fits.Unmarshal(alone, dynamicpb.NewMessage(d)) == nil:
			continue
		case f == nil:
			return fmt.Sprintf("it has no field %s", inPlain(name))
		case f.Message() != nil && !f.IsMap() && !f.IsList() && !isOurs(f.Message()):
			return name + ": " + r.unfit(f.Message(), fields[name])
		}
		return fmt.Sprintf("field %s takes %s", name, (&look{}).kind(f))
	}
	return "a field that it requires is not there, or two of one choice are"
}

func fieldOf(d protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if f := d.Fields().ByJSONName(name); f != nil {
		return f
	}
	return d.Fields().ByTextName(name)
}

// isOurs reports whether a message is one that protobuf itself defines, which
// has a JSON of its own.
func isOurs(d protoreflect.MessageDescriptor) bool {
	return strings.HasPrefix(string(d.FullName()), "google.protobuf.")
}
