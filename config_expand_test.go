package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExpand_ReplacesOnlyWhatItSays(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "secret", "from-file\r\n")
	r := &reader{env: variables("A", "1", "EMPTY", "", "NESTED", "${A}"), src: &source{dir: dir}}
	for text, want := range map[string]string{
		"plain": "plain", "$": "$", "$A": "$A", "p$$w0rd": "p$$w0rd", "a$": "a$",
		"${A}": "1", "x${A}y${A}": "x1y1", "${EMPTY}": "", "${EMPTY:-d}": "d", "${NONE:-}": "", "${NONE:-a b:c}": "a b:c",
		"$${A}": "${A}", "$${A}${A}": "${A}1", "${NESTED}": "${A}", "${file:secret}": "from-file",
	} {
		pieces, err := splitReferences(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := r.expand(pieces); err != nil || got != want {
			t.Errorf("%s: %q, %v: want %q", text, got, err, want)
		}
	}
	if len(r.secrets) != 1 || r.secrets[0] != "from-file" {
		t.Errorf("secrets %v: what comes from a file is one", r.secrets)
	}
}

func TestExpand_ExplainsWhatCannotBeReplaced(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "large", strings.Repeat("x", maxValue+1))
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := &reader{env: variables("BIG", strings.Repeat("x", maxValue)), src: &source{dir: dir}}
	for text, want := range map[string]string{
		"${NONE}": "variable NONE is not set", "${": "not closed", "${A B}": "no reference", "${}": "no reference", "${file:}": "no reference",
		"${file:gone}": "gone: no such file", "${file:large}": "larger than 64KiB", "${file:folder}": "not a regular file",
		"${BIG}${BIG}": "longer than 64 KiB",
	} {
		pieces, err := splitReferences(text)
		if err == nil {
			_, err = r.expand(pieces)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestSecrets_AreToldByNameAndByLooks(t *testing.T) {
	for name, want := range map[string]bool{
		"Authorization": true, "X-Api-Key": true, "api_key": true, "STRIPE_KEY": true, "client_secret": true, "access_token": true, "Cookie": true, "password": true,
		"Accept": false, "limit": false, "monkey": false, "author": false, "Content-Type": false, "Idempotent": false, "passenger": false, "page_size": false,
	} {
		if got := looksSecretName(name); got != want {
			t.Errorf("name %s: %t", name, got)
		}
	}
	for text, want := range map[string]bool{
		"sk_live_1": true, "ghp_x": true, "xoxb-1-2": true, "9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c": true,
		"application/json": false, "2024-06-20T00:00:00Z": false, "field-removed": false, "1234567890123456789012": false,
		"0b2c1f52-5f4f-4f0e-9a53-1b2c3d4e5f60": false, "internationalization-and-more": false,
	} {
		if got := looksToken(text); got != want {
			t.Errorf("text %s: %t", text, got)
		}
	}
}

func TestDistance_SuggestsTheNearestWord(t *testing.T) {
	for word, want := range map[string]string{"evrey": "every", "evry": "every", "timout": "timeout", "qurey": "query", "x": "", "zzzzzz": ""} {
		if got := closest(word, settingsKeys.names()); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}
