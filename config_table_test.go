package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

func TestConfigDocs_AreGenerated(t *testing.T) {
	golden(t, "docs/configuration.md", configDocs())
}

// example is a folder with the example and the files that it names.
func example(t *testing.T) (file string, text []byte) {
	t.Helper()
	text, err := os.ReadFile("shapewatch.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	contract, err := os.ReadFile("testdata/config/acme.openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, "shapewatch.yaml", string(text))
	write(t, dir, "contracts/acme.yaml", string(contract))
	write(t, dir, "contracts/warehouse.yaml", "openapi: 3.0.3\ninfo: { title: warehouse, version: '1' }\npaths:\n  /parcels: { get: { responses: { '200': { description: ok } } } }\n")
	write(t, dir, "client/charge.ts", "interface Charge { id: string }")
	write(t, dir, "queries/customer.graphql", "query Customer { customer { id name } }")
	certificate, key := selfSigned(t)
	write(t, dir, "client.crt", certificate)
	write(t, dir, "client.key", key)
	return filepath.Join(dir, "shapewatch.yaml"), text
}

func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
}

func TestConfigExample_IsGood(t *testing.T) {
	file, _ := example(t)
	c, err := LoadConfig(file, anyValue)
	if err != nil {
		t.Fatal(err)
	}
	agreed := 0
	for _, w := range c.Watches() {
		if w.Contract != nil {
			agreed++
		}
	}
	if agreed != 4 || len(c.Warnings()) > 0 {
		t.Errorf("%d probes with a contract, want 4; warnings %v", agreed, c.Warnings())
	}
}

// TestConfigExample_UsesEveryKey fails for a key that the example leaves out.
func TestConfigExample_UsesEveryKey(t *testing.T) {
	_, text := example(t)
	var document yaml.Node
	if err := yaml.Load(text, &document); err != nil {
		t.Fatal(err)
	}
	seen, all := map[string]bool{"Slack.webhook": strings.Contains(string(text), "# slack: { webhook:")}, map[string]bool{}
	for name, shown := range map[string]string{
		"Pull requests.app": "# app: { id:", "Pull requests: app.id": "# app: { id:", "Pull requests: app.key": "key: \"${file:/run/secrets/app.pem}\"",
		"Pull requests: app.installation": "installation: 67890 }", "Pull requests.user": "# with forge: git also user:", "Pull requests.ssh_key": "or ssh_key:",
	} {
		seen[name] = strings.Contains(string(text), shown) // only one way can be written
	}
	cover(section[configFile]{&configFile{}, &topKeys}, document.Content[0], seen, all)
	for name := range all {
		if !seen[name] {
			t.Errorf("shapewatch.example.yaml lacks %s", name)
		}
	}
}

// cover notes the keys of a table, and which of them a file uses.
func cover(d documented, n *yaml.Node, seen, all map[string]bool) {
	title, _, rows := d.table()
	for _, r := range rows {
		name := title + "." + r.name
		if slices.Contains(settingsKeys.names(), r.name) && (title == "API" || title == "Probe") {
			name = "Settings." + r.name
		}
		all[name] = true
		for _, value := range valuesOf(n, r.name) {
			seen[name] = true
			if inner, ok := r.what.(documented); ok {
				cover(inner, value, seen, all)
			}
		}
	}
}

// valuesOf lists the values of a key in a block, or in each block of a list.
func valuesOf(n *yaml.Node, name string) (values []*yaml.Node) {
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			values = append(values, valuesOf(c, name)...)
		}
		return values
	}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			values = append(values, n.Content[i+1])
		}
	}
	return values
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := configSchema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("shapewatch.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("shapewatch.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asJSON reads YAML the way an editor does.
func asJSON(t *testing.T, text string) any {
	t.Helper()
	var document any
	if err := yaml.Load([]byte(text), &document); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	encoded, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestConfigSchema_AcceptsTheExample(t *testing.T) {
	_, text := example(t)
	if err := compileSchema(t).Validate(asJSON(t, string(text))); err != nil {
		t.Error(err)
	}
}

func TestConfigSchema_RefusesWhatTheLoaderRefuses(t *testing.T) {
	schema := compileSchema(t)
	for _, text := range []string{
		"apis: [{ name: a, url: 'https://a', evry: 5m }]",
		"apis: [{ url: 'https://a' }]",
		"apis: [{ name: a }]",
		"apis: [{ name: a, url: 'https://a', every: 5 }]",
		"apis: [{ name: a, url: 'https://a', auth: {} }]",
		"apis: [{ name: a, url: 'https://a', limits: { concurrent: 0 } }]",
		"apis: [{ name: a, base: 'https://a', probes: [{ get: /a, post: /b }] }]",
		"slack: { bot_token: x, webhook: y }",
		"alerts: { routes: [{ severity: breaking }] }",
	} {
		if schema.Validate(asJSON(t, text)) == nil {
			t.Errorf("the schema accepts %s", text)
		}
		if _, err := parseConfig("x", []byte(text), anyValue); err == nil {
			t.Errorf("the loader accepts %s", text)
		}
	}
}

// TestConfigKeys_HaveExamplesThatHold reads the example of every key of every
// table with the setting itself and with the schema.
func TestConfigKeys_HaveExamplesThatHold(t *testing.T) {
	queue, seen := []documented{section[configFile]{&configFile{}, &topKeys}}, map[string]bool{}
	for len(queue) > 0 {
		title, _, rows := queue[0].table()
		queue = queue[1:]
		if seen[title] {
			continue
		}
		seen[title] = true
		for _, r := range rows {
			if r.doc == "" || !strings.ContainsAny(r.doc[len(r.doc)-1:], ".`") {
				t.Errorf("%s.%s: its documentation is no sentence: %q", title, r.name, r.doc)
			}
			checkExample(t, title+"."+r.name, r)
			if inner, ok := r.what.(documented); ok {
				queue = append(queue, inner)
			}
		}
	}
}

func checkExample(t *testing.T, name string, r row) {
	t.Helper()
	var document yaml.Node
	if err := yaml.Load([]byte(r.example), &document); err != nil {
		t.Fatalf("%s: example %s: %v", name, r.example, err)
	}
	reading := &reader{env: anyValue, src: &source{name: "example"}, walking: true}
	if strings.Contains(r.example, "${file:") {
		return // there is no such file here
	}
	r.what.read(reading, document.Content[0], r.name)
	if len(reading.problems) > 0 {
		t.Errorf("%s: example %s: %s", name, r.example, reading.problems[0].message)
	}
	if r.what.show() == nil {
		t.Errorf("%s: example %s: nothing reads it", name, r.example)
	}
	if r.fallback != "" {
		again := &reader{env: anyValue, src: reading.src}
		r.what.read(again, textNode(r.fallback), r.name)
		if len(again.problems) > 0 {
			t.Errorf("%s: default %s: %s", name, r.fallback, again.problems[0].message)
		}
	}
}

// TestConfigShow_LoadsAgain shows the example and reads what was shown: it
// must mean the same.
func TestConfigShow_LoadsAgain(t *testing.T) {
	file, _ := example(t)
	first, err := LoadConfig(file, anyValue)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := first.Show()
	if err != nil {
		t.Fatal(err)
	}
	second, err := parseConfig(file, shown, anyValue)
	if err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	again, err := second.Show()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(len(first.Watches()), len(second.Watches())); diff != "" {
		t.Error(diff)
	}
	for i, w := range second.Watches() {
		a, b := first.Watches()[i].Probe, w.Probe
		a.Auth, b.Auth = nil, nil
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("probe %s (-as written +as shown):\n%s", a.ID, diff)
		}
	}
	if len(again) == 0 || bytes.Contains(shown, []byte("value.example")) {
		t.Errorf("a secret's value is shown:\n%s", shown)
	}
}
