package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const chargesContract = `openapi: 3.0.3
info: { title: Stripe, version: "1" }
paths:
  /v1/charges:
    get:
      operationId: listCharges
      responses:
        "200":
          description: charges
          content:
            application/json:
              schema:
                type: object
                required: [data]
                properties:
                  data:
                    type: array
                    items:
                      type: object
                      required: [id, amount, created]
                      properties:
                        id: { type: string } # ours to keep
                        amount: { type: integer } # in cents
                        fee: { type: integer }
                        created: { type: string, format: date-time }
`

// A cashier is a vendor whose charges change by what it is told.
type cashier struct {
	*httptest.Server
	mu    sync.Mutex
	does  map[string]bool
	count int
}

func newCashier(t *testing.T) *cashier {
	c := &cashier{does: map[string]bool{}}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *cashier) do(what string, on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.does[what] = on
}

func (c *cashier) asked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

func (c *cashier) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	var charges []map[string]any
	for i := range 5 {
		n := c.count*5 + i
		charge := map[string]any{"id": fmt.Sprintf("ch_%06d", n), "amount": 1000 + n*7%900, "created": fmt.Sprintf("2026-03-02T10:%02d:%02dZ", n/60%60, n%60)}
		charge["fee"] = n % 97
		if c.does["fee"] {
			charge["fee"] = fmt.Sprintf("%d.5", n%97)
		}
		if c.does["retype"] {
			charge["amount"] = fmt.Sprintf("%d.00", 1000+n*7%900)
		}
		if c.does["note"] {
			charge["note"] = fmt.Sprint("thing ", n)
		}
		if c.does["null"] {
			charge["created"] = nil
		}
		if c.does["gone"] {
			delete(charge, "id")
		}
		charges = append(charges, charge)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"data": charges}) // whoever asked has gone
}

// A gitHost is a bare repository, and a person's checkout of it.
type gitHost struct {
	t              *testing.T
	bare, checkout string
}

func newGitHost(t *testing.T) *gitHost {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git here")
	}
	dir := t.TempDir()
	g := &gitHost{t, filepath.Join(dir, "contracts.git"), filepath.Join(dir, "checkout")}
	g.run(dir, "init", "-q", "--bare", "-b", "main", g.bare)
	g.run(g.bare, "config", "http.receivepack", "true")
	g.run(dir, "clone", "-q", g.bare, g.checkout)
	g.run(g.checkout, "checkout", "-q", "-b", "main")
	g.commit("contracts/stripe.yaml", chargesContract)
	g.run(g.checkout, "push", "-q", "origin", "main")
	return g
}

func (g *gitHost) run(dir string, args ...string) string {
	g.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@acme.example", "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@acme.example")
	out, err := cmd.CombinedOutput()
	if err != nil {
		g.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (g *gitHost) commit(path, text string) {
	g.t.Helper()
	file := filepath.Join(g.checkout, path)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		g.t.Fatal(err)
	}
	g.run(g.checkout, "add", "-A")
	g.run(g.checkout, "commit", "-q", "-m", "By hand")
}

// contract is the contract on a branch of the bare repository; "" when the
// branch is not there.
func (g *gitHost) contract(branch string) string {
	cmd := exec.Command("git", "--git-dir", g.bare, "show", branch+":contracts/stripe.yaml")
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return string(out)
}

// overHTTP serves the repository as a forge does, by git's own program, to
// whoever has the password.
func (g *gitHost) overHTTP() string {
	path := strings.TrimSpace(g.run(g.bare, "--exec-path")) + "/git-http-backend"
	backend := &cgi.Handler{Path: path, Env: []string{"GIT_PROJECT_ROOT=" + filepath.Dir(g.bare), "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=shapewatch"}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != "sk_canary" {
			w.Header().Set("WWW-Authenticate", "Basic")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	g.t.Cleanup(server.Close)
	return server.URL + "/contracts.git"
}

// TestPullRequest_LifeInGit starts the binary against a vendor and a bare git
// repository, over file and over HTTP, and lives through all that
// docs/pull-requests.md promises of a forge without requests.
func TestPullRequest_LifeInGit(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"file", "http"} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			g := newGitHost(t)
			address := "file://" + g.bare
			if by == "http" {
				address = g.overHTTP()
			}
			l := startLife(t, `pr: { forge: git, repository: "`+address+`", base: main, token: "${SHOP_KEY}", auto: [info], contracts: forge, every: 2s }`)
			l.lives(g)
		})
	}
}

const shapewatchStripe = "shapewatch/stripe"

// lives is the life of a branch: opened, updated twice, left to a person,
// merged; then another, which is reverted.
func (l *life) lives(g *gitHost) {
	l.within("the contract that lies at the forge", func() bool { return l.here() == chargesContract })
	l.within("enough answers", func() bool { return l.vendor.asked() > 25 })

	l.vendor.do("retype", true)
	l.accept("`amount` changed from integer to string")
	retyped := strings.Replace(chargesContract, "amount: { type: integer } # in cents", "amount: { type: string } # in cents", 1)
	l.within("the branch with the edit", func() bool { return g.contract(shapewatchStripe) == retyped })

	l.vendor.do("null", true)
	l.accept("`created` can be null")
	l.within("the first update", func() bool {
		return g.contract(shapewatchStripe) == strings.Replace(retyped, "created: { type: string,", "created: { type: string, nullable: true,", 1)
	})

	l.vendor.do("note", true) // additive: nobody need say a word
	l.within("the second update", func() bool { return strings.Contains(g.contract(shapewatchStripe), "note: ") })
	if got := g.contract("main"); got != chargesContract {
		l.t.Fatalf("the base was written:\n%s", got)
	}

	g.run(g.checkout, "fetch", "-q")
	g.run(g.checkout, "checkout", "-q", shapewatchStripe)
	mine := g.contract(shapewatchStripe) + "# reviewed by Ada\n"
	g.commit("contracts/stripe.yaml", mine)
	g.run(g.checkout, "push", "-q", "origin", shapewatchStripe)
	l.within("that the branch is left to Ada", func() bool { return strings.Contains(l.log(), "commits that are not ours") })
	if got := g.contract(shapewatchStripe); got != mine {
		l.t.Fatalf("a person's commit was written over:\n%s", got)
	}

	g.run(g.checkout, "checkout", "-q", "main")
	g.run(g.checkout, "merge", "-q", "--no-ff", "-m", "Merge", shapewatchStripe)
	g.run(g.checkout, "push", "-q", "origin", "main", ":"+shapewatchStripe)
	l.within("the merged contract here", func() bool { return l.here() == mine })
	l.within("the reload", func() bool { return strings.Contains(l.log(), "configuration reloaded") })
	l.within("the end of all incidents", func() bool { return len(l.open()) == 0 })

	l.vendor.do("gone", true)
	l.accept("`id` is gone")
	l.within("another branch", func() bool { return strings.Contains(g.contract(shapewatchStripe), "deprecated: true") })
	l.asksTheServer("preview", "branch  shapewatch/stripe\n", "id is deprecated: it is gone")
	l.asksTheServer("sync", "shapewatch/stripe")
	l.vendor.do("gone", false)
	l.within("that it is removed when the vendor takes it back", func() bool { return g.contract(shapewatchStripe) == "" })
	if got := g.contract("main"); got != mine {
		l.t.Errorf("the base was written:\n%s", got)
	}
	if strings.Contains(l.log(), "sk_canary") {
		l.t.Error("a secret is in the log")
	}
	l.commands()
}

// asksTheServer has a command of `pr` ask the server, which holds its store.
func (l *life) asksTheServer(command string, want ...string) {
	l.t.Helper()
	cmd := exec.Command(l.bin, "pr", command, "--server", "http://"+l.addr)
	cmd.Dir, cmd.Env = l.dir, append(os.Environ(), "SHOP_KEY=sk_canary")
	out, err := cmd.CombinedOutput()
	for _, words := range want {
		if err != nil || !strings.Contains(string(out), words) {
			l.t.Errorf("pr %s beside a server: %v, want %q in\n%s", command, err, words, out)
		}
	}
}

// commands are those of `pr`, on the store of the server that is stopped.
func (l *life) commands() {
	l.t.Helper()
	l.stop()
	for command, want := range map[string]string{"preview": "no pull request: nothing that was accepted is missing", "sync": "done", "doctor": "good"} {
		cmd := exec.Command(l.bin, "pr", command)
		cmd.Dir, cmd.Env = l.dir, append(os.Environ(), "SHOP_KEY=sk_canary")
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), want) {
			l.t.Errorf("pr %s: %v, want %q in\n%s", command, err, want, out)
		}
	}
}

// A life is the binary at work beside a vendor.
type life struct {
	*server
	vendor *cashier
	dir    string
	bin    string
}

func startLife(t *testing.T, pr string) *life {
	t.Helper()
	l := &life{vendor: newCashier(t), dir: t.TempDir(), bin: builtBinary(t)}
	config := fmt.Sprintf("apis: [{ name: stripe, base: %q, allow_private: true, every: 1s, limits: { per_second: 50, concurrent: 4 }, contract: contracts/stripe.yaml, probes: [{ get: /v1/charges }] }]\nstore: { path: shapewatch.db }\n%s\n", l.vendor.URL, pr)
	if err := os.WriteFile(filepath.Join(l.dir, "shapewatch.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	l.server = startServer(t, l.bin, l.dir)
	return l
}

// here is the contract on this machine.
func (l *life) here() string {
	text, _ := os.ReadFile(filepath.Join(l.dir, "contracts", "stripe.yaml")) // not there yet
	return string(text)
}

func (l *life) within(what string, true func() bool) {
	l.t.Helper()
	limit := patient(30 * time.Second)
	for end := time.Now().Add(limit); !true(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			l.t.Fatalf("%s: not within %s\n%s", what, limit, l.log())
		}
	}
}

// An openOne is what the life needs of an incident.
type openOne struct {
	ID, Title, Condition, Handling string
}

// open are the incidents that are not over.
func (l *life) open() (open []openOne) {
	response, err := http.Get("http://" + l.addr + "/api/v1/incidents")
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	var all struct{ Incidents []openOne }
	if err := json.NewDecoder(response.Body).Decode(&all); err != nil {
		l.t.Fatal(err)
	}
	for _, inc := range all.Incidents {
		if inc.Condition != "resolved" {
			open = append(open, inc)
		}
	}
	return open
}

// accept waits for an incident and accepts it, as a person does. It may be over
// right after.
func (l *life) accept(title string) (id string) {
	l.t.Helper()
	l.within("an incident "+title, func() bool {
		for _, inc := range l.open() {
			if strings.Contains(inc.Title, title) {
				id = inc.ID
			}
		}
		return id != ""
	})
	cmd := exec.Command(l.bin, "accept", id, "--server", "http://"+l.addr, "--reason", "we can take it")
	cmd.Dir, cmd.Env = l.dir, append(os.Environ(), "SHOP_KEY=sk_canary")
	if out, err := cmd.CombinedOutput(); err != nil {
		l.t.Fatalf("accept: %v\n%s", err, out)
	}
	return id
}
