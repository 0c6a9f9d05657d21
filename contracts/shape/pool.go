package shape

// Wide reports whether the object at a path has more keys than data keys are
// kept apart, or is folded. The root, which holds all else, never is.
func (s *Shape) Wide(path string) bool {
	n := s.find(path)
	return n != nil && n.kinds[Object] > 0 && (n.object.rest != nil || n.object.live > dataKeys)
}

// Pool folds the object at a path into a map, for a reader that knows that its
// keys are data, and reports whether that changed anything. From then on its
// keys weigh what data keys weigh, so that a record with many maps stays a
// record. A shape that is merged with a pooled one is folded there too; what its
// own keys weigh counts on.
func (s *Shape) Pool(path string) bool {
	n := s.find(path)
	if n == nil || n.kinds[Object] == 0 {
		return false
	}
	o := n.object
	if o.rest != nil && !o.vague && len(o.words.hashes) == 0 {
		return false
	}
	if o.rest == nil {
		s.fold(n)
	}
	o.words, o.vague = sketch{}, false
	for p := n; p != nil; p = p.parent {
		s.weigh(p)
	}
	return true
}
