package pullrequest_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting/pullrequest"
	"shapewatch/alerting/pullrequest/forgetest"
)

const gitPassword = "hunter2/secret+ü"

func newGit(tb testing.TB, o pullrequest.GitOptions) *pullrequest.Git {
	tb.Helper()
	g, err := pullrequest.NewGit(o)
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

func TestGit_OverHTTP(t *testing.T) {
	forgetest.Run(t, func(tb testing.TB) *forgetest.Stage {
		bare := forgetest.NewBare(tb)
		trouble := forgetest.NewTrouble(bare.Serve(gitPassword))
		server := httptest.NewServer(trouble)
		tb.Cleanup(server.Close)
		return &forgetest.Stage{
			Forge: newGit(tb, pullrequest.GitOptions{URL: server.URL + "/contracts.git", Token: gitPassword}),
			Repo:  bare, Trouble: trouble, Secrets: []string{gitPassword},
		}
	}, forgetest.Branches, forgetest.Plain, forgetest.Network)
}

func TestGit_OverFile(t *testing.T) {
	if testing.Short() {
		t.Skip("starts git some hundred times")
	}
	forgetest.Run(t, func(tb testing.TB) *forgetest.Stage {
		bare := forgetest.NewBare(tb)
		return &forgetest.Stage{Forge: newGit(tb, pullrequest.GitOptions{URL: "file://" + bare.Dir}), Repo: bare}
	}, forgetest.Branches, forgetest.Plain)
}

func TestGit_InABareFolder(t *testing.T) {
	forgetest.Run(t, func(tb testing.TB) *forgetest.Stage {
		bare := forgetest.NewBare(tb)
		return &forgetest.Stage{Forge: newGit(tb, pullrequest.GitOptions{URL: bare.Dir}), Repo: bare}
	}, forgetest.Branches, forgetest.Plain)
}

func TestGit_InACheckout_LeavesTheFolderAlone(t *testing.T) {
	bare := forgetest.NewBare(t)
	folder := filepath.Join(t.TempDir(), "checkout")
	bare.Git("clone", "--quiet", bare.Dir, folder)
	in := func(args ...string) string { return bare.Git(append([]string{"-C", folder}, args...)...) }
	edit := func(path, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, path), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edit("README.md", "staged\n")
	in("add", "README.md")
	edit("README.md", "changed\n")
	before := in("status", "--porcelain=v2", "--branch")

	g := newGit(t, pullrequest.GitOptions{URL: filepath.Join(folder, "contracts"), Author: "Drift", Email: "drift@example.com"})
	id, err := g.Commit(t.Context(), pullrequest.Commit{
		Branch: "shapewatch/stripe", Message: "Subject\n\nText\n", Files: []pullrequest.File{{Path: "contracts/stripe.yaml", Content: []byte("new: 1\n")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, in("status", "--porcelain=v2", "--branch")); diff != "" {
		t.Errorf("the folder changed:\n%s", diff)
	}
	same(t, "new: 1", in("show", "shapewatch/stripe:contracts/stripe.yaml"))
	same(t, "Drift <drift@example.com> Subject", in("log", "-1", "--format=%an <%ae> %s", id))
	same(t, "contracts/stripe.yaml | 4 +---", strings.Split(in("diff", "--stat=80", "main", "shapewatch/stripe"), "\n")[0])
	same(t, "", in("fsck", "--strict"))

	in("stash")
	in("checkout", "--quiet", "shapewatch/stripe")
	if err := g.DeleteBranch(t.Context(), "shapewatch/stripe", id); err == nil || !strings.Contains(err.Error(), "checked out") {
		t.Errorf("deletes the branch that is checked out: %v", err)
	}
}

// TestGit_KeepsModesAndFollowsNoLinks keeps the bit that makes a file a program,
// and reads and writes through no link.
func TestGit_KeepsModesAndFollowsNoLinks(t *testing.T) {
	bare := forgetest.NewBare(t)
	work := filepath.Join(t.TempDir(), "work")
	bare.Git("clone", "--quiet", bare.Dir, work)
	for _, err := range []error{
		os.Chmod(filepath.Join(work, "README.md"), 0o755), //nolint:gosec // a program
		os.Symlink("/etc/passwd", filepath.Join(work, "link.yaml")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	bare.Git("-C", work, "add", "-A")
	bare.Git("-C", work, "-c", "user.name=Ana", "-c", "user.email=ana@example.com", "commit", "--quiet", "-m", "modes")
	bare.Git("-C", work, "push", "--quiet")
	g := newGit(t, pullrequest.GitOptions{URL: "file://" + bare.Dir})
	if _, err := g.Read(t.Context(), "", "link.yaml"); err == nil {
		t.Error("reads a link")
	}
	for _, path := range []string{"link.yaml", "README.md/x", "contracts", "../x", ".git/config", "a//b", ""} {
		_, err := g.Commit(t.Context(), pullrequest.Commit{Branch: "b", Message: "m", Files: []pullrequest.File{{Path: path, Content: []byte("x")}}})
		if err == nil {
			t.Errorf("writes %q", path)
		}
	}
	if _, err := g.Commit(t.Context(), pullrequest.Commit{Branch: "b", Message: "m", Files: []pullrequest.File{{Path: "README.md", Content: []byte("x")}}}); err != nil {
		t.Fatal(err)
	}
	same(t, "100755", strings.Fields(bare.Git("ls-tree", "b", "README.md"))[0])
}

// TestGit_SaysWhatTheServerForbids tells a rule of the server in its words.
func TestGit_SaysWhatTheServerForbids(t *testing.T) {
	bare := forgetest.NewBare(t)
	hook := "#!/bin/sh\necho no branches on fridays >&2\nexit 1\n"
	if err := os.Mkdir(filepath.Join(bare.Dir, "hooks"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bare.Dir, "hooks", "update"), []byte(hook), 0o700); err != nil { //nolint:gosec // a hook
		t.Fatal(err)
	}
	g := newGit(t, pullrequest.GitOptions{URL: "file://" + bare.Dir})
	_, err := g.Commit(t.Context(), pullrequest.Commit{Branch: "b", Message: "m", Files: []pullrequest.File{{Path: "README.md", Content: []byte("x")}}})
	if err == nil || !strings.Contains(err.Error(), "hook declined") {
		t.Errorf("error %v", err)
	}
}

func TestGit_RefusesWhatIsNoRepository(t *testing.T) {
	for _, url := range []string{"", "contracts", "/no/such/folder", t.TempDir(), "ftp://127.0.0.1/x"} {
		if _, err := pullrequest.NewGit(pullrequest.GitOptions{URL: url}); err == nil {
			t.Errorf("takes %q", url)
		}
	}
	if _, err := pullrequest.NewGit(pullrequest.GitOptions{URL: "ssh://git@127.0.0.1/x", Key: "secret"}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v", err)
	}
	g := newGit(t, pullrequest.GitOptions{URL: "file:///no/such/folder"})
	symptoms := g.Doctor(t.Context())
	if len(symptoms) != 1 || symptoms[0].OK {
		t.Errorf("%+v", symptoms)
	}
	if _, err := exec.LookPath("git"); err == nil && !strings.Contains(symptoms[0].Text, "no repository") {
		t.Errorf("%+v", symptoms)
	}
}

func same(t *testing.T, want, got string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}
