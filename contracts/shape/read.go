package shape

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/bits"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/zeebo/xxh3"
)

func (s *Shape) read(body []byte, at int64) error {
	if int64(len(body)) > s.limits.Body {
		return &LimitError{Problem: fmt.Sprintf("body larger than %d bytes", s.limits.Body)}
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	d := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))
	r := reader{d: d, at: at, limits: s.limits}
	if err := r.value(s.root, 0); err != nil {
		return r.explain(err)
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return &SyntaxError{Offset: d.InputOffset(), Problem: "text after the value"}
	}
	settle(s.root)
	s.root.All = 1
	return nil
}

type reader struct {
	d      *jsontext.Decoder
	at     int64
	limits Limits
}

func (r *reader) explain(err error) error {
	if limit := new(LimitError); errors.As(err, &limit) {
		return limit
	}
	path := string(r.d.StackPointer())
	syntax := new(jsontext.SyntacticError)
	if errors.As(err, &syntax) {
		return &SyntaxError{Offset: syntax.ByteOffset, Path: path, Problem: syntax.Err.Error()}
	}
	return &SyntaxError{Offset: r.d.InputOffset(), Path: path, Problem: err.Error()}
}

func (r *reader) value(n *node, depth int) error {
	t, err := r.d.ReadToken()
	if err != nil {
		return err
	}
	if depth > r.limits.Depth {
		return &LimitError{Path: string(r.d.StackPointer()), Problem: fmt.Sprintf("nested deeper than %d", r.limits.Depth)}
	}
	n.Count++
	n.First, n.Last = r.at, r.at
	switch t.Kind() {
	case 'n':
		n.Kinds[Null]++
	case 't', 'f':
		n.Kinds[Bool]++
		n.scalar(Bool, t.String(), false)
	case '"':
		n.text(t.String())
	case '0':
		n.number(t.String())
	case '{':
		return r.object(n, depth)
	case '[':
		return r.array(n, depth)
	}
	return nil
}

func (r *reader) object(n *node, depth int) error {
	n.Kinds[Object]++
	n.Objects++
	keys := map[string]bool{}
	for r.d.PeekKind() != '}' {
		t, err := r.d.ReadToken()
		if err != nil {
			return err
		}
		name := t.String()
		if len(name) > r.limits.KeyBytes {
			name = fmt.Sprintf("%s…%016x", strings.ToValidUTF8(name[:r.limits.KeyBytes-20], ""), xxh3.HashString(name))
		}
		target := n.child(name)
		if keys[name] {
			target = &node{}
		}
		keys[name] = true
		if len(keys) > r.limits.Keys {
			return &LimitError{Path: string(r.d.StackPointer()), Problem: fmt.Sprintf("object with more than %d keys", r.limits.Keys)}
		}
		if err := r.value(target, depth+1); err != nil {
			return err
		}
	}
	if len(keys) == 0 {
		n.EmptyObj++
	}
	_, err := r.d.ReadToken()
	return err
}

func (r *reader) array(n *node, depth int) error {
	n.Kinds[Array]++
	count := uint64(0)
	for r.d.PeekKind() != ']' {
		if n.Items == nil {
			n.Items = &node{}
		}
		if err := r.value(n.Items, depth+1); err != nil {
			return err
		}
		count++
	}
	if count == 0 {
		n.EmptyArr++
	}
	n.Arr.add(count)
	_, err := r.d.ReadToken()
	return err
}

func settle(n *node) {
	for _, c := range n.Children {
		switch {
		case c.Count == n.Objects:
			c.All = 1
		case c.Count > 0:
			c.Some = 1
		}
		settle(c)
	}
	if n.Items != nil {
		n.Items.All = 1
		settle(n.Items)
	}
	if n.Objects > 0 {
		n.Objects = 1
	}
}

var private = regexp.MustCompile(`@|^[0-9a-fA-F-]{12,}$|\d{6,}`)

func (n *node) scalar(k Kind, text string, hide bool) {
	v := value{Hash: xxh3.HashString(string(rune('0'+k)) + text), Text: text, Count: 1}
	if hide {
		v.Text = ""
	}
	n.addValue(v)
}

func (n *node) text(s string) {
	n.Kinds[String]++
	if s == "" {
		n.EmptyStr++
	}
	n.Str.add(uint64(len(s)))
	if n.Formats == nil {
		n.Formats = map[string]uint64{}
	}
	n.Formats[format(s)]++
	n.scalar(String, s, len(s) > 40 || private.MatchString(s))
}

func (n *node) number(s string) {
	k := Int
	if strings.ContainsAny(s, ".eE") {
		k = Frac
	}
	n.Kinds[k]++
	o := &node{Min: s, Max: s}
	if i, err := strconv.ParseInt(s, 10, 64); k == Int && err == nil {
		u := uint64(max(i, -i))
		o.GCD = u
		if bits.Len64(u) > 53 {
			o.Beyond53 = 1
		}
	}
	if i := strings.IndexByte(s, '.'); i >= 0 && !strings.ContainsAny(s, "eE") {
		o.Decimals = len(s) - i - 1
	}
	n.addNumbers(o)
	n.scalar(k, s, len(s) > 8)
}

var formats = []struct {
	name string
	re   *regexp.Regexp
}{
	{"date-time", regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`)},
	{"date-time-local", regexp.MustCompile(`^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?$`)},
	{"date", regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)},
	{"uuid", regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)},
	{"email", regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)},
	{"uri", regexp.MustCompile(`^[a-z][a-z0-9+.-]*://\S+$`)},
	{"integer", regexp.MustCompile(`^-?\d+$`)},
	{"decimal", regexp.MustCompile(`^-?\d+\.\d+$`)},
}

func format(s string) string {
	for _, f := range formats {
		if f.re.MatchString(s) {
			return f.name
		}
	}
	return ""
}

func compareNumbers(a, b string) int {
	x, okX := new(big.Float).SetString(a)
	y, okY := new(big.Float).SetString(b)
	if !okX || !okY {
		return strings.Compare(a, b)
	}
	return x.Cmp(y)
}

func lengthBucket(n uint64) int {
	if n <= 8 {
		return int(n)
	}
	return 5 + bits.Len64(n)
}
