// Package grpctest is a gRPC server of orders for tests, of the project's own
// implementation, with reflection. Its messages and its mood can change while
// it runs.
package grpctest

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	reflectionv1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
)

// A Server answers shop.v1.Orders/Get with the order that is asked for, and
// shop.v1.Orders/Watch with a stream of orders that ends when the caller goes.
type Server struct {
	URL string // http://127.0.0.1:port, HTTP/2 without TLS

	mu     sync.Mutex
	files  *protoregistry.Files
	order  string // as JSON of the message
	raw    []byte // instead of the order; nil for none
	refuse error
}

// Options say which reflection a server speaks.
type Options struct {
	OldReflection bool // v1alpha alone
	NoReflection  bool
}

// Token is what a caller must bring as bearer.
const Token = "tok-grpc-4711"

// New starts a server that ends with its test.
func New(t testing.TB, o Options) *Server {
	t.Helper()
	s, stop := Start(o)
	t.Cleanup(stop)
	return s
}

// Start starts a server with the first edition of its messages; it panics when
// it cannot listen on loopback.
func Start(o Options) (s *Server, stop func()) {
	s = &Server{}
	s.Change(First, `{"id":"4711","total":"1200","state":"PAID","created":"2026-03-02T09:00:00Z","lines":[{"sku":"a-1","amount":2}]}`)
	g := grpc.NewServer(grpc.UnknownServiceHandler(s.serve))
	tells := reflection.ServerOptions{Services: s, DescriptorResolver: s}
	switch {
	case o.NoReflection:
	case o.OldReflection:
		reflectionv1alpha.RegisterServerReflectionServer(g, reflection.NewServer(tells))
	default:
		reflectionv1.RegisterServerReflectionServer(g, reflection.NewServerV1(tells))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	s.URL = "http://" + listener.Addr().String()
	go func() { _ = g.Serve(listener) }() // ends with Stop
	return s, g.Stop
}

// Change makes the server speak another edition of its messages, and answer
// with this order.
func (s *Server) Change(e Edition, order string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files, s.order = e.files(), order
}

// Refuse lets every call fail with a status; codes.OK for none.
func (s *Server) Refuse(code codes.Code, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = status.Error(code, why)
}

// Raw lets every call be answered with these bytes, whatever they are.
func (s *Server) Raw(message []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw = message
}

func (s *Server) state() (*protoregistry.Files, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files, s.order, s.refuse
}

func (s *Server) serve(_ any, stream grpc.ServerStream) error {
	files, order, refuse := s.state()
	method := methodOf(files, stream)
	switch {
	case refuse != nil:
		return refuse
	case method == nil:
		return status.Error(codes.Unimplemented, "no such method")
	}
	if md, _ := metadata.FromIncomingContext(stream.Context()); fmt.Sprint(md.Get("authorization")) != "[Bearer "+Token+"]" {
		return status.Errorf(codes.Unauthenticated, "not accepted: %v", md.Get("authorization"))
	}
	request, answer := dynamicpb.NewMessage(method.Input()), dynamicpb.NewMessage(method.Output())
	if err := stream.RecvMsg(request); err != nil {
		return err
	}
	if err := s.fill(answer, order, files); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	if err := stream.SetHeader(metadata.Pairs("x-ratelimit-limit", "500")); err != nil {
		return err
	}
	for range 3 {
		if err := stream.SendMsg(answer); err != nil || !method.IsStreamingServer() {
			return err
		}
	}
	<-stream.Context().Done()
	return stream.Context().Err()
}

// fill writes the order into an answer; raw bytes go beside it, as a field that
// is read when they come.
func (s *Server) fill(answer *dynamicpb.Message, order string, files *protoregistry.Files) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.raw != nil {
		answer.SetUnknown(s.raw)
		return nil
	}
	return protojson.UnmarshalOptions{Resolver: dynamicpb.NewTypes(files)}.Unmarshal([]byte(order), answer)
}

func methodOf(files *protoregistry.Files, stream grpc.ServerStream) protoreflect.MethodDescriptor {
	called, _ := grpc.MethodFromServerStream(stream)
	name, ok := strings.CutPrefix(called, "/shop.v1.Orders/")
	found, err := files.FindDescriptorByName("shop.v1.Orders")
	if service, is := found.(protoreflect.ServiceDescriptor); ok && is && err == nil {
		return service.Methods().ByName(protoreflect.Name(name))
	}
	return nil
}

// GetServiceInfo implements the list of the reflection.
func (s *Server) GetServiceInfo() map[string]grpc.ServiceInfo {
	return map[string]grpc.ServiceInfo{"shop.v1.Orders": {}}
}

// FindFileByPath implements the resolver of the reflection.
func (s *Server) FindFileByPath(path string) (protoreflect.FileDescriptor, error) {
	files, _, _ := s.state()
	return files.FindFileByPath(path)
}

// FindDescriptorByName implements the resolver of the reflection.
func (s *Server) FindDescriptorByName(name protoreflect.FullName) (protoreflect.Descriptor, error) {
	files, _, _ := s.state()
	return files.FindDescriptorByName(name)
}
