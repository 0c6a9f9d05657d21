package main

// An exitError is an error that knows the exit code of the program: 1 drift
// found, 2 configuration or usage, 3 could not observe, 4 internal.
type exitError struct {
	code int
	err  error
}

// Error returns the message of the error within.
func (e *exitError) Error() string { return e.err.Error() }

// Unwrap returns the error within.
func (e *exitError) Unwrap() error { return e.err }

// usageError marks an error as the user's to repair: exit code 2.
func usageError(err error) error { return &exitError{code: 2, err: err} }
