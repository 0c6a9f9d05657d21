package main

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layers is the architecture. A package imports only from lines above its
// own; packages on one line never import each other. It is a statement of
// policy: change it with an ADR, never to make a build pass.
const layers = `
contracts/shape contracts/splice probes tap
contracts contracts/notation contracts/uses workflows heartbeats webhooks graphql grpc reconcile tracing
contracts/detectors contracts/openapi alerting reconcile/sides forwarding
alerting/pullrequest
monitor store web
demo store/storetest alerting/slacktest reconcile/sides/postgrestest reconcile/sides/mariadbtest grpc/grpctest alerting/pullrequest/forgetest tracing/tracingtest
main
`

// doors names the only packages that may import each outside library; their
// types never appear in our signatures.
var doors = map[string][]string{
	"github.com/getkin/kin-openapi":         {"contracts/openapi"},
	"github.com/oasdiff":                    {"contracts/openapi"},
	"github.com/robfig/cron":                {"monitor"},
	"github.com/slack-go/slack":             {"alerting"},
	"github.com/wneessen/go-mail":           {"alerting"},
	"github.com/prometheus/client_golang":   {"web"},
	"github.com/coreos/go-oidc":             {"web"},
	"github.com/modelcontextprotocol":       {"web"},
	"go.opentelemetry.io":                   {"tracing"},
	"github.com/go-logr":                    {"tracing"},
	"google.golang.org/protobuf":            {"tracing", "grpc", "grpc/grpctest"},
	"google.golang.org/grpc":                {"grpc/grpctest"},
	"github.com/go-git":                     {"alerting/pullrequest"},
	"github.com/google/go-github":           {"alerting/pullrequest"},
	"gitlab.com/gitlab-org/api/client-go":   {"alerting/pullrequest"},
	"github.com/vektah/gqlparser":           {"graphql"},
	"go.etcd.io/bbolt":                      {"store"},
	"github.com/go-json-experiment":         {"contracts/shape"},
	"github.com/zeebo/xxh3":                 {"contracts/shape"},
	"code.dny.dev/ssrf":                     {"probes"},
	"github.com/coder/websocket":            {"probes"},
	"golang.org/x/oauth2":                   {"probes", "web"},
	"github.com/spf13/cobra":                {"main"},
	"github.com/fsnotify/fsnotify":          {"main"},
	"github.com/santhosh-tekuri/jsonschema": {"main"},
	"go.yaml.in/yaml":                       {"main", "contracts/splice"},
	"golang.org/x/text":                     {"reconcile"},
	"github.com/nyaruka/phonenumbers":       {"reconcile"},
	"database/sql":                          {"reconcile/sides", "reconcile/sides/mariadbtest"},
	"github.com/jackc/pgx":                  {"reconcile/sides", "reconcile/sides/postgrestest"},
	"github.com/go-sql-driver/mysql":        {"reconcile/sides", "reconcile/sides/mariadbtest"},
	"modernc.org/sqlite":                    {"reconcile/sides"},
}

// TestLayers fails on an import that points up or sideways, on a library
// imported past its door, and on a folder that the policy does not know.
func TestLayers(t *testing.T) {
	level := map[string]int{}
	for i, line := range strings.Split(strings.TrimSpace(layers), "\n") {
		for _, pkg := range strings.Fields(line) {
			level[pkg] = i
		}
	}
	for _, dir := range goDirs(t) {
		name := strings.TrimPrefix(dir, "./")
		if dir == "." {
			name = "main"
		}
		own, known := level[name]
		if !known {
			t.Errorf("folder %s is in no layer", dir)
			continue
		}
		for _, imported := range importsOf(t, dir) {
			checkLayer(t, name, own, level, imported)
			checkDoor(t, name, imported)
		}
	}
}

// TestLayers_AreInTheArchitecture keeps the page from telling of another house.
func TestLayers_AreInTheArchitecture(t *testing.T) {
	page, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "```"+layers+"```") {
		t.Errorf("docs/architecture.md does not show these layers:%s", layers)
	}
	for _, line := range strings.Split(strings.TrimSpace(layers), "\n") {
		for _, pkg := range strings.Fields(line) {
			if name := pkg[strings.LastIndex(pkg, "/")+1:]; pkg != "main" && !strings.Contains(string(page), name+"/ ") {
				t.Errorf("docs/architecture.md does not say what %s is", pkg)
			}
		}
	}
}

func checkLayer(t *testing.T, name string, own int, level map[string]int, imported string) {
	t.Helper()
	target, ours := strings.CutPrefix(imported, "shapewatch/")
	if !ours {
		return
	}
	if at, known := level[target]; !known || at >= own {
		t.Errorf("%s imports %s: only lines above its own are allowed", name, target)
	}
}

func checkDoor(t *testing.T, name, imported string) {
	t.Helper()
	for library, allowed := range doors {
		if strings.HasPrefix(imported, library) && !slices.Contains(allowed, name) {
			t.Errorf("%s imports %s: its door is %v", name, imported, allowed)
		}
	}
}

// importsOf lists the imports of a folder's shipped code; tests may use more.
func importsOf(t *testing.T, dir string) []string {
	t.Helper()
	pkg, err := build.ImportDir(dir, 0)
	if err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	return pkg.Imports
}

func goDirs(t *testing.T) (dirs []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if base := d.Name(); path != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules") {
			return filepath.SkipDir
		}
		if hasGo(path) {
			dirs = append(dirs, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// hasGo reports whether a folder holds shipped Go code.
func hasGo(dir string) bool {
	entries, _ := os.ReadDir(dir)
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		return strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go")
	})
}
