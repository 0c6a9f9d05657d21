package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"shapewatch/contracts/shape"
	"shapewatch/monitor"
	"shapewatch/web"
)

// maxReply bounds what a server of ours says about one shape, bytes.
const maxReply = 64 << 20

// A shapeAnswer is what the server's JSON interface says of a shape.
type shapeAnswer struct {
	Answers uint64   `json:"answers"`
	Shape   []byte   `json:"shape"`
	Maps    []string `json:"maps"`
}

// shapeFromServer asks the server that holds the store what it has learned.
func shapeFromServer(ctx context.Context, c *Config, w monitor.Watch) (s *shape.Shape, maps []string, err error) {
	address := serverAddress(c) + "/api/v1/apis/" + url.PathEscape(w.Probe.API) + "/shape?operation=" + url.QueryEscape(w.Probe.Name)
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, usageError(fmt.Errorf("page: %w", err))
	}
	identify(request, c.Access())
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, nil, usageError(fmt.Errorf("the store is in use, and the server that should hold it does not answer: %w", err))
	}
	defer reply.Body.Close()
	switch reply.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, nil, usageError(fmt.Errorf("the server at %s wants a login: page.token in the configuration lets this command in", serverAddress(c)))
	case http.StatusNotFound:
		return nil, nil, usageError(fmt.Errorf("%s: the server at %s does not watch it; does it run with this configuration?", w.Probe.ID, serverAddress(c)))
	default:
		return nil, nil, usageError(fmt.Errorf("the server at %s answers %s", serverAddress(c), reply.Status))
	}
	var answer shapeAnswer
	if err := json.NewDecoder(io.LimitReader(reply.Body, maxReply)).Decode(&answer); err != nil {
		return nil, nil, usageError(fmt.Errorf("the server at %s: %w; is it shapewatch of this version?", serverAddress(c), err))
	}
	learned := shape.New(shape.Limits{})
	return learned, answer.Maps, learned.UnmarshalBinary(answer.Shape)
}

// identify shows the server what its configuration lets in.
func identify(r *http.Request, a web.Access) {
	switch {
	case a.Token != "":
		r.Header.Set("Authorization", "Bearer "+a.Token)
	case a.User != "":
		r.SetBasicAuth(a.User, a.Password)
	}
}

// serverAddress is where the page of this configuration listens, seen from
// this machine.
func serverAddress(c *Config) string {
	host, port, err := net.SplitHostPort(c.Page().Listen)
	if err != nil {
		return c.Page().URL
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
