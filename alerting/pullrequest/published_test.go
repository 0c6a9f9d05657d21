package pullrequest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
)

// published finds a file that .ci/tools installs below node_modules at the
// root of the repository; without it the test is skipped, unless everything is
// required.
func published(t *testing.T, path string) string {
	t.Helper()
	folder := "../../node_modules"
	if where := os.Getenv("SHAPEWATCH_NODE_MODULES"); where != "" {
		folder = where
	}
	path = filepath.Join(folder, path)
	if _, err := os.Stat(path); err != nil {
		lacks(t, path)
	}
	return path
}

// cached reads a file that .ci/tools puts into the user's cache.
func cached(t *testing.T, name string) []byte {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip(err)
	}
	path := filepath.Join(cache, "shapewatch-tools", name)
	text, err := os.ReadFile(path)
	if err != nil {
		lacks(t, path)
	}
	return text
}

func lacks(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path + ".refused"); err == nil {
		t.Skipf("%s is missing: .ci/tools tried, and it cannot be had here", path)
	}
	if os.Getenv("SHAPEWATCH_REQUIRE_ALL") == "1" {
		t.Fatalf("%s is missing: sh .ci/tools gets it", path)
	}
	t.Skipf("%s is missing (sh .ci/tools)", path)
}

// fromSwagger2 is a Swagger 2 document as OpenAPI 3.
func fromSwagger2(t *testing.T, text []byte) []byte {
	t.Helper()
	var old openapi2.T
	if err := json.Unmarshal(text, &old); err != nil {
		t.Fatal(err)
	}
	doc, err := openapi2conv.ToV3(&old)
	if err != nil {
		t.Fatal(err)
	}
	text, err = json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
