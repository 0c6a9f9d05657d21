package shape_test

import (
	"testing"
	"time"

	"shapewatch/contracts/shape"
)

func observed(t *testing.T, bodies ...string) *shape.Shape {
	t.Helper()
	s := shape.New(shape.Limits{})
	for _, body := range bodies {
		if err := s.Observe([]byte(body), time.Unix(1e9, 0)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestDrop_ForgetsAPathAndAllBelowIt(t *testing.T) {
	s := observed(t, `{"data":[{"id":1,"a/b":{"c":1}},{"id":2,"a/b":{"c":2}}]}`)
	if !s.Drop("/data/[]/a~1b") {
		t.Fatal("the path was there")
	}
	for _, gone := range []string{"/data/[]/a~1b", "/data/[]/a~1b/c"} {
		if _, ok := s.Field(gone); ok {
			t.Errorf("%s is still there", gone)
		}
	}
	if id, ok := s.Field("/data/[]/id"); !ok || id.Count != 2 {
		t.Errorf("its sibling: %v, %d", ok, id.Count)
	}
	back := shape.New(shape.Limits{})
	encoded, err := s.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if err := back.UnmarshalBinary(encoded); err != nil || len(back.Fields()) != len(s.Fields()) {
		t.Errorf("decoded: %d fields, %v; want %d", len(back.Fields()), err, len(s.Fields()))
	}
}

func TestDrop_CountsWhatComesBackAsNew(t *testing.T) {
	s := observed(t, `{"id":1,"x":1}`)
	s.Drop("/x")
	s.Merge(observed(t, `{"id":1,"x":"one"}`))
	x, ok := s.Field("/x")
	if !ok || x.Has(shape.Int) || x.Probes.All != 1 || x.Probes.None != 1 {
		t.Errorf("%t, %+v; want a string, in one of two answers", ok, x.Probes)
	}
}

func TestDrop_LeavesWhatIsNotThere(t *testing.T) {
	s := observed(t, `{"id":1}`)
	for _, path := range []string{"", "/nope", "/id/deeper", "/[]"} {
		if s.Drop(path) {
			t.Errorf("%q was dropped", path)
		}
	}
}

func TestPack_ComesBack(t *testing.T) {
	packed, err := shape.Pack([]byte("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
	if err != nil || len(packed) > 40 {
		t.Fatalf("%d bytes, %v", len(packed), err)
	}
	if plain, err := shape.Unpack(packed); err != nil || len(plain) != 48 {
		t.Errorf("%q, %v", plain, err)
	}
	if _, err := shape.Unpack([]byte("not packed")); err == nil {
		t.Error("nonsense was unpacked")
	}
}
