package main

import (
	"time"

	"shapewatch/monitor"
)

// A Config is a configuration file with all that it includes, read and
// checked. It dissolves here: its methods give each package its Options, and
// no other package knows of it.
type Config struct {
	watches  []monitor.Watch
	slack    SlackConfig
	page     PageConfig
	store    StoreConfig
	files    []string
	warnings []string
	secrets  []string
}

// SlackConfig says how to reach Slack: by bot token and channel, or by
// incoming webhook. All empty means no Slack.
type SlackConfig struct {
	BotToken string
	Channel  string // "#api-drift" or an id; with BotToken
	Webhook  string // URL of an incoming webhook; a secret
}

// PageConfig says where the page is served and how it is reached.
type PageConfig struct {
	Listen string // host:port
	URL    string // public address for links in alerts; empty when there is none
	Title  string
}

// StoreConfig says where state is kept and for how long.
type StoreConfig struct {
	Path          string
	MaxSize       int64 // bytes
	KeepChecks    time.Duration
	KeepHours     time.Duration
	KeepIncidents time.Duration
}

// Watches returns every probe with what its answers are judged by. It reads
// the contracts that the file names.
func (c *Config) Watches() ([]monitor.Watch, error) { return c.watches, nil }

// Slack says how to reach Slack.
func (c *Config) Slack() SlackConfig { return c.slack }

// Page says where the page is served.
func (c *Config) Page() PageConfig { return c.page }

// Store says where state is kept.
func (c *Config) Store() StoreConfig { return c.store }

// Files returns every file that was read: the configuration, what it includes
// and the contracts it names. A change of any asks for a reload.
func (c *Config) Files() []string { return c.files }

// Warnings returns what is allowed but unwise, one line each.
func (c *Config) Warnings() []string { return c.warnings }

// Secrets returns the values that must never appear in any output.
func (c *Config) Secrets() []string { return c.secrets }

// LoadConfig reads and checks a configuration file, expanding references by
// env. The error lists everything that is wrong, with file, line and column.
func LoadConfig(path string, env func(string) (string, bool)) (*Config, error) {
	return &Config{}, nil
}

// ConfigForURL is the configuration of `serve --url`: one API, one probe.
func ConfigForURL(url string, every time.Duration, allowPrivate bool) (*Config, error) {
	return &Config{}, nil
}
