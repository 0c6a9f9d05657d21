package main

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// binary builds the program once per test run, as the Dockerfile does. It is
// one file for all tests: a process that starts while another test still writes
// its copy would hold it open, and nothing may run what is being written.
var binary = sync.OnceValues(func() (path string, err error) {
	dir, err := os.MkdirTemp("", "shapewatch-binary-")
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "shapewatch")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w -X main.version=test", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return path, fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, nil
})

// A runningTests is the tests of this package, which leave no binary behind.
type runningTests struct{ *testing.M }

// Run runs them.
func (r runningTests) Run() int {
	defer func() {
		if builtOnce.Load() {
			path, _ := binary()
			os.RemoveAll(filepath.Dir(path))
		}
	}()
	return r.M.Run()
}

// builtOnce says that there is a binary to remove.
var builtOnce atomic.Bool

// builtBinary is the path of the program, gone when all tests have ended.
func builtBinary(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the binary; left out by -short")
	}
	builtOnce.Store(true)
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestBinary_IsStatic fails when the binary asks for a dynamic loader: it
// would not start from the image's empty root.
func TestBinary_IsStatic(t *testing.T) {
	t.Parallel()
	file, err := elf.Open(builtBinary(t))
	if err != nil {
		t.Skipf("not an ELF system: %v", err)
	}
	defer file.Close()
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			t.Error("the binary has a dynamic loader")
		}
	}
}

// TestBinary_RunsFromAnEmptyRoot starts the binary where nothing else exists,
// as a user that is nobody: what the image promises, without an engine.
func TestBinary_RunsFromAnEmptyRoot(t *testing.T) {
	t.Parallel()
	root := filepath.Dir(builtBinary(t))
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("needs Linux and root to change the root directory")
	}
	for dir := root; dir != filepath.Dir(os.TempDir()) && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			break // a parent that is not ours
		}
	}
	cmd := exec.Command("/shapewatch", "version")
	cmd.Dir, cmd.Env = "/", []string{}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if !strings.Contains(string(out), "test") {
		t.Errorf("version says %q, want the version it was built with", out)
	}
}

// TestDockerfile_KeepsItsPromises reads the file for what docs promise of the
// image: empty base, no root user, one volume, static build.
func TestDockerfile_KeepsItsPromises(t *testing.T) {
	text, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for promise, pattern := range map[string]string{
		"static build":      `CGO_ENABLED=0 go build`,
		"empty base":        `(?m)^FROM scratch$`,
		"not root":          `(?m)^USER 65532:65532$`,
		"one volume":        `(?m)^VOLUME /data$`,
		"certificates":      `ca-certificates\.crt`,
		"starts the server": `(?m)^CMD \["serve"`,
	} {
		if !regexp.MustCompile(pattern).Match(text) {
			t.Errorf("%s: no line matches %s", promise, pattern)
		}
	}
	if n := strings.Count(string(text), "\nVOLUME "); n != 1 {
		t.Errorf("%d volumes, want 1", n)
	}
}
