package pullrequest

// PrintsIn tells tests for which findings a request stands.
func PrintsIn(body string) ([]string, bool) {
	m, ok := readMark(body)
	return m.Prints, ok
}
