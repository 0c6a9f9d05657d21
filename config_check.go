package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"shapewatch/contracts"
	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/store"
)

// freshSettings are the defaults of what an API does not say.
func freshSettings() settings {
	return settings{
		every:       given(brief(probes.DefaultEvery), anInterval),
		timeout:     given(brief(probes.DefaultTimeout), aDuration),
		maxBody:     given(printSize(probes.DefaultMaxBody), aSize),
		sensitivity: given(string(contracts.Calm), choice(string(contracts.Calm))),
		limits: limitsBlock{
			perSecond:  given(fmt.Sprint(probes.DefaultPerSecond), aRate),
			concurrent: given(fmt.Sprint(probes.DefaultConcurrent), aCount),
		},
	}
}

// freshFile is a configuration that says nothing.
func freshFile() configFile {
	return configFile{
		defaults: freshSettings(),
		alerts:   alertsBlock{life: freshLife()},
		pr:       freshPR(),
		page:     pageBlock{listen: given("127.0.0.1:8080", anAddress), title: given("shapewatch", aText)},
		store: storeBlock{
			path:    given("shapewatch.db", aText),
			maxSize: given(printSize(store.DefaultMaxSize), aSize),
			keep:    keepBlock{checks: given("7d", aDuration), hours: given("90d", aDuration), incidents: given("365d", aDuration)},
		},
	}
}

// checkSchedule checks the schedule that holds here.
func (r *reader) checkSchedule(s *settings, f fields) {
	every, isEvery := f.at["every"]
	if _, isCron := f.at["cron"]; isEvery && isCron {
		r.problem(every, "keep one of them", "both every and cron")
		return
	}
	if s.cron.text == "" {
		return
	}
	if err := monitor.CheckSchedule(s.schedule()); err != nil {
		r.problem(s.cron.at, "minute hour day-of-month month day-of-week: \"*/5 * * * *\" is every five minutes", "%s", err)
	}
}

func (s *settings) schedule() probes.Schedule {
	return probes.Schedule{Every: s.every.value, Cron: s.cron.value, Timezone: s.timezone.value}
}

// checkZone refuses a time zone that nothing reads.
func (r *reader) checkZone(s *settings, f fields) {
	at, written := f.at["timezone"]
	_, isCron := f.at["cron"]
	if written && !isCron && s.cron.text == "" {
		r.problem(at, "add cron: …, or remove it", "timezone without cron")
	}
}

func (r *reader) afterAuth(b *authBlock, f fields) {
	b.at = f.at[""]
	var kinds []string
	for _, name := range f.names {
		if slices.Contains(f.known, name) {
			kinds = append(kinds, name)
		}
	}
	if len(kinds) != 1 {
		r.problem(b.at, "choose one: "+strings.Join(f.known, ", "), "%d ways to authenticate", len(kinds))
		return
	}
	b.kind = kinds[0]
}

func (r *reader) afterSlack(b *slackBlock, f fields) {
	b.at = f.at[""]
	has := func(name string) bool { _, ok := f.at[name]; return ok }
	switch {
	case has("webhook") && (has("bot_token") || has("channel")):
		r.problem(f.at["webhook"], "a webhook has its channel built in: keep it, or bot_token and channel", "both webhook and bot")
	case has("bot_token") && !has("channel"):
		r.problem(f.at["bot_token"], "add channel: \"#…\"", "a bot needs a channel to write to")
	case has("app_token") && !has("bot_token"):
		r.problem(f.at["app_token"], "add bot_token and channel, or remove it: a webhook can have no buttons", "app_token without a bot")
	case has("broadcast") && !has("bot_token"):
		r.problem(f.at["broadcast"], "add bot_token and channel, or remove it: a webhook knows no threads", "broadcast without a bot")
	case has("api_url") && !has("bot_token"):
		r.problem(f.at["api_url"], "add bot_token and channel, or remove it: a webhook has its address built in", "api_url without a bot")
	case has("channel") && !has("bot_token"):
		r.problem(f.at["channel"], "add bot_token: \"${SLACK_BOT_TOKEN}\"", "a channel needs a bot to write to it")
	case !has("webhook") && !has("bot_token"):
		r.problem(b.at, "add webhook, or bot_token and channel", "Slack cannot be reached without one")
	}
}

// checkAPI checks that an API has a name and something to ask.
func (r *reader) checkAPI(b *apiBlock, f fields) {
	has := func(name string) bool { _, ok := f.at[name]; return ok }
	switch {
	case has("url") && has("base"):
		r.problem(f.at["base"], "url is the one URL to ask; base is what the paths of probes are added to", "both url and base")
	case has("url") && has("probes"):
		r.problem(f.at["url"], "make it base: https://… and probes: [{ get: /… }]", "both url and probes")
	case !has("url") && !has("probes"):
		r.problem(b.at, "add url: https://…, or base: and probes:", "nothing to ask: no url and no probes")
	case has("probes") && len(b.probes) == 0 && follow(f.value["probes"]).Content == nil:
		r.problem(f.at["probes"], "add - get: /…", "no probes in the list")
	}
	if strings.Contains(b.base.value, "?") {
		r.problem(b.base.at, "use query: for what every request carries", "a query in base")
	}
	for _, p := range b.probes {
		_, target := p.target()
		if strings.HasPrefix(target.value, "/") && !has("base") {
			r.problem(target.at, "add base: https://… to the API", "a path without a base")
		}
	}
}

// target is what a probe asks, and how.
func (b *probeBlock) target() (method string, target leaf[string]) {
	if b.isSocket() {
		return "get", b.socket.target
	}
	if b.isWorkflow() {
		return b.workflow[0].target()
	}
	return targetIn(b.targets[:])
}

// targetIn finds the one that was written, of a list by method.
func targetIn(targets []leaf[string]) (method string, target leaf[string]) {
	for i, l := range targets {
		if l.text != "" {
			return methods[i], l
		}
	}
	return "", leaf[string]{}
}

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

// checkProbe checks that a probe asks one question and fills in its path.
func (r *reader) checkProbe(b *probeBlock, f fields) {
	r.checkPaged(f)
	r.checkGraphQL(f)
	if r.checkGRPC(f) || r.checkSocket(b, f) {
		return
	}
	if _, opens := f.at["file"]; opens {
		r.checkFile(f)
		return
	}
	if _, compares := f.at["reconcile"]; compares {
		r.checkReconcile(f)
		return
	}
	if _, receives := f.at["webhook"]; receives {
		r.checkSource(f)
		return
	}
	if _, listens := f.at["heartbeat"]; listens {
		r.checkHeartbeat(f)
		return
	}
	for _, name := range []string{"grace", "max_runtime", "key"} {
		if at, ok := f.at[name]; ok {
			r.problem(at, "add heartbeat: and a name, or remove it", "%s without a heartbeat", name)
		}
	}
	if _, walks := f.at["workflow"]; walks {
		r.checkWorkflow(b, f)
		return
	}
	for _, name := range []string{"cleanup", "within"} {
		if at, ok := f.at[name]; ok {
			r.problem(at, "add workflow: and its steps, or remove it", "%s without a workflow", name)
		}
	}
	if r.checkTargets(f, b.at) {
		r.checkParams(b)
	}
}

// checkTargets checks that one thing is asked, and that a body goes with it.
func (r *reader) checkTargets(f fields, block place) bool {
	var asked []string
	for _, m := range methods {
		if _, ok := f.at[m]; ok {
			asked = append(asked, m)
		}
	}
	if len(asked) == 0 {
		r.problem(block, "add get: /path, or another of "+strings.Join(methods[1:], ", "), "nothing to ask")
		return false
	}
	if len(asked) > 1 {
		r.problem(block, "it is one of "+strings.Join(methods[:], ", ")+": /path", "%d things to ask", len(asked))
		return false
	}
	if at, ok := f.at["body"]; ok && f.value["json"] != nil {
		r.problem(at, "keep one of them", "both body and json")
	}
	for _, name := range []string{"body", "json"} {
		if at, ok := f.at[name]; ok && (asked[0] == "get" || asked[0] == "head") {
			r.problem(at, "use post:, or query: for parameters", "a %s with a body", asked[0])
		}
	}
	return true
}

// checkWorkflow checks that a workflow stands alone.
func (r *reader) checkWorkflow(b *probeBlock, f fields) {
	for _, name := range append(methods[:], "body", "json", "params", "operation", "expect") {
		if at, ok := f.at[name]; ok {
			r.problem(at, "the steps of a workflow say what is asked: move it there", "both workflow and %s", name)
		}
	}
	if len(b.workflow) == 0 {
		r.problem(f.at["workflow"], "add - name: … with get: /…", "a workflow without steps")
	}
	if _, named := f.at["name"]; !named {
		r.problem(b.at, "add name: …, by which the page and alerts call it", "a workflow without a name")
	}
}

func (r *reader) checkParams(b *probeBlock) {
	_, target := b.target()
	named := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(target.value, -1) {
		named[m[1]] = true
		if _, ok := b.params[m[1]]; !ok && target.text != "" {
			r.problem(target.at, fmt.Sprintf("add params: { %s: … }", m[1]), "no value for {%s}", m[1])
		}
	}
	for name, l := range b.params {
		if !named[name] && l.text != "" {
			r.problem(l.at, "the path has no {"+name+"}; a query parameter goes under query:", "param %q is not in the path", name)
		}
	}
}
