package main

import (
	"net/http"
	"net/url"

	"shapewatch/graphql"
)

// header returns the request headers, the media type of a JSON body included.
func (b *probeBlock) header() http.Header {
	h := http.Header{}
	if b.json.value != nil || b.graphql.asks() {
		h.Set("Content-Type", "application/json")
	}
	if b.events.reads() && !b.isSocket() {
		h.Set("Accept", "text/event-stream, application/x-ndjson, application/json;q=0.5")
	}
	for name, l := range b.headers {
		h.Set(name, l.value)
	}
	if b.graphql.asks() {
		graphql.Accept(h)
	}
	return h
}

// parameters adds what query says to the secret parameters of the URL.
func (b *probeBlock) parameters(fromURL url.Values) http.Header {
	q := http.Header(fromURL)
	for name, l := range b.query {
		q[name] = []string{l.value}
	}
	return q
}

func (b *probeBlock) payload() []byte {
	if b.graphql.asks() {
		return b.graphql.body()
	}
	if b.json.value != nil {
		return b.json.value
	}
	if b.body.text != "" {
		return []byte(b.body.value)
	}
	return nil
}
