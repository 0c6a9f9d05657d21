package alerting_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// nodeModules finds the folder with typescript and @slack/types that .ci/tools
// installs at the root of the repository; without it the test is skipped,
// unless everything is required.
func nodeModules(t *testing.T) string {
	t.Helper()
	folder, err := filepath.Abs("../node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if where := os.Getenv("SHAPEWATCH_NODE_MODULES"); where != "" {
		folder = where
	}
	for _, needed := range []string{".bin/tsc", "@slack/types/package.json"} {
		if _, err := os.Stat(filepath.Join(folder, needed)); err == nil {
			continue
		}
		if os.Getenv("SHAPEWATCH_REQUIRE_ALL") == "1" {
			t.Fatalf("%s is missing in %s: sh .ci/tools installs it", needed, folder)
		}
		t.Skipf("%s is not installed (sh .ci/tools)", needed)
	}
	return folder
}

// TestSlack_GoldensHaveTheTypesThatSlackPublishes lets the TypeScript compiler
// check every golden message against @slack/types.
func TestSlack_GoldensHaveTheTypesThatSlackPublishes(t *testing.T) {
	modules := nodeModules(t)
	goldens, err := filepath.Glob("testdata/slack/*.json")
	if err != nil || len(goldens) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	var program strings.Builder
	program.WriteString("import type { KnownBlock, MessageMetadata } from \"@slack/types\";\n" +
		"interface Message { text: string; blocks: KnownBlock[]; metadata: MessageMetadata }\n")
	for i, file := range goldens {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&program, "export const m%d: Message = %s;\n", i, text)
	}
	if out, err := compile(t, modules, program.String()); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	wrong := strings.Replace(program.String(), `"type": "header"`, `"type": "heading"`, 1)
	if out, err := compile(t, modules, wrong); err == nil {
		t.Errorf("the compiler takes a block that Slack does not know: %s", out)
	}
}

func compile(t *testing.T, modules, program string) ([]byte, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "check.ts"), []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	tsc := exec.CommandContext(t.Context(), filepath.Join(modules, ".bin", "tsc"),
		"--noEmit", "--strict", "--skipLibCheck", "--types", "", "--module", "nodenext", "--moduleResolution", "nodenext", "check.ts")
	tsc.Dir = dir
	return tsc.CombinedOutput()
}
