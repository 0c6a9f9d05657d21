package forgetest

import (
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// A Bare is a real bare repository, written by the real git.
type Bare struct {
	Dir string
	tb  testing.TB
}

// NewBare makes a bare repository whose base holds [Files]. Without git the
// test is skipped.
func NewBare(tb testing.TB) *Bare {
	tb.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		tb.Skip("git is not installed")
	}
	b := &Bare{filepath.Join(tb.TempDir(), "contracts.git"), tb}
	firstMu.Lock()
	defer firstMu.Unlock()
	if first == nil {
		b.run(tb.TempDir(), "", "init", "--quiet", "--bare", "--template=", "--initial-branch="+Base, b.Dir)
		b.commit(Base, "First", Files)
		first = inMemory(tb, b.Dir)
		return b
	}
	if err := os.CopyFS(b.Dir, first); err != nil {
		tb.Fatal(err)
	}
	for _, folder := range []string{"refs/heads", "objects/info"} { // a copy has no empty folders
		if err := os.MkdirAll(filepath.Join(b.Dir, folder), 0o700); err != nil {
			tb.Fatal(err)
		}
	}
	return b
}

// first is the first repository that was made; others are copies of it.
var (
	first   fstest.MapFS
	firstMu sync.Mutex
)

func inMemory(tb testing.TB, dir string) fstest.MapFS {
	tb.Helper()
	files, from := fstest.MapFS{}, os.DirFS(dir)
	err := fs.WalkDir(from, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(from, path)
		files[path] = &fstest.MapFile{Data: content, Mode: 0o600}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

// Push commits a file to a branch as somebody else would.
func (b *Bare) Push(branch, path, content string) string {
	return b.commit(branch, "Change "+path+" by hand", map[string]string{path: content})
}

// Branch makes branches that point to a commit.
func (b *Bare) Branch(id string, names ...string) {
	var input strings.Builder
	for _, name := range names {
		fmt.Fprintf(&input, "create refs/heads/%s %s\n", name, id)
	}
	b.git(input.String(), "update-ref", "--stdin")
}

// Drop removes a branch.
func (b *Bare) Drop(branch string) { b.git("", "update-ref", "-d", "refs/heads/"+branch) }

// Log is the message of a commit and the IDs of its parents.
func (b *Bare) Log(id string) (message string, parents []string) {
	head, message, _ := strings.Cut(b.git("", "cat-file", "commit", id), "\n\n")
	for line := range strings.Lines(head) {
		if parent, is := strings.CutPrefix(line, "parent "); is {
			parents = append(parents, strings.TrimSpace(parent))
		}
	}
	return message, parents
}

// State are all branches and their tips.
func (b *Bare) State() string { return b.git("", "for-each-ref") }

// Git runs git in the repository.
func (b *Bare) Git(args ...string) string { return strings.TrimSpace(b.git("", args...)) }

// commit makes a commit with git fast-import: no index, no work tree.
func (b *Bare) commit(branch, message string, files map[string]string) string {
	var stream strings.Builder
	fmt.Fprintf(&stream, "commit refs/heads/%s\ncommitter Ana <ana@example.com> now\ndata %d\n%s\n", branch, len(message), message)
	known := b.git("", "for-each-ref", "--format=%(refname)")
	for _, from := range []string{branch, Base} {
		if strings.Contains("\n"+known, "\nrefs/heads/"+from+"\n") {
			fmt.Fprintf(&stream, "from refs/heads/%s^0\n", from)
			break
		}
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&stream, "M 100644 inline \"%s\"\ndata %d\n%s\n", path, len(files[path]), files[path])
	}
	b.git(stream.String(), "fast-import", "--quiet", "--date-format=now", "--force")
	return b.Git("rev-parse", "refs/heads/"+branch)
}

func (b *Bare) git(input string, args ...string) string { return b.run(b.Dir, input, args...) }

func (b *Bare) run(dir, input string, args ...string) string {
	b.tb.Helper()
	command := exec.Command("git", args...)
	command.Dir, command.Stdin = dir, strings.NewReader(input)
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := command.CombinedOutput()
	if err != nil {
		b.tb.Errorf("git %v: %v: %s", args, err, out)
	}
	return string(out)
}

// Serve is the repository over HTTP through git's own http-backend, at
// /contracts.git, for who has the password. Without it the test is skipped.
func (b *Bare) Serve(password string) http.Handler {
	b.tb.Helper()
	folder := strings.TrimSpace(b.run(b.Dir, "", "--exec-path"))
	backend := filepath.Join(folder, "git-http-backend")
	if _, err := os.Stat(backend); err != nil {
		b.tb.Skip("git http-backend is not installed")
	}
	serve := &cgi.Handler{Path: backend, Env: []string{
		"GIT_PROJECT_ROOT=" + filepath.Dir(b.Dir), "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=shapewatch", "GIT_CONFIG_GLOBAL=/dev/null",
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, given, _ := r.BasicAuth(); given != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="contracts"`)
			http.Error(w, fmt.Sprintf("no access with %q", given), http.StatusUnauthorized)
			return
		}
		serve.ServeHTTP(w, r)
	})
}
