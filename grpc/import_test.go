package grpc_test

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"shapewatch/grpc"
	"shapewatch/grpc/grpctest"
	"shapewatch/probes"
)

// A counted server counts its questions.
type counted struct {
	told
	asked int
}

func (c *counted) Do(ctx context.Context, p probes.Probe) probes.Sample {
	c.asked++
	return c.told.Do(ctx, p)
}

// TestDescribe_DoesWithoutImports that the server does not tell, asks for each
// once, and says where one is missed.
func TestDescribe_DoesWithoutImports(t *testing.T) {
	const imports = `dependency: "gogoproto/gogo.proto" `
	for name, c := range map[string]struct{ from, to, says string }{
		"unused": {`dependency:`, imports + `dependency:`, ""},
		"used":   {`dependency:`, imports + `dependency:`, "uses gogo.Money, and the server does not tell the file it is in: one of gogoproto/gogo.proto"},
	} {
		edition := edited(t, c.from, c.to)
		if c.says != "" {
			edition = grpctest.Edition(strings.Replace(string(edition), `type: TYPE_BOOL`, `type: TYPE_MESSAGE type_name: ".gogo.Money"`, 1))
		}
		file := &descriptorpb.FileDescriptorProto{}
		if err := prototext.Unmarshal([]byte(edition), file); err != nil {
			t.Fatal(err)
		}
		text, err := proto.Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		files := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), text)
		server := &counted{told: told{protowire.AppendBytes(protowire.AppendTag(nil, 4, protowire.BytesType), files)}}
		s := grpc.Describe(t.Context(), server, probes.Probe{}, []grpc.Call{get})
		says := ""
		if s.Schema != nil && len(s.Schema.Invalid) > 0 {
			says = s.Schema.Invalid[0].Problem
		}
		if s.Class != probes.Valid || server.asked != 2 || !strings.Contains(says, c.says) || (c.says == "") != (says == "") {
			t.Errorf("%s: %s %q %q, %d asked", name, s.Class, s.Problem, says, server.asked)
		}
	}
}
