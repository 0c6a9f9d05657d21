package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// A curlRequest is what a curl command asks. Texts may contain ${NAME}.
type curlRequest struct {
	method    string
	url       string
	headers   [][2]string // name and value, in order
	data      []string    // parts of the body, joined by &
	user      string      // of -u: user:password
	timeout   string      // "10s"; empty for none
	cert, key string
	asQuery   bool // -G
	notes     []string
}

// A curlFlag is one thing that curl can be told.
type curlFlag struct {
	value  bool // it takes one
	apply  func(c *curlRequest, value string) error
	refuse string // why it cannot be taken over
}

// ignored flags change nothing about the question.
func ignored(value bool) curlFlag {
	return curlFlag{value: value, apply: func(*curlRequest, string) error { return nil }}
}

func refused(value bool, why string) curlFlag { return curlFlag{value: value, refuse: why} }

// curlLong are curl's flags by their long names.
var curlLong = map[string]curlFlag{
	"request":        {value: true, apply: func(c *curlRequest, v string) error { c.method = strings.ToUpper(v); return nil }},
	"header":         {value: true, apply: (*curlRequest).header},
	"data":           {value: true, apply: (*curlRequest).form},
	"data-ascii":     {value: true, apply: (*curlRequest).form},
	"data-raw":       {value: true, apply: (*curlRequest).rawForm},
	"data-binary":    {value: true, apply: (*curlRequest).form},
	"data-urlencode": {value: true, apply: (*curlRequest).encoded},
	"json":           {value: true, apply: (*curlRequest).json},
	"user":           {value: true, apply: func(c *curlRequest, v string) error { c.user = v; return nil }},
	"oauth2-bearer":  {value: true, apply: func(c *curlRequest, v string) error { return c.header("Authorization: Bearer " + v) }},
	"get":            {apply: func(c *curlRequest, _ string) error { c.asQuery = true; return nil }},
	"head":           {apply: func(c *curlRequest, _ string) error { c.method = "HEAD"; return nil }},
	"url":            {value: true, apply: (*curlRequest).target},
	"user-agent":     {value: true, apply: func(c *curlRequest, v string) error { return c.header("User-Agent: " + v) }},
	"cookie":         {value: true, apply: (*curlRequest).cookie},
	"referer":        {value: true, apply: func(c *curlRequest, v string) error { return c.header("Referer: " + v) }},
	"max-time":       {value: true, apply: func(c *curlRequest, v string) error { c.timeout = v + "s"; return nil }},
	"cert":           {value: true, apply: func(c *curlRequest, v string) error { c.cert = v; return nil }},
	"key":            {value: true, apply: func(c *curlRequest, v string) error { c.key = v; return nil }},
	"location": {apply: func(c *curlRequest, _ string) error {
		c.notes = append(c.notes, "-L is left out: a redirect to another host is not followed but reported")
		return nil
	}},

	"insecure":        refused(false, "certificates are always checked: a vendor whose certificate is wrong is news, not noise"),
	"form":            refused(true, "uploads are not questions that can be asked again and again"),
	"upload-file":     refused(true, "uploads are not questions that can be asked again and again"),
	"proxy":           refused(true, "probes use no proxy"),
	"config":          refused(true, "write out what the file says"),
	"unix-socket":     refused(true, "only http:// and https:// are asked"),
	"digest":          refused(false, "digest authentication is not supported"),
	"ntlm":            refused(false, "NTLM is not supported"),
	"negotiate":       refused(false, "Kerberos is not supported"),
	"netrc":           refused(false, "write the credentials out: -u user:password"),
	"cacert":          refused(true, "authorities are the system's; SSL_CERT_FILE=/path adds others"),
	"resolve":         refused(true, "names are resolved as the system does"),
	"aws-sigv4":       refused(true, "AWS signatures are not supported"),
	"compressed":      ignored(false),
	"silent":          ignored(false),
	"show-error":      ignored(false),
	"verbose":         ignored(false),
	"include":         ignored(false),
	"fail":            ignored(false),
	"fail-with-body":  ignored(false),
	"globoff":         ignored(false),
	"http1.1":         ignored(false),
	"http2":           ignored(false),
	"no-buffer":       ignored(false),
	"progress-bar":    ignored(false),
	"remote-name":     ignored(false),
	"basic":           ignored(false),
	"output":          ignored(true),
	"write-out":       ignored(true),
	"retry":           ignored(true),
	"max-redirs":      ignored(true),
	"connect-timeout": ignored(true),
	"dump-header":     ignored(true),
	"cookie-jar":      ignored(true),
}

// curlShort are the one-letter names.
var curlShort = map[byte]string{
	'X': "request", 'H': "header", 'd': "data", 'u': "user", 'G': "get", 'I': "head", 'A': "user-agent", 'b': "cookie",
	'e': "referer", 'm': "max-time", 'E': "cert", 'L': "location", 'k': "insecure", 'F': "form", 'T': "upload-file",
	'x': "proxy", 'K': "config", 'n': "netrc", 's': "silent", 'S': "show-error", 'v': "verbose", 'i': "include",
	'f': "fail", 'g': "globoff", 'N': "no-buffer", '#': "progress-bar", 'O': "remote-name", 'o': "output",
	'w': "write-out", 'D': "dump-header", 'c': "cookie-jar",
}

// parseCurl reads the words of one curl command.
func parseCurl(words []string) (*curlRequest, error) {
	if len(words) == 0 || strings.TrimSuffix(words[0], ".exe") != "curl" {
		return nil, errors.New("the command must begin with curl")
	}
	c := &curlRequest{}
	for rest := words[1:]; len(rest) > 0; {
		var err error
		if rest, err = c.next(rest); err != nil {
			return nil, err
		}
	}
	return c, c.finish()
}

// next takes one flag, with its value, or the URL.
func (c *curlRequest) next(words []string) (rest []string, err error) {
	word, rest := words[0], words[1:]
	switch {
	case strings.HasPrefix(word, "--"):
		name, value, joined := strings.Cut(word[2:], "=")
		if joined {
			rest = append([]string{value}, rest...)
		}
		return c.flag("--"+name, name, rest)
	case strings.HasPrefix(word, "-") && len(word) > 1:
		return c.letters(word[1:], rest)
	}
	return rest, c.target(word)
}

// letters reads -sSL and -XPOST.
func (c *curlRequest) letters(letters string, rest []string) ([]string, error) {
	name := curlShort[letters[0]]
	if flag := curlLong[name]; len(letters) > 1 && flag.value {
		return c.flag("-"+letters[:1], name, append([]string{letters[1:]}, rest...))
	}
	rest, err := c.flag("-"+letters[:1], name, rest)
	if err == nil && len(letters) > 1 {
		return c.letters(letters[1:], rest)
	}
	return rest, err
}

func (c *curlRequest) flag(written, name string, rest []string) ([]string, error) {
	flag, known := curlLong[name]
	switch {
	case !known:
		return nil, fmt.Errorf("%s is not understood: leave it out if the question is the same without it", written)
	case flag.refuse != "":
		return nil, fmt.Errorf("%s cannot be taken over: %s", written, flag.refuse)
	case !flag.value:
		return rest, flag.apply(c, "")
	case len(rest) == 0:
		return nil, fmt.Errorf("%s needs a value", written)
	}
	return rest[1:], flag.apply(c, rest[0])
}

func (c *curlRequest) target(v string) error {
	if c.url != "" {
		return errors.New("more than one URL: run init for one, and add probes: for the others")
	}
	if !strings.Contains(v, "://") && !strings.HasPrefix(v, "${") {
		v = "http://" + v // as curl does
	}
	c.url = v
	return nil
}

func (c *curlRequest) header(v string) error {
	name, value, ok := strings.Cut(v, ":")
	if !ok || strings.HasPrefix(v, "@") {
		return errors.New("-H: want \"Name: value\"")
	}
	if value = strings.TrimSpace(value); value != "" {
		c.headers = append(c.headers, [2]string{strings.TrimSpace(name), value})
	}
	return nil
}

func (c *curlRequest) cookie(v string) error {
	if !strings.Contains(v, "=") && !strings.Contains(v, "${") {
		return errors.New("-b: cookies from a file are not read: write them out")
	}
	return c.header("Cookie: " + v)
}

func (c *curlRequest) form(v string) error {
	if strings.HasPrefix(v, "@") {
		return errors.New("-d: data from a file is not read: write it out")
	}
	return c.rawForm(v)
}

func (c *curlRequest) rawForm(v string) error {
	c.data = append(c.data, v)
	return nil
}

// encoded reads --data-urlencode: "name=content" or "content".
func (c *curlRequest) encoded(v string) error {
	name, content, named := strings.Cut(v, "=")
	switch {
	case strings.Contains(v, "@") && !named:
		return errors.New("--data-urlencode: data from a file is not read: write it out")
	case !named:
		c.data = append(c.data, escapeKeeping(v))
	case name == "":
		c.data = append(c.data, escapeKeeping(content))
	default:
		c.data = append(c.data, name+"="+escapeKeeping(content))
	}
	return nil
}

func (c *curlRequest) json(v string) error {
	if err := c.form(v); err != nil {
		return err
	}
	c.headers = append(c.headers, [2]string{"Content-Type", "application/json"}, [2]string{"Accept", "application/json"})
	return nil
}

// finish settles what depends on all flags.
func (c *curlRequest) finish() error {
	if c.url == "" {
		return errors.New("no URL in the command")
	}
	if c.asQuery && len(c.data) > 0 {
		separator := "?"
		if strings.Contains(c.url, "?") {
			separator = "&"
		}
		c.url += separator + strings.ReplaceAll(strings.Join(c.data, "&"), " ", "%20")
		c.data = nil
	}
	switch {
	case c.method == "" && len(c.data) > 0:
		c.method = "POST"
	case c.method == "":
		c.method = "GET"
	}
	return nil
}

// escapeKeeping escapes a text for a query and leaves references as they are.
func escapeKeeping(v string) string {
	pieces, err := splitReferences(v)
	if err != nil {
		return url.QueryEscape(v)
	}
	var b strings.Builder
	for _, p := range pieces {
		if p.isReference() {
			b.WriteString("${" + p.name + "}")
		} else {
			b.WriteString(url.QueryEscape(p.literal))
		}
	}
	return b.String()
}
