package main

import (
	"cmp"
	"strconv"
	"time"

	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/reconcile"
	"shapewatch/reconcile/sides"
)

// reconcileBlock is two sides that should hold the same.
type reconcileBlock struct {
	at                     place
	left, right            sideBlock
	key, fields            []fieldBlock
	updated                fieldBlock
	lag, within            leaf[time.Duration]
	sample                 leaf[float64]
	tolerate               leaf[int]
	direct                 leaf[bool]
	nullIsMissing, emptyIs leaf[bool]
	repair                 repairBlock
}

// repairBlock is who gets the keys of rows that differ.
type repairBlock struct {
	at      place
	post    leaf[string]
	auth    authBlock
	command []leaf[string]
	dryRun  leaf[bool]
	limit   leaf[int]
	again   leaf[time.Duration]
}

var reconcileRows = []key[probeBlock]{
	{"reconcile", "Two sides that should hold the same rows, compared by key and field; see docs/reconciliation.md.", "{ left: { name: shop, get: /orders }, right: { name: books, dsn: \"${BOOKS}\", query: SELECT id FROM orders }, key: [id] }",
		func(b *probeBlock) setting { return in(&b.reconcile, &reconcileKeys) }},
}

var reconcileKeys = block[reconcileBlock]{
	name: "Reconcile", doc: "Two sides, the key by which rows belong together, and the fields that must be equal.",
	fresh: func() (b reconcileBlock) { return b }, needs: []string{"left", "right", "key"},
	keys: []key[reconcileBlock]{
		{"left", "One side.", "{ name: shop, get: /orders, paginate: { by: link } }", func(b *reconcileBlock) setting { return in(&b.left, &sideKeys) }},
		{"right", "The other side.", "{ name: books, dsn: \"${BOOKS_DB}\", query: \"SELECT id, total FROM orders\" }", func(b *reconcileBlock) setting { return in(&b.right, &sideKeys) }},
		{"key", "The fields that are the key of a row.", "[id]", func(b *reconcileBlock) setting { return fieldList(&b.key) }},
		{"fields", "What must be equal: names, or blocks that say where each side has it and what means the same.", "[state, { name: total, left: /total_cents, right: total, as: number, left_minor: 2 }]", func(b *reconcileBlock) setting { return fieldList(&b.fields) }},
		{"updated", "When a row was last changed: then a difference in an old row counts at once, the day is found on which a field stopped agreeing, and it is told when a side falls behind.", "{ left: /updated_at, right: updated_at }", func(b *reconcileBlock) setting { return in(&b.updated, &fieldKeys) }},
		{"lag", "How long things may be on their way; 5m when nothing is said. A difference counts when it is still there after it.", "10m", func(b *reconcileBlock) setting { return a(&b.lag, aDuration) }},
		{"within", "How long one comparison may take; 10m when nothing is said.", "30m", func(b *reconcileBlock) setting { return a(&b.within, aDuration) }},
		{"sample", "Share of the keys that each run looks at, other ones each time until all were; all when nothing is said.", "0.1", func(b *reconcileBlock) setting { return a(&b.sample, aShare) }},
		{"tolerate", "Differences that are not told; that they grow is.", "10", func(b *reconcileBlock) setting { return a(&b.tolerate, aCount) }},
		{"direct", "Reads every row even where a database could sum its rows up.", "true", func(b *reconcileBlock) setting { return a(&b.direct, aFlag) }},
		{"null_is_missing", "Null and missing are the same, in all fields.", "true", func(b *reconcileBlock) setting { return a(&b.nullIsMissing, aFlag) }},
		{"empty_is_null", "An empty text is null, in all fields; CSV knows no other null.", "true", func(b *reconcileBlock) setting { return a(&b.emptyIs, aFlag) }},
		{"repair", "Who gets the keys of the rows that count as differing. Nobody without it.", "{ command: [./repair.sh], dry_run: false, limit: 50 }", func(b *reconcileBlock) setting { return in(&b.repair, &repairKeys) }},
	},
	after: func(r *reader, b *reconcileBlock, f fields) { b.at = f.at[""]; r.afterReconcile(b, f) },
}

var repairKeys = block[repairBlock]{
	name: "Repair", doc: "Exactly one of `post` and `command`. It gets JSON: `id`, `reconciliation`, `left`, `right` and `differences`, each with `key`, `how` (missing-left, missing-right, differs) and `fields`; no values.",
	fresh: func() (b repairBlock) { return b }, rules: exactlyOne("post", "command"),
	keys: []key[repairBlock]{
		{"post", "URL that the list is sent to. Idempotency-Key is its id.", "https://sync.acme.dev/repair", func(b *repairBlock) setting { return a(&b.post, anURL) }},
		{"auth", "How to authenticate there.", "{ bearer: \"${SYNC_KEY}\" }", func(b *repairBlock) setting { return in(&b.auth, &authKeys) }},
		{"command", "Program and arguments; the list is on its standard input. No shell reads them.", "[./repair.sh]", func(b *repairBlock) setting { return many[string]{&b.command, aText} }},
		{"dry_run", "Only says what would be handed over. True until false is written.", "false", func(b *repairBlock) setting { return a(&b.dryRun, aFlag) }},
		{"limit", "With more rows that differ nothing is handed over; 100 when nothing is said.", "50", func(b *repairBlock) setting { return a(&b.limit, aCount) }},
		{"again", "After what time a key that still differs is handed over again; 1h when nothing is said.", "6h", func(b *repairBlock) setting { return a(&b.again, aDuration) }},
	},
	after: func(_ *reader, b *repairBlock, f fields) { b.at = f.at[""] },
}

var aShare = kind[float64]{words: "a share above 0 and up to 1: 0.1", json: object{"type": "number", "exclusiveMinimum": 0, "maximum": 1}, native: true, parse: func(s string) (float64, error) {
	share, err := strconv.ParseFloat(s, 64)
	if err != nil || !(share > 0 && share <= 1) {
		return 0, wrong("a tenth is 0.1", "%q is no share", s)
	}
	return share, nil
}}

// afterReconcile checks what the keys by themselves cannot show.
func (r *reader) afterReconcile(b *reconcileBlock, f fields) {
	if at, ok := f.at["key"]; ok && len(b.key) == 0 {
		r.problem(at, "add the name of the field by which rows belong together", "no field in the key")
	}
	if b.left.name.text != "" && b.left.name.value == b.right.name.value {
		r.problem(b.right.name.at, "the names tell the sides apart in alerts", "both sides are called %q", b.left.name.value)
	}
	if at, ok := f.at["repair"]; ok && (b.repair.post.text != "") == (len(b.repair.command) > 0) {
		r.problem(at, "add post: https://… or command: [program]", "a repair goes to one of post and command")
	}
	if at, ok := f.at["repair"]; ok && b.repair.auth.kind != "" && b.repair.post.text == "" {
		r.problem(at, "remove auth, or write post", "a command needs no auth")
	}
}

// checkReconcile checks that a reconciliation asks nothing beside.
func (r *reader) checkReconcile(f fields) {
	for _, name := range append(methods[:], "workflow", "heartbeat", "webhook", "cleanup", "within", "grace", "max_runtime", "key", "body", "json", "params", "operation", "expect", "paginate") {
		if at, ok := f.at[name]; ok {
			r.problem(at, "it belongs to a side, or to a probe of its own", "both reconcile and %s", name)
		}
	}
}

// isReconciliation reports whether a probe is one.
func (b *probeBlock) isReconciliation() bool { return b.reconcile.at.src != nil }

// reconciling makes a watch of a reconciliation.
func (m *assembly) reconciling(api *apiBlock, b *probeBlock) (w monitor.Watch, ok bool) {
	c := &b.reconcile
	if api.name.text == "" || c.left.name.text == "" || c.right.name.text == "" || len(c.key) == 0 {
		return w, false
	}
	name := cmp.Or(b.name.value, c.left.name.value+" and "+c.right.name.value)
	p := probes.Probe{
		API: api.name.value, Name: name, Operation: "reconcile " + name, ID: api.name.value + "/" + name,
		Group: b.group.value, Owner: b.owner.value, Labels: plain(b.labels), Schedule: b.schedule(),
		Timeout: cmp.Or(c.within.value, monitor.DefaultWithin),
	}
	m.unique(p.ID, c.at, "probe", "probes of one API need different names: give one of them name: …")
	made := &monitor.Reconciliation{Within: p.Timeout}
	made.Left, made.Right, made.Lag = c.left.name.value, c.right.name.value, c.lag.value
	made.Keys, made.Fields = c.rules(c.key), c.rules(c.fields)
	made.Sample, made.Tolerate, made.Direct = c.sample.value, int64(c.tolerate.value), c.direct.value
	if u := c.updated; u.at.src != nil {
		u.as = leaf[string]{value: string(reconcile.Time), text: string(reconcile.Time)}
		field := c.rules([]fieldBlock{u})[0]
		made.Updated = &field
	}
	left, right := m.side(api, b, &c.left), m.side(api, b, &c.right)
	if left == nil || right == nil {
		return w, false
	}
	made.Open = func(asker probes.Asker, kept sides.Postings) (l, r monitor.OpenSide, err error) {
		from := opening{asker, kept, p.ID, &made.Reconciliation}
		if l, err = left(from, false); err != nil {
			return nil, nil, err
		}
		r, err = right(from, true)
		return l, r, err
	}
	m.announced(p.ID, &made.Reconciliation, c)
	made.Repair = m.repair(b, p)
	return monitor.Watch{Probe: p, Policy: b.policy(p), Reconciliation: made}, true
}
