// Package mariadbtest starts a MariaDB server of its own for a test: tables in
// a temporary folder, reached by a socket in that folder alone.
package mariadbtest

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver "mysql"
)

// Start starts a server and ends it with the test; it skips the test where
// MariaDB is not installed, and fails it where everything must be. The server
// has a database test, for the DSN it returns.
func Start(t testing.TB) (dsn string) {
	t.Helper()
	install, server := program("mariadb-install-db"), program("mariadbd")
	if install == "" || server == "" {
		missing(t, "MariaDB is not installed: Debian's package is mariadb-server")
	}
	dir, err := os.MkdirTemp("", "my") // short: the address of a socket has 107 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	as := owner(t, dir)
	var said bytes.Buffer
	tables := as(exec.Command(install, "--no-defaults", "--datadir="+filepath.Join(dir, "data"), "--tmpdir="+dir,
		"--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"))
	tables.Stdout, tables.Stderr = &said, &said
	if err := tables.Run(); err != nil {
		t.Fatalf("mariadb-install-db: %v\n%s", err, said.String())
	}
	socket := filepath.Join(dir, "s")
	running := as(exec.Command(server, "--no-defaults", "--datadir="+filepath.Join(dir, "data"), "--tmpdir="+dir, "--socket="+socket,
		"--pid-file="+filepath.Join(dir, "pid"), "--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin"))
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close() // the server has its own
	running.Stdout, running.Stderr = log, log
	if err := running.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = running.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = running.Process.Signal(syscall.SIGKILL) // nothing in it is to be kept
		<-ended
	})
	answers(t, socket, log.Name(), ended)
	return "mysql://root@localhost/test?socket=" + socket
}

// answers waits until the server does, and makes the database.
func answers(t testing.TB, socket, log string, ended <-chan struct{}) {
	t.Helper()
	db := open(t, "root@unix("+socket+")/")
	defer db.Close()
	for range 1200 {
		if _, err := db.ExecContext(context.Background(), "CREATE DATABASE IF NOT EXISTS test CHARACTER SET utf8mb4"); err == nil {
			return
		}
		select {
		case <-ended:
			fatal(t, "MariaDB has ended", log)
		case <-time.After(50 * time.Millisecond):
		}
	}
	fatal(t, "MariaDB does not answer", log)
}

// fatal ends the test with the server's own words.
func fatal(t testing.TB, what, log string) {
	t.Helper()
	said, _ := os.ReadFile(log)
	t.Fatalf("%s:\n%s", what, said)
}

// Exec runs statements in the database of a DSN that Start returned.
func Exec(t testing.TB, dsn string, statements ...string) {
	t.Helper()
	_, socket, _ := bytes.Cut([]byte(dsn), []byte("socket="))
	db := open(t, "root@unix("+string(socket)+")/test?charset=utf8mb4&time_zone=%27%2B00%3A00%27")
	defer db.Close()
	db.SetMaxOpenConns(1) // a statement may set what the next needs
	for _, statement := range statements {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			t.Fatalf("%.80s: %v", statement, err)
		}
	}
}

func open(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// missing skips a test, except in a run in which nothing may be skipped but what
// .ci/tools tried to install and could not.
func missing(t testing.TB, what string) {
	t.Helper()
	cache, _ := os.UserCacheDir()
	_, refused := os.Stat(filepath.Join(cache, "shapewatch-tools", "mariadb.refused"))
	if os.Getenv("SHAPEWATCH_REQUIRE_ALL") == "1" && refused != nil {
		t.Fatal(what)
	}
	t.Skip(what)
}

// program is where a program is, also where only root looks; empty when it is
// nowhere.
func program(name string) string {
	for _, dir := range []string{"/usr/sbin", "/usr/bin", "/usr/local/sbin"} {
		if path := filepath.Join(dir, name); executable(path) {
			return path
		}
	}
	path, _ := exec.LookPath(name)
	return path
}

func executable(path string) bool {
	at, err := os.Stat(path)
	return err == nil && at.Mode().IsRegular() && at.Mode()&0o111 != 0
}

// owner makes commands run as the user mysql, and the folder theirs, when we
// are root: MariaDB does not want to be root's.
func owner(t testing.TB, dir string) func(*exec.Cmd) *exec.Cmd {
	if os.Getuid() != 0 {
		return func(c *exec.Cmd) *exec.Cmd { return c }
	}
	u, err := user.Lookup("mysql")
	if err != nil {
		missing(t, "MariaDB does not run as root, and there is no user mysql to run it as")
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
