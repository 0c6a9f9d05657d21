package shape_test

import (
	"bytes"
	"runtime"
	"sync"
	"testing"

	"shapewatch/contracts/shape"
)

// TestDecode_KeepsNothingOfWhatItRead: the buffers that a shape is decoded
// from are used again at once.
func TestDecode_KeepsNothingOfWhatItRead(t *testing.T) {
	s := learned(t, `{"state":"open","name":"x","n":-1.5,"m":{"2026-01-01":"a"}}`, `[{"type":"a","x":1},{"type":"b"}]`)
	plain := s.MarshalPlain()
	read := new(shape.Shape)
	if err := read.UnmarshalPlain(plain); err != nil {
		t.Fatal(err)
	}
	clear(plain)
	if !bytes.Equal(read.MarshalPlain(), s.MarshalPlain()) {
		t.Error("the shape changed with the bytes it was decoded from")
	}
}

// TestDecode_ManyAtOnce: buffers that are shared over time are never shared at
// one time, and one shape may be encoded by many.
func TestDecode_ManyAtOnce(t *testing.T) {
	one, other := learned(t, `{"a":["x","y"]}`), learned(t, `[{"type":"b","n":[1.5,2.5]},{"type":"c"}]`)
	var wait sync.WaitGroup
	for _, s := range []*shape.Shape{one, other, one, other} {
		want := encoded(t, s)
		wait.Go(func() {
			for range 100 {
				got, err := s.MarshalBinary()
				back := new(shape.Shape)
				if err != nil || !bytes.Equal(got, want) || back.UnmarshalBinary(got) != nil || !bytes.Equal(back.MarshalPlain(), s.MarshalPlain()) {
					t.Error("another state")
					return
				}
			}
		})
	}
	wait.Wait()
}

// TestDecode_SmallShapesStaySmall: what is allocated at once for many things
// must not be kept by a shape of few; most parts of a baseline are small.
func TestDecode_SmallShapesStaySmall(t *testing.T) {
	state := encoded(t, learned(t, `{"id":1,"name":"x","tags":["a"],"ok":true}`))
	const copies = 500
	kept := make([]*shape.Shape, copies)
	before := heldHeap()
	for i := range kept {
		kept[i] = new(shape.Shape)
		if err := kept[i].UnmarshalBinary(state); err != nil {
			t.Fatal(err)
		}
	}
	if each := (heldHeap() - before) / copies; each > 8<<10 {
		t.Errorf("six paths take %d bytes", each)
	}
	runtime.KeepAlive(kept)
}

// heldHeap is what lives on the heap, in bytes; a pool keeps what was put into it for
// two collections.
func heldHeap() int64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
