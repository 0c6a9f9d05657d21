package web

// Patterns are those of every route.
func Patterns() (patterns []string) {
	for _, r := range (&site{}).routes() {
		patterns = append(patterns, r.pattern)
	}
	return patterns
}
