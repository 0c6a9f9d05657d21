//go:build !race

package sides_test

// raced says that the race detector looks on: what is only much, and nothing
// that runs at once, is left to the tests without it.
const raced = false
