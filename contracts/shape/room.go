package shape

import "sync"

// A room is what encoding and decoding a shape need beside it: buffers that are
// empty before and of no use after. They are used again, because buffers are
// most of what an encoding weighs for the collector.
type room struct {
	writer writer
	plain  []byte // a payload
	packed []byte // the same, compressed
	pairs  []pair // scratch of a reader
	text   []byte
}

var spareRooms = sync.Pool{New: func() any { return new(room) }}

// widest is the size beyond which buffers are left to the collector.
const widest = 1 << 20

func takeRoom() *room {
	m, _ := spareRooms.Get().(*room)
	return m
}

func (m *room) giveBack() {
	if cap(m.plain)+cap(m.packed) <= widest {
		m.writer.forget()
		spareRooms.Put(m)
	}
}

// forget lets go of the shape that was written.
func (w *writer) forget() {
	clear(w.kids[:cap(w.kids)])
	clear(w.rows[:cap(w.rows)])
}

var spareWalkers = sync.Pool{New: func() any { return &walker{room: manyKeys, pass: pass{room: longestTape}} }}

// walker is one that observes into the shape, until it is given back.
func (s *Shape) walker() *walker {
	w, _ := spareWalkers.Get().(*walker)
	w.begin(s)
	return w
}

func (w *walker) giveBack() {
	w.end()
	spareWalkers.Put(w)
}

func (w *walker) begin(s *Shape) {
	w.shape, w.limits, w.pass.limits, w.serial = s, s.limits, s.limits, s.serial
	if s.late == nil {
		s.late = new(late)
	}
}

// end leaves what the next object is numbered after, and nothing of the body.
func (w *walker) end() {
	w.shape.serial, w.shape, w.number = w.serial, nil, number{}
}
