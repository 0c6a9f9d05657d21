package main

import (
	"time"

	"shapewatch/probes"
)

// eventsBlock says how much of a stream is read.
type eventsBlock struct {
	said place
	most leaf[int]
	span leaf[time.Duration]
	tag  leaf[string]
}

func freshEvents() eventsBlock {
	return eventsBlock{most: given("100", aCount), span: given("10s", aDuration)}
}

var eventsRows = []key[probeBlock]{
	{"events", "The answer is a stream: server-sent events, lines of JSON that do not end, or what comes over a `websocket`. Enough of it is read; each type of event has a shape of its own.", "{ most: 100, for: 10s }",
		func(b *probeBlock) setting {
			return optional(in(&b.events, &eventsKeys), func() bool { return !b.events.reads() })
		}},
}

var eventsKeys = block[eventsBlock]{
	name: "Events", doc: "What is read of a stream in one check: until there are enough events, or the time is over. Which kind it is says its media type: `text/event-stream`, or one of NDJSON.", fresh: freshEvents, resets: true,
	keys: []key[eventsBlock]{
		{"most", "Events.", "20", func(b *eventsBlock) setting { return a(&b.most, aCount) }},
		{"for", "How long to listen.", "30s", func(b *eventsBlock) setting { return a(&b.span, aDuration) }},
		{"type", "Where in an event its type stands, when the stream itself does not say it.", "/type", func(b *eventsBlock) setting { return a(&b.tag, aPath) }},
	},
	after: func(_ *reader, b *eventsBlock, f fields) { b.said = f.at[""] },
}

func (b *eventsBlock) reads() bool { return b.said.src != nil }

// reading is how much of a stream is read; nil for an answer that ends.
func (b *eventsBlock) reading() *probes.Events {
	if !b.reads() {
		return nil
	}
	return &probes.Events{Most: b.most.value, For: b.span.value, Tag: b.tag.value}
}
