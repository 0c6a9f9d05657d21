package main

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// text is the file, with a comment for what to write next.
func (f *firstConfig) text(output string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# shapewatch watches the APIs below and tells you before a change breaks you.
# Check this file:  shapewatch validate %s
# Every key:        shapewatch config docs

apis:
  - name: %s
`, output, quotedIfNeeded(f.name))
	if f.method == "get" && f.body == "" {
		f.line(&b, "url", quoted(f.target), "")
	} else {
		f.line(&b, "base", quoted(f.base()), "")
	}
	if f.private {
		f.line(&b, "allow_private", "true", "the host is in your own network")
	}
	if f.auth != "" {
		f.line(&b, "auth", f.auth, "")
	}
	f.pairs(&b, "headers", f.headers)
	f.pairs(&b, "query", f.query)
	f.line(&b, "every", "5m", `or cron: "0 9 * * 1-5" with timezone: Europe/Paris`)
	if f.timeout != "" {
		f.line(&b, "timeout", f.timeout, "")
	}
	b.WriteString(`    # The paths your code reads: then only these can break you.
    # uses: [/id, "/data/[]/amount"]
    # An OpenAPI document to hold answers against. Without one, what was learned is the contract.
    # contract: contracts/` + fileName(f.name) + `.yaml
`)
	if f.method != "get" || f.body != "" {
		fmt.Fprintf(&b, "    probes:\n      - %s: %s\n", f.method, quoted(f.path()))
		if f.body != "" {
			fmt.Fprintf(&b, "        %s\n", f.body)
		}
		if f.method == "websocket" {
			b.WriteString("        # What is said first, and where a message says its type.\n        # send: [{ op: subscribe, channel: trades }]\n        # events: { most: 100, for: 10s, type: /type }\n")
		}
	}
	b.WriteString(`
# Where to tell it. The page is at http://127.0.0.1:8080 in any case.
# slack: { webhook: "${SLACK_WEBHOOK}" }
`)
	return b.String()
}

func (f *firstConfig) line(b *strings.Builder, key, value, comment string) {
	if comment != "" {
		comment = " # " + comment
	}
	fmt.Fprintf(b, "    %s: %s%s\n", key, value, comment)
}

func (f *firstConfig) pairs(b *strings.Builder, key string, pairs [][2]string) {
	if len(pairs) == 0 {
		return
	}
	fmt.Fprintf(b, "    %s:\n", key)
	seen := map[string]bool{}
	for _, p := range pairs {
		if !seen[strings.ToLower(p[0])] {
			fmt.Fprintf(b, "      %s: %s\n", quotedIfNeeded(p[0]), quoted(p[1]))
		}
		seen[strings.ToLower(p[0])] = true
	}
}

// base is the URL up to the path.
func (f *firstConfig) base() string { return strings.TrimSuffix(f.target, f.path()) }

// path is the path of the URL with its query.
func (f *firstConfig) path() string {
	_, rest, _ := strings.Cut(f.target, "://")
	i := strings.IndexAny(rest, "/?")
	switch {
	case i < 0:
		return "/"
	case rest[i] == '?':
		return "/" + rest[i:]
	}
	return rest[i:]
}

var bareWord = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

func quotedIfNeeded(text string) string {
	if bareWord.MatchString(text) && text != "null" && text != "true" && text != "false" {
		return text
	}
	return quoted(text)
}

// fileName makes a name fit for a file.
func fileName(name string) string { return url.PathEscape(strings.ReplaceAll(name, " ", "-")) }
