package web

// Patterns are those of every route, with what each needs.
func Patterns() map[string]string {
	patterns := map[string]string{}
	for _, r := range (&site{}).routes() {
		patterns[r.pattern] = r.needs.String()
	}
	return patterns
}
