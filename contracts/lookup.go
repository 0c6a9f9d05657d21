package contracts

// Lookup finds what the schema says of the value at a path, through anyOf the
// first alternative that names it; required says whether it must be there.
// Nil when the schema does not name the path.
func (s *Schema) Lookup(path string) (at *Schema, required bool) {
	return s.lookup(segments(path), false)
}

func (s *Schema) lookup(path []string, required bool) (*Schema, bool) {
	if s == nil || len(path) == 0 {
		return s, required
	}
	if next := s.child(path[0]); next != nil {
		must := false
		for _, name := range s.Required {
			must = must || name == path[0]
		}
		if at, required := next.lookup(path[1:], must); at != nil {
			return at, required
		}
	}
	for _, alternative := range s.AnyOf {
		if at, _ := alternative.lookup(path, false); at != nil {
			return at, false
		}
	}
	return nil, false
}
