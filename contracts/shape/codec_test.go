package shape_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts/shape"
)

func TestUnmarshalBinary_RefusesWhatItDidNotWrite(t *testing.T) {
	s := learned(t, `{"a":[1,"x"]}`)
	good := encoded(t, s)
	newer := bytes.Clone(good)
	newer[2] = 9
	flipped := bytes.Clone(good)
	flipped[len(flipped)-2] ^= 1
	for name, test := range map[string]struct {
		encoded []byte
		want    string
	}{
		"nothing":          {nil, "decode shape: not an encoded shape"},
		"something else":   {[]byte(`{"a":1}`), "decode shape: not an encoded shape"},
		"a newer version":  {newer, "decode shape: version 9 was written by a newer shapewatch; this one reads up to 4"},
		"version 0":        {[]byte("SW\x00"), "decode shape: damaged content"},
		"the head only":    {good[:3], "decode shape: damaged content"},
		"cut":              {good[:len(good)-5], "decode shape: "},
		"a flipped bit":    {flipped, "decode shape: "},
		"more after it":    {append(bytes.Clone(good), "x"...), "decode shape: "},
		"content after it": {shape.Packed(append(shape.Payload(s), 0)), "decode shape: damaged content"},
		"a bomb":           {shape.Packed(make([]byte, 65<<20)), "decode shape: "},
	} {
		t.Run(name, func(t *testing.T) {
			into := s.Clone()
			err := into.UnmarshalBinary(test.encoded)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
			if !bytes.Equal(encoded(t, into), good) {
				t.Error("the shape was changed")
			}
		})
	}
}

// TestUnmarshalBinary_KeepsTheLimits, also those that are too large or small.
func TestUnmarshalBinary_KeepsTheLimits(t *testing.T) {
	for _, limits := range []shape.Limits{{}, {Nodes: 1, Depth: 1, Keys: 1, KeyBytes: 1, Body: 100}, {Nodes: 1 << 40, Depth: 1 << 40, Keys: 1 << 40, KeyBytes: 1 << 40, Body: 1 << 60}} {
		s, copied := shape.New(limits), new(shape.Shape)
		observe(t, s, `{"a":1}`)
		if err := copied.UnmarshalBinary(encoded(t, s)); err != nil || !bytes.Equal(encoded(t, copied), encoded(t, s)) {
			t.Errorf("%+v: %v", limits, err)
		}
	}
}

// stored is the answer whose states of every version are under testdata.
const stored = `{"a":[1,-2.50,"x",null,true,{}],"id":"cus_9s6XKzkNRiz8i3","lat":52.52,"m":{"2026-01-01":{"x":1e99},"2026-01-02":{}}}`

// variants is another one, with what version 2 added.
const variants = `[{"type":"a","x":{"y":1,"z":"k"}},{"type":"b","w":[]},{"type":"a","x":{"y":2}},{"type":"b"}]`

// folded is an object with more keys than are kept.
func folded() string {
	keys := make([]string, 600)
	for i := range keys {
		keys[i] = fmt.Sprintf(`"k%d":%d`, i, i)
	}
	return `{"m":{` + strings.Join(keys, ",") + `}}`
}

var update = flag.Bool("update", false, "rewrite the files under testdata that a new version adds")

// TestUnmarshalBinary_ReadsEveryVersion reads states that were stored by every
// version. When today's state of the same answers differs, the encoding has
// changed: it needs a new version, and these files must still be read.
func TestUnmarshalBinary_ReadsEveryVersion(t *testing.T) {
	for name, body := range map[string]string{
		"version1": stored, "version2": stored, "version2-variants": variants, "version2-folded": folded(),
		"version3": stored, "version3-variants": variants, "version3-folded": folded(),
		"version4": stored, "version4-variants": variants, "version4-folded": folded(),
	} {
		s, file := learned(t, body), filepath.Join("testdata", name+".shape")
		if *update && strings.HasPrefix(name, "version4") {
			if err := os.WriteFile(file, encoded(t, s), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		bytesOf, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		read := new(shape.Shape)
		if err := read.UnmarshalBinary(bytesOf); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s.Fields(), read.Fields()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if strings.HasPrefix(name, "version4") && !bytes.Equal(shape.Payload(s), shape.Payload(read)) {
			t.Errorf("%s: %q was %q", name, shape.Payload(s), shape.Payload(read))
		}
		again := encoded(t, read)
		if err := read.UnmarshalBinary(again); err != nil || !bytes.Equal(again, encoded(t, read)) {
			t.Errorf("%s is not written again: %v", name, err)
		}
	}
}

// TestUnmarshalBinary_OldFoldedObjectsMerge with new ones to one state, whichever
// is added to which, though version 2 did not say which of their keys are words.
func TestUnmarshalBinary_OldFoldedObjectsMerge(t *testing.T) {
	bytesOf, err := os.ReadFile(filepath.Join("testdata", "version2-folded.shape"))
	if err != nil {
		t.Fatal(err)
	}
	old, late := new(shape.Shape), learned(t, folded(), `{"m":{"2026-01-01":1,"other":2}}`)
	if err := old.UnmarshalBinary(bytesOf); err != nil {
		t.Fatal(err)
	}
	one, other := old.Clone(), late.Clone()
	one.Merge(late)
	other.Merge(old)
	if !bytes.Equal(encoded(t, one), encoded(t, other)) {
		t.Error("the order makes another state")
	}
	again := new(shape.Shape)
	if err := again.UnmarshalBinary(encoded(t, one)); err != nil || !bytes.Equal(encoded(t, again), encoded(t, one)) {
		t.Errorf("it does not come back: %v", err)
	}
}

// TestUnmarshalBinary_OldVariantsMerge with new ones to one state, whichever is
// added to which, though version 3 did not say which formats they have: then
// none are told.
func TestUnmarshalBinary_OldVariantsMerge(t *testing.T) {
	bytesOf, err := os.ReadFile(filepath.Join("testdata", "version3-variants.shape"))
	if err != nil {
		t.Fatal(err)
	}
	old, late := new(shape.Shape), learned(t, variants, `[{"type":"a","x":"2026-03-01"},{"type":"c","d":"2026-03-01"}]`)
	if err := old.UnmarshalBinary(bytesOf); err != nil {
		t.Fatal(err)
	}
	one, other := old.Clone(), late.Clone()
	one.Merge(late)
	other.Merge(old)
	again := new(shape.Shape)
	if err := again.UnmarshalBinary(encoded(t, one)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(encoded(t, one), encoded(t, other)) || !bytes.Equal(encoded(t, one), encoded(t, again)) {
		t.Error("the order makes another state, or it does not come back")
	}
	for name, s := range map[string]*shape.Shape{"old": old, "merged": one, "read again": again, "new": late} {
		for _, v := range s.Variants("/[]", "type") {
			for _, k := range v.Keys {
				if k.Path == "/[]/type" && (len(k.Formats) > 0) != (name == "new") {
					t.Errorf("%s: %s of %s has formats %q", name, k.Path, v.Value, k.Formats)
				}
			}
		}
	}
}
