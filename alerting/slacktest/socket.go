package slacktest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// A socket is the Socket Mode side: one connection at a time, the envelopes
// that were acknowledged, and what waits for the next connection.
type socket struct {
	mu      sync.Mutex
	conn    *websocket.Conn
	tickets map[string]bool
	acked   map[string]bool
	sent    int
	opened  int
	changed *sync.Cond
}

func (k *socket) init() {
	k.tickets, k.acked = map[string]bool{}, map[string]bool{}
	k.changed = sync.NewCond(&k.mu)
}

// openSocket hands out the address of one connection.
func (s *Slack) openSocket() map[string]any {
	k := &s.socket
	k.mu.Lock()
	defer k.mu.Unlock()
	ticket := fmt.Sprintf("ticket-%d", len(k.tickets)+1)
	k.tickets[ticket] = true
	return map[string]any{"url": "ws" + strings.TrimPrefix(s.URL, "http") + "/socket?ticket=" + ticket}
}

func (s *Slack) serveSocket(w http.ResponseWriter, r *http.Request) {
	k := &s.socket
	k.mu.Lock()
	good := k.tickets[r.FormValue("ticket")]
	delete(k.tickets, r.FormValue("ticket"))
	k.mu.Unlock()
	if !good {
		http.Error(w, "invalid ticket", http.StatusForbidden)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	k.mu.Lock()
	_ = conn.WriteJSON(map[string]any{
		"type": "hello", "num_connections": 1, "connection_info": map[string]any{"app_id": "A111"},
		"debug_info": map[string]any{"host": "applink-1", "approximate_connection_time": 18060},
	})
	k.conn, k.opened = conn, k.opened+1
	k.changed.Broadcast()
	k.mu.Unlock()
	k.read(conn)
}

// read notes acknowledgements until the connection ends.
func (k *socket) read(conn *websocket.Conn) {
	defer conn.Close()
	for {
		var ack struct {
			EnvelopeID string `json:"envelope_id"`
		}
		err := conn.ReadJSON(&ack)
		k.mu.Lock()
		if err != nil && k.conn == conn {
			k.conn = nil
		}
		if ack.EnvelopeID != "" {
			k.acked[ack.EnvelopeID] = true
		}
		k.changed.Broadcast()
		k.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (k *socket) drop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.conn != nil {
		_ = k.conn.UnderlyingConn().Close()
		k.conn = nil
	}
}

// Drop breaks the connection of Socket Mode without a word.
func (s *Slack) Drop() { s.socket.drop() }

// Disconnect asks the app to connect again, as Slack does every few hours.
func (s *Slack) Disconnect() {
	k := &s.socket
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.conn != nil {
		_ = k.conn.WriteJSON(map[string]any{"type": "disconnect", "reason": "refresh_requested", "debug_info": map[string]any{"host": "applink-1"}})
	}
}

// Connections is how often an app has connected so far.
func (s *Slack) Connections() int {
	k := &s.socket
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.opened
}

// errUnheard means that no app acknowledged an envelope.
var errUnheard = errors.New("nobody acknowledged it")

// socketWait is how long an app may take to be connected, and then 3 s to
// acknowledge.
const socketWait = 10 * time.Second

// deliver sends one envelope and waits for its acknowledgement; again says to
// send it twice, as Slack does when it is in doubt.
func (s *Slack) deliver(kind string, payload map[string]any, again bool) error {
	k := &s.socket
	timer := time.AfterFunc(socketWait, func() { k.mu.Lock(); k.changed.Broadcast(); k.mu.Unlock() })
	defer timer.Stop()
	end := time.Now().Add(socketWait)
	k.mu.Lock()
	defer k.mu.Unlock()
	for k.conn == nil {
		if !time.Now().Before(end) {
			return errors.New("no app is connected")
		}
		k.changed.Wait()
	}
	k.sent++
	id := fmt.Sprintf("envelope-%d", k.sent)
	envelope := map[string]any{"type": kind, "envelope_id": id, "accepts_response_payload": kind == "interactive", "payload": payload}
	if err := k.conn.WriteJSON(envelope); err != nil {
		return err
	}
	if again {
		envelope["retry_attempt"], envelope["retry_reason"] = 1, "timeout"
		_ = k.conn.WriteJSON(envelope)
	}
	end = time.Now().Add(3 * time.Second)
	late := time.AfterFunc(3*time.Second, func() { k.mu.Lock(); k.changed.Broadcast(); k.mu.Unlock() })
	defer late.Stop()
	for !k.acked[id] {
		if !time.Now().Before(end) {
			return errUnheard
		}
		k.changed.Wait()
	}
	return nil
}

// Click clicks a button of a message, or chooses an option that ends in choice
// from its list. It fails when the message has no such button, or when no app
// acknowledges within 3 s. Slack in doubt tells a click twice: again.
func (s *Slack) Click(user, ts, action, choice string, again bool) error {
	s.mu.Lock()
	m := s.find(ts)
	var on Message
	if m != nil {
		on = *m
	}
	s.mu.Unlock()
	blocks, _ := decodeBlocks(on.Blocks)
	for _, b := range blocks {
		for _, e := range b.Elements {
			if b.Type == "actions" && e.ActionID == action {
				return s.deliver("interactive", clickPayload(user, on, b, e, choice), again)
			}
		}
	}
	return fmt.Errorf("the message %s has no %s", ts, action)
}

func clickPayload(user string, on Message, b, e block, choice string) map[string]any {
	act := map[string]any{
		"type": e.Type, "action_id": e.ActionID, "block_id": b.BlockID, "action_ts": fmt.Sprintf("%d.000001", time.Now().UnixNano()),
	}
	if e.Type == "button" {
		act["value"], act["text"] = e.Value, map[string]any{"type": "plain_text", "text": e.Text.Text}
	}
	for _, o := range e.Options {
		if strings.HasSuffix(o.Value, "|"+choice) {
			act["selected_option"] = map[string]any{"text": map[string]any{"type": "plain_text", "text": o.Text.Text}, "value": o.Value}
		}
	}
	return map[string]any{
		"type": "block_actions", "user": map[string]any{"id": user, "username": "ada", "name": "ada", "team_id": "T0"},
		"api_app_id": "A111", "team": map[string]any{"id": "T0", "domain": "acme"}, "trigger_id": "1.2.3",
		"container":    map[string]any{"type": "message", "message_ts": on.TS, "channel_id": on.Channel, "is_ephemeral": false},
		"channel":      map[string]any{"id": on.Channel, "name": "api-drift"},
		"message":      map[string]any{"type": "message", "ts": on.TS, "text": on.Text},
		"response_url": "https://hooks.slack.com/actions/T0/1/x", "actions": []any{act},
	}
}

// Mention writes to the app in a channel: "<@U0BOT> text".
func (s *Slack) Mention(user, channel, text string) error {
	s.mu.Lock()
	stamp := s.stamp()
	s.messages = append(s.messages, &Message{Channel: channel, TS: stamp, Text: "<@U0BOT> " + text})
	s.mu.Unlock()
	return s.deliver("events_api", map[string]any{
		"token": "x", "team_id": "T0", "api_app_id": "A111", "type": "event_callback", "event_id": "Ev1", "event_time": time.Now().Unix(),
		"event": map[string]any{
			"type": "app_mention", "user": user, "text": "<@U0BOT> " + text, "ts": stamp, "channel": channel, "event_ts": stamp,
		},
	}, false)
}
