package shape_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"shapewatch/contracts/shape"
)

// accepts fails unless the shape has a field of the right kind for every value
// of a body that it observed, keys that come twice aside.
func accepts(t interface{ Fatalf(string, ...any) }, s *shape.Shape, body string) {
	fields := map[string]shape.Field{}
	for _, f := range s.Fields() {
		fields[f.Path] = f
	}
	// A buffer is read in place, so that what is not read yet is all of the rest.
	d := jsontext.NewDecoder(bytes.NewBufferString(strings.TrimPrefix(body, "\ufeff")), jsontext.AllowDuplicateNames(true))
	var value func(path string, learned bool)
	value = func(path string, learned bool) {
		kind, f := d.PeekKind(), fields[path]
		if _, known := fields[path]; learned && (!known || !f.Has(kindOf(d, kind))) {
			t.Fatalf("%s: %q is no %v of the shape: %+v", body, path, kindOf(d, kind), f)
		}
		switch kind {
		case '{':
			_, _ = d.ReadToken()
			for seen := map[string]bool{}; d.PeekKind() != '}'; {
				name, _ := d.ReadToken()
				key := name.String()
				first := !seen[key] && len(key) <= 256
				seen[key] = true
				step := strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
				if f.IsMap {
					step = "{}"
				}
				value(path+"/"+step, learned && first)
			}
			_, _ = d.ReadToken()
		case '[':
			for _, _ = d.ReadToken(); d.PeekKind() != ']'; {
				value(path+"/[]", learned)
			}
			_, _ = d.ReadToken()
		default:
			_, _ = d.ReadValue()
		}
	}
	value("", true)
}

func kindOf(d *jsontext.Decoder, kind jsontext.Kind) shape.Kind {
	switch kind {
	case 'n':
		return shape.Null
	case 't', 'f':
		return shape.Bool
	case '"':
		return shape.String
	case '{':
		return shape.Object
	case '[':
		return shape.Array
	}
	if literal := d.UnreadBuffer(); strings.ContainsAny(numberAt(literal), ".eE") {
		return shape.Frac
	}
	return shape.Int
}

// numberAt is the number literal that comes next.
func numberAt(b []byte) string {
	start := strings.IndexAny(string(b), "-0123456789")
	if start < 0 {
		return ""
	}
	rest := string(b[start:])
	if end := strings.IndexAny(rest, ",]} \t\r\n:"); end >= 0 {
		return rest[:end]
	}
	return rest
}

// TestShape_AcceptsWhatItObserved, whatever came before and after, folded or
// not.
func TestShape_AcceptsWhatItObserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		docs := rapid.SliceOfN(document(), 1, 8).Draw(t, "docs")
		s, known := shape.New(rapid.SampledFrom([]shape.Limits{{}, tiny}).Draw(t, "limits")), docs[:0:0]
		for _, d := range docs {
			if s.Observe([]byte(d), noon) == nil {
				known = append(known, d)
			}
		}
		for _, d := range known {
			accepts(t, s, d)
		}
	})
}
