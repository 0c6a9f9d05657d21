package grpc_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"shapewatch/grpc/grpctest"
	"shapewatch/probes"
)

// TestDescribe_SaysThatItFollowsAPart where messages have more fields than are
// followed, and not where they have as many.
func TestDescribe_SaysThatItFollowsAPart(t *testing.T) {
	server := grpctest.New(t, grpctest.Options{})
	client, p := asking(t, server)
	for more, want := range map[int]bool{468: false, 469: true} {
		var fields strings.Builder
		for i := range more {
			fmt.Fprintf(&fields, ` field { name: "f%d" number: %d type: TYPE_INT32 label: LABEL_OPTIONAL }`, i, i+100)
		}
		server.Change(edited(t, `field { name: "gift"`, fields.String()+` field { name: "gift"`), `{}`)
		facts, s := described(t, client, p, get)
		if s.Schema.Facts != 480 || slices.Contains(facts, probes.InPart) != want {
			t.Errorf("%d more: %d facts, in part %t", more, s.Schema.Facts, !want)
		}
	}
}
