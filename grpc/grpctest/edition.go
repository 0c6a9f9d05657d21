package grpctest

import (
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// An Edition is what the messages of the server are: a file descriptor as text.
type Edition string

// First is how the messages are at first.
const First Edition = head + `
message_type { name: "Order"
  field { name: "id" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "total" number: 2 type: TYPE_INT64 label: LABEL_OPTIONAL }
  field { name: "state" number: 3 type: TYPE_ENUM type_name: ".shop.v1.State" label: LABEL_OPTIONAL }
  field { name: "created" number: 4 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" label: LABEL_OPTIONAL }
  field { name: "lines" number: 5 type: TYPE_MESSAGE type_name: ".shop.v1.Order.Line" label: LABEL_REPEATED }
  field { name: "gift" number: 6 type: TYPE_BOOL label: LABEL_OPTIONAL }
  nested_type { name: "Line"
    field { name: "sku" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "amount" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL } } }
enum_type { name: "State" value { name: "UNKNOWN" number: 0 } value { name: "PAID" number: 1 } }
`

// Second has another type and number of the total, no gift any more, and one
// more state.
const Second Edition = head + `
message_type { name: "Order"
  field { name: "id" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "total" number: 7 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "state" number: 3 type: TYPE_ENUM type_name: ".shop.v1.State" label: LABEL_OPTIONAL options { deprecated: true } }
  field { name: "created" number: 4 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" label: LABEL_OPTIONAL }
  field { name: "lines" number: 5 type: TYPE_MESSAGE type_name: ".shop.v1.Order.Line" label: LABEL_REPEATED }
  nested_type { name: "Line"
    field { name: "sku" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "amount" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL } } }
enum_type { name: "State" value { name: "UNKNOWN" number: 0 } value { name: "PAID" number: 1 } value { name: "DISPUTED" number: 2 } }
`

const head = `name: "shop/v1/orders.proto" package: "shop.v1" syntax: "proto3" dependency: "google/protobuf/timestamp.proto"
message_type { name: "Asked" field { name: "id" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL } }
service { name: "Orders"
  method { name: "Get" input_type: ".shop.v1.Asked" output_type: ".shop.v1.Order" }
  method { name: "Watch" input_type: ".shop.v1.Asked" output_type: ".shop.v1.Order" server_streaming: true } }
`

// files panics on a text that is no file: it is a mistake of the test.
func (e Edition) files() *protoregistry.Files {
	file := &descriptorpb.FileDescriptorProto{}
	if err := prototext.Unmarshal([]byte(e), file); err != nil {
		panic(err)
	}
	set := &descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{
		protodesc.ToFileDescriptorProto(timestamppb.File_google_protobuf_timestamp_proto), file,
	}}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		panic(err)
	}
	return files
}

// Told is what a reflection answers of the first edition: one message.
func Told(t testing.TB) []byte {
	t.Helper()
	var files []byte
	First.files().RangeFiles(func(file protoreflect.FileDescriptor) bool {
		text, err := proto.Marshal(protodesc.ToFileDescriptorProto(file))
		if err != nil {
			t.Fatal(err)
		}
		files = protowire.AppendBytes(protowire.AppendTag(files, 1, protowire.BytesType), text)
		return true
	})
	return protowire.AppendBytes(protowire.AppendTag(nil, 4, protowire.BytesType), files)
}
