package main

import (
	"encoding/json"
	"net/http"
	"strings"

	"shapewatch/monitor"
	"shapewatch/probes"
)

// socketBlock is what is said over a WebSocket.
type socketBlock struct {
	target    leaf[string]
	send      leaf[[]byte] // a JSON list, or one message
	inTurn    leaf[bool]
	protocols []leaf[string]
}

var socketRows = []key[probeBlock]{
	{"websocket", "Path to open a WebSocket at, under `base`, or a whole URL: wss://…. What comes is read as `events` says. {name} is filled from `params`.", "\"/v2/stream\"",
		func(b *probeBlock) setting { return a(&b.socket.target, aSocketTarget) }},
	{"send", "What is said over a WebSocket once it stands, such as a subscription: a list of messages, or one. A text is sent as it is, all else as JSON.", "[{ op: subscribe, channel: trades }]",
		func(b *probeBlock) setting { return jsonSetting{&b.socket.send} }},
	{"in_turn", "Sends each message of `send` but the first only after one more has come: for servers that greet before they listen.", "true",
		func(b *probeBlock) setting { return a(&b.socket.inTurn, aFlag) }},
	{"subprotocols", "Subprotocols that a WebSocket offers, the best first.", "[graphql-transport-ws]",
		func(b *probeBlock) setting { return many[string]{&b.socket.protocols, aHeaderName} }},
}

var aSocketTarget = text("a path under base: /v1/…, or a URL: wss://…", func(s string) error { return checkTarget(overHTTP(s)) }, object{"minLength": 1})

// overHTTP is the URL at which a WebSocket begins as a request.
func overHTTP(url string) string {
	for socket, plain := range map[string]string{"ws://": "http://", "wss://": "https://"} {
		if len(url) >= len(socket) && strings.EqualFold(url[:len(socket)], socket) {
			return plain + url[len(socket):]
		}
	}
	return url
}

// isSocketAddress reports whether a URL is one of a WebSocket.
func isSocketAddress(url string) bool { return overHTTP(url) != url }

// isSocket reports whether a probe opens a WebSocket.
func (b *probeBlock) isSocket() bool { return b.socket.target.text != "" }

// checkSocket checks that nothing else is asked, and reports whether the probe
// is a WebSocket.
func (r *reader) checkSocket(b *probeBlock, f fields) bool {
	_, opens := f.at["websocket"]
	if !opens {
		for _, name := range []string{"send", "in_turn", "subprotocols"} {
			if at, ok := f.at[name]; ok {
				r.problem(at, "add websocket: /path, or remove it", "%s without a websocket", name)
			}
		}
		return false
	}
	for _, name := range append(methods[:], "file", "reconcile", "webhook", "heartbeat", "workflow", "cleanup", "within", "grace", "max_runtime", "key", "body", "json", "operation", "expect", "paginate", "graphql") {
		if at, ok := f.at[name]; ok {
			r.problem(at, "what a WebSocket says is under send: keep one of them", "both websocket and %s", name)
		}
	}
	r.checkParams(b)
	return true
}

// conversing makes a watch of a WebSocket.
func (m *assembly) conversing(api *apiBlock, b *probeBlock) (w monitor.Watch, ok bool) {
	target := b.socket.target
	if api.name.text == "" || strings.HasPrefix(target.value, "/") && api.base.text == "" {
		return w, false
	}
	target.value = overHTTP(target.value)
	asked, err := m.address(api, b, target)
	if err != nil {
		m.fault(target.at, err)
		return w, false
	}
	p := m.calling(api, b, http.MethodGet, asked)
	p.Operation, p.Expect = "websocket "+asked.template, []int{http.StatusSwitchingProtocols}
	p = b.named(p)
	at := target.at
	if b.name.text != "" {
		at = b.name.at
	}
	m.unique(p.ID, at, "probe", "probes of one API need different names: give one of them name: …")
	w = monitor.Watch{Probe: p, Policy: b.policy(p)}
	w.Policy.View.Records = append(w.Policy.View.Records, "") // types of messages are fields, however alike
	w.Policy.Uses = append(w.Policy.Uses, m.usesFrom(b, p.Operation)...)
	return w, true
}

// saying is what a WebSocket says; nil for a probe that opens none.
func (b *probeBlock) saying() *probes.Socket {
	if !b.isSocket() {
		return nil
	}
	s := &probes.Socket{InTurn: b.socket.inTurn.value, Protocols: texts(b.socket.protocols)}
	var list []json.RawMessage
	if json.Unmarshal(b.socket.send.value, &list) != nil && b.socket.send.value != nil {
		list = []json.RawMessage{b.socket.send.value}
	}
	for _, message := range list {
		var plain string
		if message[0] == '"' && json.Unmarshal(message, &plain) == nil {
			message = []byte(plain)
		}
		s.Say = append(s.Say, message)
	}
	return s
}
