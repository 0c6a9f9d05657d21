package shape

import (
	"cmp"
	"slices"
)

const keptValues = 64

type node struct {
	Count, Objects uint64
	Kinds          KindCounts
	All, Some      uint64
	First, Last    int64
	EmptyStr       uint64
	EmptyArr       uint64
	EmptyObj       uint64
	Formats        map[string]uint64
	Values         []value
	Over           bool
	Min, Max       string
	GCD            uint64
	Decimals       int
	Beyond53       uint64
	Str, Arr       lengths
	Items          *node
	Children       map[string]*node
}

type value struct {
	Hash  uint64
	Text  string
	Count uint64
}

type lengths struct {
	N, Min, Max uint64
	Log         map[int]uint64
}

func (l *lengths) add(n uint64) {
	o := lengths{N: 1, Min: n, Max: n, Log: map[int]uint64{}}
	o.Log[lengthBucket(n)] = 1
	l.merge(&o)
}

func (l *lengths) merge(o *lengths) {
	if o.N == 0 {
		return
	}
	if l.N == 0 {
		l.Min, l.Log = o.Min, map[int]uint64{}
	}
	l.N += o.N
	l.Min, l.Max = min(l.Min, o.Min), max(l.Max, o.Max)
	for b, c := range o.Log {
		l.Log[b] += c
	}
}

func (n *node) addValue(v value) {
	i, found := slices.BinarySearchFunc(n.Values, v, func(a, b value) int { return cmp.Compare(a.Hash, b.Hash) })
	if found {
		n.Values[i].Count += v.Count
		return
	}
	n.Values = slices.Insert(n.Values, i, v)
	if len(n.Values) > keptValues {
		n.Values, n.Over = n.Values[:keptValues], true
	}
}

func (n *node) child(name string) *node {
	if n.Children == nil {
		n.Children = map[string]*node{}
	}
	c := n.Children[name]
	if c == nil {
		c = &node{}
		n.Children[name] = c
	}
	return c
}

func (n *node) merge(o *node) {
	if o.Count == 0 {
		return
	}
	if n.Count == 0 || o.First < n.First {
		n.First = o.First
	}
	n.Last = max(n.Last, o.Last)
	n.Count += o.Count
	n.Objects += o.Objects
	for k := range o.Kinds {
		n.Kinds[k] += o.Kinds[k]
	}
	n.All, n.Some = n.All+o.All, n.Some+o.Some
	n.EmptyStr, n.EmptyArr, n.EmptyObj = n.EmptyStr+o.EmptyStr, n.EmptyArr+o.EmptyArr, n.EmptyObj+o.EmptyObj
	for f, c := range o.Formats {
		if n.Formats == nil {
			n.Formats = map[string]uint64{}
		}
		n.Formats[f] += c
	}
	n.Over = n.Over || o.Over
	for _, v := range o.Values {
		n.addValue(v)
	}
	n.addNumbers(o)
	n.Str.merge(&o.Str)
	n.Arr.merge(&o.Arr)
	if o.Items != nil {
		if n.Items == nil {
			n.Items = &node{}
		}
		n.Items.merge(o.Items)
	}
	for name, c := range o.Children {
		n.child(name).merge(c)
	}
}

func (n *node) addNumbers(o *node) {
	if o.Min != "" && (n.Min == "" || compareNumbers(o.Min, n.Min) < 0) {
		n.Min = o.Min
	}
	if o.Max != "" && (n.Max == "" || compareNumbers(o.Max, n.Max) > 0) {
		n.Max = o.Max
	}
	for a, b := n.GCD, o.GCD; ; a, b = b, a%b {
		if b == 0 {
			n.GCD = a
			break
		}
	}
	n.Decimals = max(n.Decimals, o.Decimals)
	n.Beyond53 += o.Beyond53
}
