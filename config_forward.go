package main

import (
	"time"

	"shapewatch/forwarding"
	"shapewatch/probes"
	"shapewatch/webhooks"
)

// forwardBlock is a receiver of the user's own, to which events go on.
type forwardBlock struct {
	url             leaf[string]
	headers         map[string]leaf[string]
	private         leaf[bool]
	atOnce, most    leaf[int]
	mostBytes       leaf[int64]
	timeout, giveUp leaf[time.Duration]
}

func freshForward() forwardBlock {
	return forwardBlock{
		private: given("true", aFlag), atOnce: given("1", aCount),
		timeout: given("10s", aDuration), giveUp: given("3d", aDuration),
		most: given("100000", aCount), mostBytes: given("256MiB", aSize),
	}
}

// hands reports whether events are handed on at all.
func (b *forwardBlock) hands() bool { return b.url.text != "" }

var forwardKeys = block[forwardBlock]{
	name: "Forward", doc: "Your own receiver of a webhook's events. It gets the body byte for byte and the vendor's headers, after the vendor got its answer, and again until it takes them. See [webhooks](webhooks.md#handed-on).",
	fresh: freshForward, resets: true, needs: []string{"url"},
	keys: []key[forwardBlock]{
		{"url", "Where to send them. Redirects are not followed.", "\"https://orders.internal/hooks/stripe\"", func(b *forwardBlock) setting { return a(&b.url, anURL) }},
		{"headers", "Headers added to the vendor's: a credential by which your receiver knows us.", "{ Authorization: \"Bearer ${RECEIVER_TOKEN}\" }", func(b *forwardBlock) setting {
			return pairs[string]{into: &b.headers, kind: aHeader, name: checkHeaderName, secret: looksSecretName}
		}},
		{"allow_private", "Whether it may be at a private or loopback address, as your own receivers are. Link-local and metadata addresses are never asked.", "false", func(b *forwardBlock) setting { return a(&b.private, aFlag) }},
		{"at_once", "Requests under way. With 1, events arrive in the order in which they came; with more they overtake each other.", "4", func(b *forwardBlock) setting { return a(&b.atOnce, aCount) }},
		{"timeout", "Of one attempt.", "30s", func(b *forwardBlock) setting { return a(&b.timeout, aDuration) }},
		{"give_up", "How long an event is tried before it is kept as dead.", "7d", func(b *forwardBlock) setting { return a(&b.giveUp, aDuration) }},
		{"most", "How many events are held for it: waiting, and given up. Beyond that this webhook answers 503, so that the vendor keeps them and sends them again.", "1000000", func(b *forwardBlock) setting { return a(&b.most, aCount) }},
		{"most_bytes", "How large those may be together, bodies and headers. Beyond that it answers 503, too. In the store they take half as much again.", "1GiB", func(b *forwardBlock) setting { return a(&b.mostBytes, aSize) }},
	},
	after: func(r *reader, b *forwardBlock, _ fields) {
		if b.atOnce.value > maxForwardsAtOnce {
			r.problem(b.atOnce.at, "a receiver with 64 requests under way is busy enough", "at_once %d is more than %d", b.atOnce.value, maxForwardsAtOnce)
		}
	},
}

const maxForwardsAtOnce = 64

// handedOn is the receiver of a source; nil for none.
func (m *assembly) handedOn(b *forwardBlock) *forwarding.Target {
	if !b.hands() {
		return nil
	}
	return &forwarding.Target{
		URL: b.url.value, Header: plain(b.headers), Private: b.private.value, AtOnce: b.atOnce.value,
		Timeout: b.timeout.value, GiveUp: b.giveUp.value, Most: webhooks.Bound{Events: uint64(b.most.value), Bytes: uint64(b.mostBytes.value)}, Secrets: m.secretsIn(probes.Probe{URL: b.url.value}),
	}
}
