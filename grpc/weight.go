package grpc

import (
	"cmp"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"shapewatch/probes"
)

// A scale weighs messages before they are decoded: an empty message of two
// bytes is hundreds in memory, and as JSON as long as the names of its fields.
type scale struct {
	types interface {
		FindMessageByURL(string) (protoreflect.MessageType, error)
		FindExtensionByNumber(protoreflect.FullName, protowire.Number) (protoreflect.ExtensionType, error)
	} // nil where there are no others
	text, values int64 // bytes that JSON takes at least, and what is held, that are left
	empty        map[protoreflect.FullName]int64
}

// bytesOfValue is how many bytes of an answer's limit stand for one value in
// memory, and valuesOfMessage what a message weighs, as measured: 48 and 400.
const (
	bytesOfValue    = 4
	valuesOfMessage = 8
)

func newScale(p probes.Probe) *scale {
	most := cmp.Or(p.MaxBody, probes.DefaultMaxBody)
	return &scale{text: most, values: most / bytesOfValue, empty: map[protoreflect.FullName]int64{}}
}

var errDeep = errors.New("the answer nests deeper than is read, or is cut off")

// take takes this much off; the error says that nothing is left.
func (s *scale) take(text, values int64) error {
	s.text, s.values = s.text-text, s.values-values
	if s.text < 0 || s.values < 0 {
		return fmt.Errorf("the answer holds more than its limit as JSON: %w", probes.ErrOverLimit)
	}
	return nil
}

// message weighs one message of the wire.
func (s *scale) message(d protoreflect.MessageDescriptor, wire []byte, depth int) error {
	if depth > deepest {
		return errDeep
	}
	if err := s.take(s.defaults(d), valuesOfMessage); err != nil {
		return err
	}
	if d.FullName() == "google.protobuf.Any" {
		return s.anything(wire, depth)
	}
	for len(wire) > 0 {
		n, kind, head := protowire.ConsumeTag(wire)
		if head < 0 {
			return errDeep
		}
		size := protowire.ConsumeFieldValue(n, kind, wire[head:])
		if size < 0 {
			return errDeep
		}
		if f := s.field(d, n); f != nil {
			if err := s.value(f, kind, wire[head:head+size], depth); err != nil {
				return err
			}
		}
		wire = wire[head+size:]
	}
	return nil
}

func (s *scale) field(d protoreflect.MessageDescriptor, n protowire.Number) protoreflect.FieldDescriptor {
	if f := d.Fields().ByNumber(n); f != nil || s.types == nil || !d.ExtensionRanges().Has(n) {
		return f
	}
	if x, err := s.types.FindExtensionByNumber(d.FullName(), n); err == nil {
		return x.TypeDescriptor()
	}
	return nil
}

// value weighs one value as it stands on the wire, behind its tag.
func (s *scale) value(f protoreflect.FieldDescriptor, kind protowire.Type, wire []byte, depth int) error {
	content, _ := protowire.ConsumeBytes(wire)
	switch {
	case f.Message() != nil && kind == protowire.StartGroupType:
		content, _ = protowire.ConsumeGroup(f.Number(), wire)
		return s.message(f.Message(), content, depth+1)
	case f.Message() != nil && kind == protowire.BytesType:
		return s.message(f.Message(), content, depth+1)
	case f.Enum() != nil && kind == protowire.VarintType:
		return s.named(f.Enum(), wire)
	case f.Enum() != nil && kind == protowire.BytesType:
		return s.named(f.Enum(), content)
	case kind != protowire.BytesType:
		return s.take(1, 1)
	case f.Kind() == protoreflect.StringKind || f.Kind() == protoreflect.BytesKind:
		return s.take(int64(len(content)), 1)
	}
	n := packed(f.Kind(), content)
	return s.take(2*n, n) // a digit and a comma
}

// named weighs values of an enum, which are written by their names.
func (s *scale) named(d protoreflect.EnumDescriptor, numbers []byte) error {
	for len(numbers) > 0 {
		n, size := protowire.ConsumeVarint(numbers)
		if size < 0 {
			return errDeep
		}
		long := int64(1)
		if v := d.Values().ByNumber(protoreflect.EnumNumber(n)); v != nil {
			long = int64(len(v.Name()))
		}
		if err := s.take(long, 1); err != nil {
			return err
		}
		numbers = numbers[size:]
	}
	return nil
}

// packed is how many numbers stand one behind the other.
func packed(k protoreflect.Kind, content []byte) (n int64) {
	switch k {
	case protoreflect.DoubleKind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return int64(len(content) / 8)
	case protoreflect.FloatKind, protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind:
		return int64(len(content) / 4)
	}
	for _, b := range content {
		if b < 0x80 {
			n++
		}
	}
	return n
}

// anything weighs an Any, whose content is copied to be read.
func (s *scale) anything(wire []byte, depth int) error {
	var url, content []byte
	err := each(wire, func(n protowire.Number, value []byte) error {
		switch n {
		case 1:
			url = value
		case 2:
			content = value
		}
		return s.take(int64(len(value)), 1)
	})
	if err != nil || s.types == nil {
		return err
	}
	if t, err := s.types.FindMessageByURL(string(url)); err == nil {
		return s.message(t.Descriptor(), content, depth+1)
	}
	return nil
}

// defaults is how long the fields are that are written also when they are empty.
func (s *scale) defaults(d protoreflect.MessageDescriptor) int64 {
	long, known := s.empty[d.FullName()]
	if known || isOurs(d) || d.IsMapEntry() {
		return long
	}
	for i := range d.Fields().Len() {
		if f := d.Fields().Get(i); !f.HasPresence() {
			long += int64(len(f.JSONName())) + int64(len(`"":0,`))
		}
	}
	s.empty[d.FullName()] = long
	return long
}
