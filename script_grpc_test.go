package main

import (
	"github.com/rogpeppe/go-internal/testscript"

	"shapewatch/grpc/grpctest"
)

// scriptOrders starts a gRPC server of orders; $ORDERS is its address.
func scriptOrders(ts *testscript.TestScript, _ bool, _ []string) {
	s, stop := grpctest.Start(grpctest.Options{})
	ts.Defer(stop)
	ts.Setenv("ORDERS", s.URL)
}
