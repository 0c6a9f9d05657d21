package web_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestOpenAPI_IsCleanInALinterOfOthers has Spectral look at the document.
func TestOpenAPI_IsCleanInALinterOfOthers(t *testing.T) {
	linter, err := filepath.Abs("../node_modules/.bin/spectral")
	if err == nil {
		_, err = os.Stat(linter)
	}
	if err != nil {
		if os.Getenv("SHAPEWATCH_REQUIRE_ALL") == "1" {
			t.Fatal("spectral is not installed: npm install --no-save @stoplight/spectral-cli")
		}
		t.Skip("spectral is not installed: npm install --no-save @stoplight/spectral-cli")
	}
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(rules, []byte("extends: [\"spectral:oas\"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), linter, "lint", "--ruleset", rules, "--fail-severity", "hint", "openapi.json").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
