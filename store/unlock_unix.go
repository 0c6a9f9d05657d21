//go:build unix && !solaris && !aix

package store

import (
	"os"
	"syscall"
)

// unlock gives up bbolt's lock: closing the file is not enough while a mapping
// of it is left.
func unlock(f *os.File) { _ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
