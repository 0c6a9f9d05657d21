package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"shapewatch/alerting"
	"shapewatch/monitor"
	"shapewatch/store"
)

// A Config is a configuration file with all that it includes, read and
// checked. It dissolves here: its methods give each package its Options, and
// no other package knows of it.
type Config struct {
	file     configFile
	watches  []monitor.Watch
	files    []string
	folders  []string
	warnings []problem
	secrets  []string

	agreements map[string]agreement   // where contracts are written, by probe
	known      map[string][]knownPart // what is known to differ from them, by probe
	each       bool                   // a terminal is told each incident on its own
	absent     []agreement            // contracts that are at the forge and not here yet
}

// SlackConfig says how to reach Slack: by bot token, or by incoming webhook.
// All empty means no Slack.
type SlackConfig struct {
	BotToken string
	Channels []string // "#api-drift" or ids, the default first; only with BotToken
	Webhook  string   // URL of an incoming webhook; a secret
	APIURL   string   // of the Web API, ending in "/"; empty means Slack's own

	AppToken  string // for buttons, over Socket Mode; empty for none
	Template  string // of what messages say
	Broadcast bool   // show replies in the channel when it gets worse
}

// PageConfig says where the page is served and how it is reached.
type PageConfig struct {
	Listen string // host:port
	URL    string // public address for links in alerts; empty when there is none
	Title  string
}

// LoadConfig reads and checks a configuration file, expanding references by
// env. The error lists everything that is wrong, with file, line and column,
// and carries exit code 2.
func LoadConfig(path string, env func(string) (string, bool)) (*Config, error) {
	return loadConfig(path, env, nil)
}

// loadConfig is LoadConfig with what kept opens in place of large contract
// files; it is handed the options of the store.
func loadConfig(path string, env func(string) (string, bool), kept func(store.Options) *keptExcerpts) (*Config, error) {
	return (&reader{env: env, keeper: kept}).load(path)
}

// LoadConfigKeyless is [LoadConfig] for who sends nothing and needs no keys:
// something stands for variables that are not set and for files of secrets
// that cannot be read.
func LoadConfigKeyless(path string, env func(string) (string, bool)) (*Config, error) {
	return (&reader{env: env, standIns: standIns}).load(path)
}

func (r *reader) load(path string) (*Config, error) {
	text, err := readBounded(path, maxFile)
	if err != nil {
		unread := problem{place{src: &source{name: path}}, reason(err), readingHint(err)}
		return nil, usageError(&configError{problems: []problem{unread}})
	}
	return r.parse(path, text)
}

// readingHint says what to do about a configuration file that cannot be read.
func readingHint(err error) string {
	switch {
	case errors.Is(err, errLarge):
		return "split it: include: [apis/*.yaml]"
	case errors.Is(err, fs.ErrNotExist):
		return "shapewatch init --url URL writes a first one; shapewatch demo shows what it does without any"
	}
	return ""
}

// ConfigForURL is the configuration of `serve --url`: one API with one probe,
// and the default for all else.
func ConfigForURL(address string, every time.Duration, allowPrivate bool) (*Config, error) {
	text := fmt.Sprintf("apis: [{ name: %q, url: %q, every: %s, allow_private: %t }]",
		nameOf(address), strings.ReplaceAll(address, "${", "$${"), every, allowPrivate)
	c, err := parseConfig("--url", []byte(text), func(string) (string, bool) { return "", false })
	if c != nil {
		c.files = nil
	}
	return c, err
}

// parseConfig reads a configuration that was read from a file of this name.
func parseConfig(name string, text []byte, env func(string) (string, bool)) (*Config, error) {
	return (&reader{env: env}).parse(name, text)
}

func (r *reader) parse(name string, text []byte) (*Config, error) {
	r.agreements, r.known = map[string]agreement{}, map[string][]knownPart{}
	f := freshFile()
	r.open(name, text, func(n *yaml.Node) { in(&f, &topKeys).read(r, n, "") })
	r.readIncludes(&f)
	c := &Config{file: f}
	if r.keeper != nil {
		r.kept = r.keeper(c.Store())
	}
	r.fromForge = f.pr.contracts.value == fromForge
	c.watches = r.watches(&f)
	r.checkChannels(&f)
	r.checkRoutes(&f)
	r.checkLife(&f)
	r.checkTracing(&f)
	for _, s := range r.files {
		c.files = append(c.files, s.name)
	}
	c.files = append(c.files, r.documents...)
	c.folders, c.agreements, c.known, c.absent = r.folders, r.agreements, r.known, r.absent
	r.checkPR(c)
	c.warnings = sortProblems(r.warnings, r.files)
	c.secrets = r.secrets
	if len(r.problems) > 0 {
		return nil, usageError(&configError{sortProblems(r.problems, r.files), r.secrets})
	}
	return c, nil
}

// open makes a file the one that is read, and reads it.
func (r *reader) open(name string, text []byte, read func(*yaml.Node)) {
	lines := strings.Split(strings.ReplaceAll(strings.TrimPrefix(string(text), "\ufeff"), "\r\n", "\n"), "\n")
	r.src = &source{name: name, dir: filepath.Dir(name), lines: lines}
	r.files = append(r.files, r.src)
	if root := r.parseYAML(text); root != nil {
		read(root)
	}
}

// aside reads a file that belongs to the configuration and is none: nothing in
// it is expanded.
func (r *reader) aside(name string, text []byte, into setting) {
	before := r.src
	r.literal = true
	r.open(name, text, func(n *yaml.Node) { into.read(r, n, "") })
	r.src, r.literal = before, false
}

// maxIncluded bounds how many files one configuration may include.
const maxIncluded = 1000

func (r *reader) readIncludes(f *configFile) {
	for _, include := range f.include {
		folders, _ := filepath.Glob(filepath.Dir(include.file())) // a bad pattern is reported below
		r.folders = append(r.folders, folders...)
		names, err := filepath.Glob(include.file())
		switch {
		case err != nil:
			r.problem(include.at, "patterns know *, ? and [a-z]", "%q is no pattern", include.value)
		case len(names) == 0 && !strings.ContainsAny(include.value, "*?["):
			r.problem(include.at, "", "%s: no such file", include.value)
		case len(r.files)+len(names) > maxIncluded:
			r.problem(include.at, "", "more than %d files", maxIncluded)
			return
		}
		for _, name := range names {
			r.include(f, name, include)
		}
	}
}

func (r *reader) include(f *configFile, name string, from leaf[string]) {
	if slices.ContainsFunc(r.files, func(s *source) bool { return filepath.Clean(s.name) == filepath.Clean(name) }) {
		return // matched by two patterns, or the file itself
	}
	text, err := readBounded(name, maxFile)
	if err != nil {
		r.problem(from.at, readingHint(err), "%s: %s", name, reason(err))
		return
	}
	r.open(name, text, func(n *yaml.Node) { in(f, &includedKeys).read(r, n, "") })
}

// Watches returns every probe with what its answers are judged by, in the
// order of the files.
func (c *Config) Watches() []monitor.Watch { return c.watches }

// Slack says how to reach Slack.
func (c *Config) Slack() SlackConfig {
	s := c.file.slack
	config := SlackConfig{
		BotToken: s.botToken.value, Webhook: s.webhook.value, APIURL: s.apiURL.value,
		AppToken: s.appToken.value, Template: s.template.value, Broadcast: s.broadcast.value,
	}
	if config.BotToken == "" {
		return config
	}
	config.Channels = []string{s.channel.value}
	for _, route := range c.file.alerts.routes {
		for _, l := range route.channels {
			if l.value != defaultChannel && !c.file.isChannel(l.value) && !slices.Contains(config.Channels, l.value) {
				config.Channels = append(config.Channels, l.value)
			}
		}
	}
	for _, l := range c.file.fallbackChannels() {
		if !slices.Contains(config.Channels, l.value) {
			config.Channels = append(config.Channels, l.value)
		}
	}
	return config
}

// Routes say which channels hear of which incidents. What no configured route
// takes goes to Slack's own channel.
func (c *Config) Routes() alerting.Routes { return c.file.routes() }

// Page says where the page is served.
func (c *Config) Page() PageConfig {
	p := c.file.page
	return PageConfig{Listen: p.listen.value, URL: strings.TrimSuffix(p.url.value, "/"), Title: p.title.value}
}

// Store says where state is kept and for how long.
func (c *Config) Store() store.Options {
	s := c.file.store
	return store.Options{Path: s.path.value, MaxSize: s.maxSize.value, Keep: store.Retention{
		Checks: s.keep.checks.value, Hours: s.keep.hours.value, Incidents: s.keep.incidents.value,
	}}
}

// Files returns every file that was read: the configuration, what it includes
// and the contracts it names. A change of any asks for a reload.
func (c *Config) Files() []string { return c.files }

// Folders returns where included files are looked for: a new one there asks for
// a reload too.
func (c *Config) Folders() []string { return c.folders }

// Warnings returns what is allowed but unwise, one text each.
func (c *Config) Warnings() []string {
	texts := make([]string, len(c.warnings))
	for i, w := range c.warnings {
		texts[i] = fmt.Sprintf("%s: warning: %s: %s", w.at, w.message, w.hint)
	}
	return texts
}

// Contact is where a vendor can reach the people who run this; may be empty.
func (c *Config) Contact() string { return c.file.contact.value }

// Secrets returns the values that must never appear in any output.
func (c *Config) Secrets() []string { return c.secrets }
