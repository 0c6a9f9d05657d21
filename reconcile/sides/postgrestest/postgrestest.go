// Package postgrestest starts a PostgreSQL server of its own for a test: a
// cluster in a temporary folder, reached by a socket in that folder alone.
package postgrestest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Start starts a server and ends it with the test; it skips the test where
// PostgreSQL is not installed, and fails it where everything must be. The server is for the DSN it returns.
func Start(t testing.TB) (dsn string) {
	t.Helper()
	bin := programs()
	if bin == "" {
		missing(t, "PostgreSQL is not installed: Debian's package is postgresql")
	}
	dir, err := os.MkdirTemp("", "pg") // short: the address of a socket has 107 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	as := owner(t, dir)
	var said bytes.Buffer
	initdb := as(exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "cluster"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"))
	initdb.Stdout, initdb.Stderr = &said, &said
	if err := initdb.Run(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, said.String())
	}
	server := as(exec.Command(filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "cluster"), "-k", dir,
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"))
	server.Stdout, server.Stderr = &said, &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGQUIT) // nothing in it is to be kept
		_ = server.Wait()
	})
	dsn = "postgres://postgres@/postgres?host=" + dir
	for range 1200 {
		if conn, err := pgx.Connect(context.Background(), dsn); err == nil {
			_ = conn.Close(context.Background())
			return dsn
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("PostgreSQL does not answer")
	return ""
}

// Exec runs statements.
func Exec(t testing.TB, dsn string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, statement := range statements {
		if _, err := conn.Exec(context.Background(), statement); err != nil {
			t.Fatalf("%.80s: %v", statement, err)
		}
	}
}

// missing skips a test, except in a run in which nothing may be skipped.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("SHAPEWATCH_REQUIRE_ALL") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// programs is the folder of initdb and postgres; empty when there is none.
func programs() string {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // Debian's
	slices.Reverse(dirs)
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	for _, dir := range dirs {
		_, noInitdb := os.Stat(filepath.Join(dir, "initdb"))
		_, noServer := os.Stat(filepath.Join(dir, "postgres"))
		if noInitdb == nil && noServer == nil {
			return dir
		}
	}
	return ""
}

// owner makes commands run as the user postgres, and the folder theirs, when
// we are root: PostgreSQL refuses to be root's.
func owner(t testing.TB, dir string) func(*exec.Cmd) *exec.Cmd {
	if os.Getuid() != 0 {
		return func(c *exec.Cmd) *exec.Cmd { return c }
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		missing(t, "PostgreSQL does not run as root, and there is no user postgres to run it as")
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	return func(c *exec.Cmd) *exec.Cmd {
		c.Dir = dir
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		return c
	}
}
