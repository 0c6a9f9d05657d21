package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"shapewatch/alerting/pullrequest"
	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
)

// prBlock is the block `pr`.
type prBlock struct {
	at                     place
	forge, repository, url leaf[string]
	base, folder           leaf[string]
	token, user, sshKey    leaf[string]
	app                    appBlock
	mode, contracts        leaf[string]
	auto                   []leaf[string]
	limits                 prLimitsBlock
	title                  leaf[string]
	labels                 []leaf[string]
	deleteAfter, every     leaf[time.Duration]
}

type appBlock struct {
	id, key      leaf[string]
	installation leaf[int]
}

type prLimitsBlock struct{ open, perHour leaf[int] }

// The words of pr.mode and pr.contracts.
const (
	modeAccept   = "accept"
	modeOff      = "off"
	fromCheckout = "checkout"
	fromForge    = "forge"
)

var (
	aRepository = text("a repository: acme/contracts", checkRepository, object{"minLength": 1})
	aBranch     = text("a branch: main", checkBranch, object{"minLength": 1})
	aFolder     = text("a folder of the repository: deploy", checkFolder, object{"minLength": 1})
	aPEM        = secret(text("a private key: ${file:/run/secrets/app.pem}", nil, object{"minLength": 1}))
)

// checkRepository refuses credentials in an address: they would be shown.
func checkRepository(s string) error {
	before, _, found := strings.Cut(s, "@")
	if _, after, url := strings.Cut(before, "://"); found && url && strings.Contains(after, ":") {
		return wrong("write token: ${NAME} beside it", "credentials in an address")
	}
	return nil
}

func checkBranch(s string) error {
	if strings.ContainsAny(s, " ~^:?*[\\") || strings.HasPrefix(s, "-") || strings.Contains(s, "..") {
		return wrong("main, release/2026", "%q cannot be the name of a branch", s)
	}
	return nil
}

func checkFolder(s string) error {
	if !filepath.IsLocal(filepath.FromSlash(s)) {
		return wrong("write it from the top of the repository, without ..: deploy/shapewatch", "%q is no folder within a repository", s)
	}
	return nil
}

var prKeys = block[prBlock]{
	name: "Pull requests", doc: "With it, what is accepted goes into the contract by a pull request: one for each contract file, kept up to date, never over a person's commits, closed by itself when the API answers as before. See [pull requests](pull-requests.md).",
	fresh: freshPR, needs: []string{"forge", "repository"},
	keys: []key[prBlock]{
		{"forge", "Where the repository is; `git` is any git remote, which gets branches and no requests.", "github",
			func(b *prBlock) setting { return a(&b.forge, choice(forgeKinds()...)) }},
		{"repository", "The repository: `owner/name`; for `git` its address, or a folder of this machine.", "acme/contracts",
			func(b *prBlock) setting { return a(&b.repository, aRepository) }},
		{"base", "Branch that requests go to; without it, the repository's default.", "main",
			func(b *prBlock) setting { return a(&b.base, aBranch) }},
		{"url", "Where the forge is, when it is your own.", "https://github.acme.example",
			func(b *prBlock) setting { return a(&b.url, anURL) }},
		{"token", "Token that may write contents and pull requests, and read metadata; for `git`, the password.", "\"${FORGE_TOKEN}\"",
			func(b *prBlock) setting { return a(&b.token, aSecret) }},
		{"user", "User that goes with the token, where one is needed: `git`, Bitbucket.", "shapewatch",
			func(b *prBlock) setting { return a(&b.user, aText) }},
		{"ssh_key", "Private key for `git` over ssh; without one the SSH agent is asked.", "\"${file:/run/secrets/deploy_key}\"",
			func(b *prBlock) setting { return a(&b.sshKey, aPEM) }},
		{"app", "GitHub App, instead of a token: its commits are verified, and its requests start workflows.", "{ id: \"12345\", key: \"${file:/run/secrets/app.pem}\" }",
			func(b *prBlock) setting {
				return optional(in(&b.app, &appKeys), func() bool { return b.app.id.text == "" })
			}},
		{"mode", "`accept` opens a request once somebody accepts an incident, by whatever means; `off` opens and changes none.", modeAccept,
			func(b *prBlock) setting { return a(&b.mode, choice(modeAccept, modeOff)) }},
		{"auto", "Severities whose changes get a request without anybody's word. Merging it accepts them.", "[info]",
			func(b *prBlock) setting { return many[string]{&b.auto, choice("breaking", "warning", "info")} }},
		{"limits", "How many requests there may be.", "{ open: 5, per_hour: 2 }",
			func(b *prBlock) setting { return in(&b.limits, &prLimitsKeys) }},
		{"title", "How titles begin.", "\"fix(contract): \"",
			func(b *prBlock) setting { return a(&b.title, aText) }},
		{"labels", "Labels of every request, beside its severity.", "[api-drift]",
			func(b *prBlock) setting { return many[string]{&b.labels, aText} }},
		{"delete_after", "How long a field must be gone before a request deletes it from the contract; until then it is deprecated.", "14d",
			func(b *prBlock) setting { return a(&b.deleteAfter, aDuration) }},
		{"folder", "Folder of the repository that the folder of this file is; without it, its top.", "deploy",
			func(b *prBlock) setting { return a(&b.folder, aFolder) }},
		{"contracts", "`checkout`: contract files lie here, in a checkout that you update. `forge`: they lie in the repository, and `serve` writes them here, again after each merge.", fromCheckout,
			func(b *prBlock) setting { return a(&b.contracts, choice(fromCheckout, fromForge)) }},
		{"every", "How often the forge is asked what people did; what happens here is told at once.", "10m",
			func(b *prBlock) setting { return a(&b.every, anInterval) }},
	},
	later: map[string]string{"provider": "it is called forge", "repo": "it is called repository", "draft": "requests that break clients are drafts"},
	after: func(r *reader, b *prBlock, f fields) { r.afterPR(b, f) },
}

var appKeys = block[appBlock]{
	name: "Pull requests: app", fresh: func() (b appBlock) { return b }, needs: []string{"id", "key"},
	keys: []key[appBlock]{
		{"id", "The app's id, or its client id.", "\"12345\"", func(b *appBlock) setting { return a(&b.id, aParam) }},
		{"key", "Its private key, in PEM.", "\"${file:/run/secrets/app.pem}\"", func(b *appBlock) setting { return a(&b.key, aPEM) }},
		{"installation", "Id of its installation; without it, the one of the repository.", "67890", func(b *appBlock) setting { return a(&b.installation, aCount) }},
	},
}

var prLimitsKeys = block[prLimitsBlock]{
	name: "Pull requests: limits", fresh: func() prLimitsBlock { return freshPR().limits },
	keys: []key[prLimitsBlock]{
		{"open", "That stand at a time; what breaks goes first.", "5", func(b *prLimitsBlock) setting { return a(&b.open, aCount) }},
		{"per_hour", "That are opened within an hour.", "2", func(b *prLimitsBlock) setting { return a(&b.perHour, aCount) }},
	},
}

func freshPR() prBlock {
	return prBlock{
		mode: given(modeAccept, choice(modeAccept)), contracts: given(fromCheckout, choice(fromCheckout)),
		limits: prLimitsBlock{open: given(fmt.Sprint(pullrequest.DefaultOpen), aCount), perHour: given(fmt.Sprint(pullrequest.DefaultPerHour), aCount)},
		title:  given("fix(contract): ", aText), labels: []leaf[string]{given("api-drift", aText)},
		deleteAfter: given("14d", aDuration), every: given("10m", anInterval),
	}
}

// afterPR checks what belongs together.
func (r *reader) afterPR(b *prBlock, f fields) {
	b.at = f.at[""]
	has := func(name string) bool { _, ok := f.at[name]; return ok }
	forge := b.forge.value
	switch {
	case forge == "":
		return
	case has("app") && forge != "github":
		r.problem(f.at["app"], "use token:", "an app of GitHub, and the forge is %s", forge)
	case has("app") && has("token"):
		r.problem(f.at["app"], "keep one of them", "both app and token")
	case has("ssh_key") && forge != "git":
		r.problem(f.at["ssh_key"], "use token:", "an SSH key, and the forge is %s", forge)
	case has("user") && forge != "git" && forge != "bitbucket":
		r.problem(f.at["user"], "remove it: the token says who it is", "a user, and the forge is %s", forge)
	case has("url") && forge == "git":
		r.problem(f.at["url"], "repository: is the address", "url with git")
	case forge == "gitea" && !has("url"):
		r.problem(b.at, "add url: https://…, where it is", "a Gitea without its url")
	case forge != "git" && !has("token") && !has("app"):
		r.problem(b.at, "add token: ${NAME}", "a forge without a token")
	case forge != "git" && b.repository.text != "" && !strings.Contains(strings.Trim(b.repository.value, "/"), "/"):
		r.problem(b.repository.at, "acme/contracts", "%q names no repository", b.repository.value)
	}
}

// PRConfig says where pull requests go, and for what.
type PRConfig struct {
	Forge, Repository, URL, Base string
	Token, User, Key             string // Key is in PEM
	App                          string // ID or client ID of a GitHub App
	Installation                 int
	On                           bool                        // whether any may be opened
	Auto                         map[contracts.Severity]bool // without anybody's word
	Limits                       pullrequest.Options
	Style                        pullrequest.Style
	DeleteAfter, Every           time.Duration
	FromForge                    bool // contract files are written here from the forge
}

// branchPrefix is how branches of ours begin.
const branchPrefix = "shapewatch/"

// PR says where pull requests go; On is false when there are none.
func (c *Config) PR() PRConfig {
	b := c.file.pr
	p := PRConfig{
		Forge: b.forge.value, Repository: b.repository.value, URL: strings.TrimSuffix(b.url.value, "/"), Base: b.base.value,
		Token: b.token.value, User: b.user.value, Key: b.sshKey.value, App: b.app.id.value, Installation: b.app.installation.value,
		On: b.forge.text != "" && b.mode.value != modeOff, Auto: map[contracts.Severity]bool{},
		Limits:      pullrequest.Options{Prefix: branchPrefix, Open: b.limits.open.value, PerHour: b.limits.perHour.value},
		Style:       pullrequest.Style{Prefix: b.title.value, Labels: texts(b.labels)},
		DeleteAfter: b.deleteAfter.value, Every: b.every.value, FromForge: b.contracts.value == fromForge,
	}
	if b.app.key.text != "" {
		p.Key = b.app.key.value
	}
	if p.DeleteAfter == 0 {
		p.DeleteAfter = openapi.DeleteAfter
	}
	for _, l := range b.auto {
		var s contracts.Severity
		if s.UnmarshalText([]byte(l.value)) == nil {
			p.Auto[s] = true
		}
	}
	return p
}

// inRepository is where a file of this machine lies in the repository.
func (c *Config) inRepository(file string) (string, error) {
	b := c.file.pr
	at, err := filepath.Rel(filepath.Dir(c.files[0]), file)
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.FromSlash(b.folder.value), at)
	if !filepath.IsLocal(path) {
		return "", fmt.Errorf("%s lies above the top of the repository: pr.folder says where in it the folder of the configuration is", file)
	}
	return filepath.ToSlash(path), nil
}

// checkPR checks that a forge can be made of what was said, and that every
// contract has a place in the repository.
func (r *reader) checkPR(c *Config) {
	b := &c.file.pr
	if b.forge.text == "" || len(r.problems) > 0 || len(c.files) == 0 {
		return
	}
	if _, err := forgeOf(c.PR(), nil); err != nil {
		r.problem(b.at, "", "%s", err)
	}
	for _, a := range r.agreements {
		if _, err := c.inRepository(a.file); err != nil {
			r.problem(b.at, "add folder: …", "%s", err)
			return
		}
	}
}
