package shape

import "strings"

var pathUnescaper = strings.NewReplacer("~1", "/", "~0", "~")

// Drop forgets a path and all below it, as if the key had never been seen, and
// reports whether it was there. What was counted of its parent stays: its
// objects then count as objects without the key. Inside a folded map nothing
// can be told apart and nothing is dropped; neither is the root.
func (s *Shape) Drop(path string) bool {
	n := s.find(path)
	if n == nil {
		return false
	}
	n.reset()
	if o := n.parent.object; o != nil && !n.item {
		o.count(n, -1)
		n.leaveTags()
	}
	for p := n.parent; p != nil; p = p.parent {
		s.weigh(p)
	}
	return true
}

// find is the live node at a path below the root; nil when there is none.
func (s *Shape) find(path string) *node {
	if !strings.HasPrefix(path, "/") {
		return nil
	}
	n := s.ready()
	for segment := range strings.SplitSeq(path[1:], "/") {
		if n = n.at(pathUnescaper.Replace(segment)); n == nil {
			return nil
		}
	}
	return n
}

// at is the live child of a name; nil when there is none.
func (n *node) at(name string) *node {
	if name == itemName && n.list != nil && n.list.items != nil && n.list.items.count > 0 {
		return n.list.items
	}
	if n.object == nil || n.object.rest != nil {
		return nil
	}
	for _, k := range n.object.kids {
		if k.count > 0 && k.name == name {
			return k
		}
	}
	return nil
}
