package main

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/reconcile"
	"shapewatch/reconcile/sides"
)

// sideBlock is where the rows of one side come from.
type sideBlock struct {
	name, get, dsn, sqlite, query, file leaf[string]
	format, items                       leaf[string]
	headers, params                     map[string]leaf[string]
	auth                                authBlock
	paging                              pagingBlock
	webhook                             leaf[string]
	types, deletes                      []leaf[string]
	window                              leaf[time.Duration]
	all                                 leaf[bool]
}

var sideKeys = block[sideBlock]{
	name: "Side", doc: "A `name`, and exactly one of `get`, `dsn`, `sqlite`, `file` and `webhook`.",
	fresh: func() (b sideBlock) { return b }, needs: []string{"name"}, rules: exactlyOne("get", "dsn", "sqlite", "file", "webhook"),
	keys: []key[sideBlock]{
		{"name", "What the side is called in alerts and on the page.", "shop", func(b *sideBlock) setting { return a(&b.name, aName) }},
		{"get", "A list of an API: a path under `base`, or a URL.", "/orders", func(b *sideBlock) setting { return a(&b.get, aTarget) }},
		{"headers", "Request headers, beside those of the probe.", "{ Accept: application/json }", func(b *sideBlock) setting {
			return pairs[string]{into: &b.headers, kind: aHeader, name: checkHeaderName, secret: looksSecretName}
		}},
		{"query_parameters", "Query parameters, beside those of the probe.", "{ limit: \"100\" }", func(b *sideBlock) setting {
			return pairs[string]{into: &b.params, kind: aParam, secret: looksSecretName}
		}},
		{"auth", "How to authenticate; else as the probe says.", "{ bearer: \"${SHOP_KEY}\" }", func(b *sideBlock) setting { return in(&b.auth, &authKeys) }},
		{"paginate", "How to read the rest of the list; up to 1000 pages when nothing is said.", "{ by: cursor, next: /next, param: cursor }", func(b *sideBlock) setting { return in(&b.paging, &pagingKeys) }},
		{"items", "Where the list is, in a JSON file or in an answer without `paginate`; looked for when nothing is said. With `webhook`: where the row, or a list of rows, is in an event; the event itself when nothing is said.", "/data", func(b *sideBlock) setting { return a(&b.items, aPath) }},
		{"dsn", "A PostgreSQL or MySQL database: postgres://user:password@host/database, mysql://…. Give it a user that may only read.", "\"${BOOKS_DB}\"", func(b *sideBlock) setting { return a(&b.dsn, aDSN) }},
		{"sqlite", "A file of SQLite, opened for reading, relative to this file.", "shop.db", func(b *sideBlock) setting { return a(&b.sqlite, aFile) }},
		{"query", "With `dsn` and `sqlite`: one SELECT whose columns are the fields.", "SELECT id, total, state FROM orders", func(b *sideBlock) setting { return a(&b.query, aText) }},
		{"file", "A file, relative to this file: .json, .ndjson, .csv with the columns' names in the first line.", "export/orders.csv", func(b *sideBlock) setting { return a(&b.file, aFile) }},
		{"format", "Of a file whose name does not tell.", "csv", func(b *sideBlock) setting {
			return a(&b.format, choice(string(sides.JSON), string(sides.Lines), string(sides.CSV)))
		}},
		{"webhook", "Name of a webhook of this configuration: the side is what its events announced, the newest word on each row.", "orders", func(b *sideBlock) setting { return a(&b.webhook, aStepName) }},
		{"types", "With `webhook`: the types of the events that are rows; all when nothing is said.", "[orders/create, orders/updated]", func(b *sideBlock) setting { return many[string]{&b.types, aText} }},
		{"deleted_by", "With `webhook`: types of events that take their row away.", "[orders/delete]", func(b *sideBlock) setting { return many[string]{&b.deletes, aText} }},
		{"window", "With `webhook`: how long a row is kept and compared after its event; 7d when nothing is said.", "3d", func(b *sideBlock) setting { return a(&b.window, aDuration) }},
		{"announces_all", "With `webhook`: a row that the other side changed since, and that was never announced, is missing here. It needs `updated`: on the other side the vendor's time of the change.", "true", func(b *sideBlock) setting { return a(&b.all, aFlag) }},
	},
	after: func(r *reader, _ *sideBlock, f fields) { r.afterSide(f) },
}

var aDSN = secret(text("a database: postgres://… or mysql://…", checkDSN, object{"minLength": 1}))

// checkDSN refuses what names another kind of database. What names none may be
// a secret that is masked here, and is refused when it is used.
func checkDSN(s string) error {
	scheme, _, named := strings.Cut(s, ":")
	switch {
	case scheme == "sqlite":
		return wrong("write sqlite: file.db instead of dsn", "a file of SQLite has a key of its own")
	case named && !strings.HasPrefix(s, "http") && strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz+") == "" && sides.CheckDSN(s) != nil:
		return wrong("postgres://user:password@host/database, or mysql://…", "no database that can be read")
	}
	return nil
}

func (r *reader) afterSide(f fields) {
	has := func(name string) bool { _, ok := f.at[name]; return ok }
	kinds := 0
	for _, name := range []string{"get", "dsn", "sqlite", "file", "webhook"} {
		if has(name) {
			kinds++
		}
	}
	if kinds != 1 {
		r.problem(f.at[""], "choose one: get, dsn, sqlite, file or webhook", "%d places to read rows from", kinds)
		return
	}
	if sql := has("dsn") || has("sqlite"); sql != has("query") {
		r.problem(f.at[""], "a database needs a query, and only a database", "query and database belong together")
	}
	for name, of := range map[string][]string{"headers": {"get"}, "query_parameters": {"get"}, "auth": {"get"}, "paginate": {"get"}, "items": {"get", "file", "webhook"}, "format": {"file"},
		"types": {"webhook"}, "deleted_by": {"webhook"}, "window": {"webhook"}, "announces_all": {"webhook"}} {
		fits := false
		for _, kind := range of {
			fits = fits || has(kind)
		}
		if has(name) && !fits {
			r.problem(f.at[name], "it belongs to "+strings.Join(of, " or "), "%s says nothing here", name)
		}
	}
	if has("items") && has("paginate") {
		r.problem(f.at["items"], "write it under paginate", "items beside paginate")
	}
}

// fieldBlock is one thing that both sides say of a row.
type fieldBlock struct {
	at                                       place
	name, left, right, as, form, region      leaf[string]
	ignoreCase, trim, nullIsMissing, emptyIs leaf[bool]
	precision                                leaf[time.Duration]
	leftMinor, rightMinor                    leaf[int]
	leftZone, rightZone                      leaf[string]
	leftValues, rightValues                  map[string]leaf[string]
}

var fieldKeys = block[fieldBlock]{
	name: "Field", doc: "One thing that both sides say of a row, and when two texts mean the same. Written as its name alone where both sides have it under it, as text.",
	fresh: func() (b fieldBlock) { return b },
	keys: []key[fieldBlock]{
		{"name", "Name in alerts; where it is on the left, when nothing is said.", "total", func(b *fieldBlock) setting { return a(&b.name, aText) }},
		{"left", "Where the left side has it: a column, or a JSON Pointer within the row; its name when nothing is said.", "/total_cents", func(b *fieldBlock) setting { return a(&b.left, aText) }},
		{"right", "Where the right side has it.", "total", func(b *fieldBlock) setting { return a(&b.right, aText) }},
		{"as", "What it is read as: `number` (exact, at any size), `time` (in UTC), `date`, `boolean`, `phone` (E.164), `country` (ISO 3166 of any kind); text when nothing is said.", "number", func(b *fieldBlock) setting { return a(&b.as, choice(reconcile.Kinds()...)) }},
		{"ignore_case", "Upper and lower case are the same.", "true", func(b *fieldBlock) setting { return a(&b.ignoreCase, aFlag) }},
		{"trim", "White space at both ends does not count.", "true", func(b *fieldBlock) setting { return a(&b.trim, aFlag) }},
		{"unicode", "Normal form in which texts are compared.", "NFC", func(b *fieldBlock) setting { return a(&b.form, choice(string(reconcile.NFC), string(reconcile.NFKC))) }},
		{"null_is_missing", "Null and missing are the same.", "true", func(b *fieldBlock) setting { return a(&b.nullIsMissing, aFlag) }},
		{"empty_is_null", "An empty text is null.", "true", func(b *fieldBlock) setting { return a(&b.emptyIs, aFlag) }},
		{"region", "Country of phone numbers that name none.", "DE", func(b *fieldBlock) setting { return a(&b.region, aRegion) }},
		{"precision", "Times are compared in steps of it.", "1s", func(b *fieldBlock) setting { return a(&b.precision, aDuration) }},
		{"left_minor", "The left side counts minor units of so many digits: 2 for cents.", "2", func(b *fieldBlock) setting { return a(&b.leftMinor, aCount) }},
		{"right_minor", "The same of the right side.", "3", func(b *fieldBlock) setting { return a(&b.rightMinor, aCount) }},
		{"left_zone", "Time zone of the left side's times that name none; UTC when nothing is said.", "Europe/Paris", func(b *fieldBlock) setting { return a(&b.leftZone, aTimezone) }},
		{"right_zone", "The same of the right side.", "America/New_York", func(b *fieldBlock) setting { return a(&b.rightZone, aTimezone) }},
		{"left_values", "What the left side's values are called on the right.", "{ A: active, I: inactive }", func(b *fieldBlock) setting { return pairs[string]{into: &b.leftValues, kind: aParam} }},
		{"right_values", "The same of the right side.", "{ \"1\": active }", func(b *fieldBlock) setting { return pairs[string]{into: &b.rightValues, kind: aParam} }},
	},
	after: func(r *reader, b *fieldBlock, f fields) { b.at = f.at[""]; r.afterField(b) },
}

var aRegion = text("a country of two letters: DE", func(s string) error {
	if len(s) != 2 || strings.ToUpper(s) != s {
		return wrong("two capital letters: DE, US", "%q is no country", s)
	}
	return nil
}, object{"pattern": `^[A-Z]{2}$|\$\{`})

func fieldList(into *[]fieldBlock) setting {
	return blocks[fieldBlock]{into: into, block: &fieldKeys, fresh: func() (b fieldBlock) { return b },
		short: func(b *fieldBlock) setting { return a(&b.name, aText) }}
}

func (r *reader) afterField(b *fieldBlock) {
	if b.name.text == "" && b.left.text == "" {
		r.problem(b.at, "add name: …", "a field without a name")
	}
	number := b.as.value == string(reconcile.Number)
	if !number && (b.leftMinor.text != "" || b.rightMinor.text != "") {
		r.problem(b.at, "add as: number", "minor units of what is no number")
	}
}

// rules are fields with where each side has them.
func (c *reconcileBlock) rules(blocks []fieldBlock) (fields []reconcile.Field) {
	for _, b := range blocks {
		name := cmp.Or(b.name.value, strings.TrimPrefix(b.left.value, "/"))
		fields = append(fields, reconcile.Field{
			Name: name, Left: cmp.Or(b.left.value, name), Right: cmp.Or(b.right.value, name),
			Rule: reconcile.Rule{
				As: reconcile.Kind(b.as.value), IgnoreCase: b.ignoreCase.value, Trim: b.trim.value, Form: reconcile.Form(b.form.value),
				NullIsMissing: b.nullIsMissing.value || c.nullIsMissing.value, EmptyIsNull: b.emptyIs.value || c.emptyIs.value,
				Region: b.region.value, Precision: b.precision.value,
				Left:  sideRule(b.leftMinor, b.leftZone, b.leftValues),
				Right: sideRule(b.rightMinor, b.rightZone, b.rightValues),
			},
		})
	}
	return fields
}

func sideRule(minor leaf[int], zone leaf[string], values map[string]leaf[string]) reconcile.SideRule {
	rule := reconcile.SideRule{Minor: minor.value, Values: plain(values)}
	if zone.text != "" {
		rule.Zone, _ = time.LoadLocation(zone.value) // checked when it was read
	}
	return rule
}

// An opener opens one side for one run.
type opener func(from opening, right bool) (monitor.OpenSide, error)

// An opening is what a side may need when it is opened.
type opening struct {
	asker probes.Asker
	kept  sides.Postings
	probe string // the reconciliation's
	*reconcile.Reconciliation
}

// side says how a side is opened; nil when the file said too little, which has
// been reported.
func (m *assembly) side(api *apiBlock, b *probeBlock, s *sideBlock) opener {
	switch {
	case s.file.text != "":
		path, format, list := s.file.file(), sides.Format(s.format.value), s.items.value
		return func(r opening, right bool) (monitor.OpenSide, error) {
			return sides.File(sides.FileOptions{Path: path, Format: format, List: list, Columns: r.Columns(right)}), nil
		}
	case s.webhook.text != "":
		return func(r opening, right bool) (monitor.OpenSide, error) {
			return sides.Webhook(s.announces(r.probe, r.Reconciliation, right), r.kept), nil
		}
	case s.get.text != "":
		return m.pages(api, b, s)
	case s.query.text == "":
		return nil
	}
	dsn := s.dsn.value
	if s.sqlite.text != "" {
		dsn = "sqlite:" + s.sqlite.file()
	}
	query := s.query.value
	return func(r opening, right bool) (monitor.OpenSide, error) {
		return sides.SQL(sides.SQLOptions{
			DSN: dsn, Query: query, Columns: r.Columns(right), Rules: r.Rules(), Keys: len(r.Keys), Updated: r.Updated != nil, Right: right,
		})
	}
}

// pages is a list of an API, asked like a probe.
func (m *assembly) pages(api *apiBlock, b *probeBlock, s *sideBlock) opener {
	if strings.HasPrefix(s.get.value, "/") && api.base.text == "" {
		m.problem(s.get.at, "add base: https://… to the API", "a path without a base")
		return nil
	}
	p := m.request(api, b, s.get, s.headers, s.params, &s.auth)
	p.ID = api.name.value + "/" + s.name.value
	p.Paging = s.paging.reading()
	list := s.items.value
	if s.items.text == "" {
		list = probes.FindItems
	}
	return func(r opening, right bool) (monitor.OpenSide, error) {
		return sides.Pages(sides.PagesOptions{Ask: p, List: list, Columns: r.Columns(right), Asker: r.asker}), nil
	}
}

// request is a GET with what the probe says for all of its sides.
func (m *assembly) request(api *apiBlock, b *probeBlock, target leaf[string], headers, params map[string]leaf[string], auth *authBlock) probes.Probe {
	asked := probeBlock{settings: b.settings}
	asked.headers, asked.query = over(b.headers, headers), over(b.query, params)
	address, err := m.address(api, &asked, target)
	if err != nil {
		m.fault(target.at, err)
	}
	p := probes.Probe{
		API: api.name.value, Method: http.MethodGet, URL: address.url, Operation: "GET " + address.template,
		Header: asked.header(), Query: asked.parameters(address.query), Auth: m.auth(&b.auth),
		Timeout: b.timeout.value, MaxBody: b.maxBody.value, AllowPrivate: b.allowPrivate.value,
		Limits: probes.HostLimits{PerSecond: b.limits.perSecond.value, Concurrent: b.limits.concurrent.value},
	}
	if auth.kind != "" {
		p.Auth = m.auth(auth)
	}
	p.Secrets = m.secretsIn(p)
	return p
}

// repair is who gets the keys; nil for nobody.
func (m *assembly) repair(b *probeBlock, probe probes.Probe) *monitor.Repair {
	c := &b.reconcile.repair
	if c.at.src == nil {
		return nil
	}
	made := &monitor.Repair{Dry: c.dryRun.text == "" || c.dryRun.value, Most: c.limit.value, Again: c.again.value}
	if len(c.command) > 0 {
		made.Hand = func(ctx context.Context, _ probes.Asker, h sides.Handover) error {
			return sides.Run(texts(c.command))(ctx, h)
		}
		return made
	}
	p := m.request(&apiBlock{}, b, c.post, nil, nil, &c.auth)
	p.API, p.ID, p.Method = probe.API, probe.ID+"#repair", http.MethodPost
	made.Hand = func(ctx context.Context, asker probes.Asker, h sides.Handover) error {
		return sides.Post(asker, p)(ctx, h)
	}
	return made
}
