package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestInit_WritesWhatCurlAsks reads testdata/config/init/*.txtar: a command,
// and the file and the words that come of it.
func TestInit_WritesWhatCurlAsks(t *testing.T) {
	files, err := filepath.Glob("testdata/config/init/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(err, "no files")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var out, told bytes.Buffer
			err = writeFirst(initOptions{curl: strings.TrimSuffix(string(archive.Files[0].Data), "\n"), output: "-"}, &out, &told)
			if err != nil {
				told.WriteString("error: " + err.Error() + "\n")
			}
			archive.Files = append(archive.Files[:1], txtar.File{Name: "written", Data: out.Bytes()}, txtar.File{Name: "told", Data: told.Bytes()})
			golden(t, file, string(txtar.Format(archive)))
			for _, secret := range []string{"hunter2", "sk_live", "s3cret"} {
				if strings.Contains(out.String()+told.String(), secret) {
					t.Errorf("%s is written", secret)
				}
			}
		})
	}
}

func TestInit_RefusesToOverwrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shapewatch.yaml")
	o := initOptions{url: "https://a.example/x", output: file}
	var out bytes.Buffer
	if err := writeFirst(o, &out, &out); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	o.url = "https://b.example/x"
	if err := writeFirst(o, &out, &out); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("a second init: %v", err)
	}
	if again, _ := os.ReadFile(file); !bytes.Equal(first, again) {
		t.Error("the file was changed")
	}
	o.force = true
	if err := writeFirst(o, &out, &out); err != nil {
		t.Error(err)
	}
	if c, err := LoadConfig(file, variables()); err != nil || c.Watches()[0].Probe.URL != o.url {
		t.Errorf("what --force wrote: %v", err)
	}
}

func TestSplitWords_SplitsAsAShell(t *testing.T) {
	for command, want := range map[string][]string{
		`curl  a 'b c' "d e"`:     {"curl", "a", "b c", "d e"},
		`a'b'"c"\ d`:              {"abc d"},
		"a \\\n b \\\r\n c":       {"a", "b", "c"},
		`'' ""`:                   {"", ""},
		`"\"\\\$x\n"`:             {`"\$x\n`},
		`$'it\'s \u00e9\n'`:       {"it's é\n"},
		`"$TOKEN" $A/b ${C}`:      {"${TOKEN}", "${A}/b", "${C}"},
		`'$TOKEN ${X}' "\${Y}" $`: {"$TOKEN $${X}", "$${Y}", "$"},
	} {
		got, err := splitWords(command)
		if err != nil {
			t.Errorf("%s: %v", command, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", command, diff)
		}
	}
	for command, want := range map[string]string{
		`curl 'a`: "not closed", `curl "a`: "not closed", `curl $'a`: "not closed", `curl a | jq .`: "one curl command",
		"curl `x`": "one curl command", `curl "$(x)"`: "put its result there", `curl "${A:-b}"`: "more than a name", `curl $'\q'`: "not known",
	} {
		if _, err := splitWords(command); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", command, err, want)
		}
	}
}

// FuzzInit holds any command to an error or to a file that loads.
func FuzzInit(f *testing.F) {
	f.Add(`curl -sSLX POST -H "Authorization: Bearer $T" --json '{"a":[1,{"token":"${x}"}]}' https://u:p@a.example/x?y=z`)
	f.Add(`curl -Gd a=b --data-urlencode 'q=x y' $HOST/$'\u0041'`)
	f.Fuzz(func(_ *testing.T, command string) {
		var out bytes.Buffer
		_ = writeFirst(initOptions{curl: command, output: "-"}, &out, &out)
	})
}
