package web

import (
	"context"
	"net"
	"net/http"
	"time"
)

// Limits of a connection. Pages are small and rendered before the first byte
// is sent, so a client that needs longer than this is not reading.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 16 << 10 // bytes
)

type closingKey struct{}

// Server returns a server for a handler of [New] with every timeout set. Its
// Shutdown also ends open event streams, which would otherwise never be idle.
func Server(addr string, h http.Handler) *http.Server {
	closing := make(chan struct{})
	server := &http.Server{
		Addr: addr, Handler: h,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.Background(), closingKey{}, closing)
		},
	}
	server.RegisterOnShutdown(func() { close(closing) })
	return server
}

// closing is closed when the server of a request shuts down; nil when it is
// not one of [Server].
func closing(ctx context.Context) <-chan struct{} {
	done, _ := ctx.Value(closingKey{}).(chan struct{})
	return done
}
