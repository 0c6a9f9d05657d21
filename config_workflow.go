package main

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"shapewatch/probes"
	"shapewatch/workflows"
)

// stepBlock is one step of a workflow as a file says it.
type stepBlock struct {
	at             place
	name           leaf[string]
	targets        [len(methods)]leaf[string]
	body           leaf[string]
	json           leaf[[]byte]
	headers, query map[string]leaf[string]
	auth           authBlock
	expect         expectBlock
	extract        map[string]leaf[string]
	assert         []leaf[string]
	wait           waitBlock
	next           map[string]leaf[string]
	makes          leaf[string]
	contract       leaf[string]
	known          leaf[string]
	operation      leaf[string]
}

type waitBlock struct {
	until         []leaf[string]
	within, every leaf[time.Duration]
}

func (b *stepBlock) target() (method string, target leaf[string]) { return targetIn(b.targets[:]) }

var stepKeys = block[stepBlock]{
	name:  "Step",
	doc:   "One request of a workflow: a `name` and exactly one of `get`, `post`, `put`, `patch`, `delete`, `head`. In addresses, headers, query, body and assertions, `${steps.NAME.VALUE}` is what an earlier step extracted; `${run.id}`, `${run.name}` (unique, for whatever the run makes), `${run.key}` (for idempotency headers) and `${run.time}` are of the run.",
	fresh: func() (b stepBlock) { return b }, needs: []string{"name"}, rules: exactlyOne(methods[:]...),
	keys: slices.Concat([]key[stepBlock]{
		{"name", "Name within the workflow; other steps refer to it.", "create", func(b *stepBlock) setting { return a(&b.name, aStepName) }},
	}, methodRows(func(b *stepBlock) []leaf[string] { return b.targets[:] }), []key[stepBlock]{
		{"body", "Request body as it is sent.", "\"ref=${run.name}\"", func(b *stepBlock) setting { return a(&b.body, aParam) }},
		{"json", "Request body, written as YAML and sent as JSON.", "{ ref: \"${run.name}\" }", func(b *stepBlock) setting { return jsonSetting{&b.json} }},
		{"headers", "Request headers, beside those of the probe.", "{ Idempotency-Key: \"${run.key}\" }",
			func(b *stepBlock) setting {
				return pairs[string]{into: &b.headers, kind: aHeader, name: checkHeaderName, secret: looksSecretName}
			}},
		{"query", "Query parameters, beside those of the probe.", "{ ref: \"${run.name}\" }",
			func(b *stepBlock) setting {
				return pairs[string]{into: &b.query, kind: aParam, secret: looksSecretName}
			}},
		{"auth", "How to authenticate at another system; else as the probe says.", "{ bearer: \"${WAREHOUSE_KEY}\" }", func(b *stepBlock) setting { return in(&b.auth, &authKeys) }},
		{"expect", "What counts as an answer.", "{ status: [201] }", func(b *stepBlock) setting { return in(&b.expect, &expectKeys) }},
		{"extract", "Values to hand on: a name, and where in the answer it is.", "{ id: /id }", func(b *stepBlock) setting { return pairs[string]{into: &b.extract, kind: aPath, name: checkStepName} }},
		{"assert", "What must hold: a path, one of = != < <= > >= contains exists missing, and a value.", "[\"/state = new\"]", func(b *stepBlock) setting { return many[string]{&b.assert, anAssertion} }},
		{"wait", "Asks again until it holds.", "{ until: [\"/state = packed\"], within: 2m, every: 5s }", func(b *stepBlock) setting { return in(&b.wait, &waitKeys) }},
		{"next", "Which step follows a status, instead of the one after: a name, `end` or `fail`.", "{ \"409\": find }", func(b *stepBlock) setting { return pairs[string]{into: &b.next, kind: aText, name: checkStatusName} }},
		{"contract", "Document that this step's answer is held against, where it is another one than the probe's.", "contracts/warehouse.yaml", func(b *stepBlock) setting { return a(&b.contract, aContract) }},
		{"known", "File that lists where the step's answer is known to differ from its contract; else the one beside that contract. Entries name the step's own operation, and paths in its answer.", "contracts/warehouse.known.yaml", func(b *stepBlock) setting { return a(&b.known, aFile) }},
		{"operation", "operationId in the contract, when method and path do not tell.", "createOrder", func(b *stepBlock) setting { return a(&b.operation, aText) }},
		{"makes", "What the step makes, in words for the alert.", "\"order ${steps.create.id}\"", func(b *stepBlock) setting { return a(&b.makes, aText) }},
	}),
	after: func(r *reader, b *stepBlock, f fields) { b.at = f.at[""]; r.checkTargets(f, b.at); r.checkWait(b, f) },
}

// checkWait refuses to do again and again what changes something.
func (r *reader) checkWait(b *stepBlock, f fields) {
	method, _ := b.target()
	if at, waits := f.at["wait"]; waits && method != "" && method != "get" && method != "head" {
		r.problem(at, "make it once, and wait in a step of its own with get:", "a %s that is asked again and again", method)
	}
}

var waitKeys = block[waitBlock]{
	name: "Wait", fresh: func() (b waitBlock) { return b }, needs: []string{"until"},
	keys: []key[waitBlock]{
		{"until", "What must hold in the end, written as in `assert`.", "[\"/state = packed\"]", func(b *waitBlock) setting { return many[string]{&b.until, anAssertion} }},
		{"within", "How long it may take; 2m when nothing is said.", "2m", func(b *waitBlock) setting { return a(&b.within, aDuration) }},
		{"every", "How often it is asked; 5s when nothing is said.", "5s", func(b *waitBlock) setting { return a(&b.every, aDuration) }},
	},
}

var (
	aStepName   = text("a name of letters, digits, _ and -", checkStepName, object{"pattern": `^[A-Za-z0-9_-]+$`})
	anAssertion = text("an assertion: /state = packed", checkAssertion, object{"minLength": 1})
)

func checkStepName(s string) error {
	if s == "" || strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
		return wrong("other steps refer to it: letters, digits, _ and - only", "%q cannot be a name here", s)
	}
	return nil
}

func checkStatusName(s string) error {
	_, err := parseStatus(s)
	return err
}

func checkAssertion(s string) error {
	if _, err := workflows.ParseAssertion(s); err != nil {
		return wrong("write it as \"/state = packed\"", "not an assertion: %s", err)
	}
	return nil
}

// stepsSetting is a list of steps, in which values are handed on.
type stepsSetting struct{ blocks[stepBlock] }

func steps(into *[]stepBlock) setting {
	return stepsSetting{blocks[stepBlock]{into: into, block: &stepKeys, fresh: func() (b stepBlock) { return b }}}
}

func (s stepsSetting) read(r *reader, n *yaml.Node, path string) {
	r.walking = true
	s.blocks.read(r, n, path)
	r.walking = false
}

// workflow makes the workflow of a probe; nil when it is a plain request.
func (m *assembly) workflow(api *apiBlock, b *probeBlock, p probes.Probe) *workflows.Workflow {
	if len(b.workflow) == 0 {
		return nil
	}
	names := map[string]bool{workflows.End: true, workflows.Fail: true}
	w := &workflows.Workflow{Within: b.within.value}
	for i := range b.workflow {
		w.Steps = append(w.Steps, m.step(api, b, &b.workflow[i], p))
	}
	for i := range b.cleanup {
		w.Cleanup = append(w.Cleanup, m.step(api, b, &b.cleanup[i], p))
	}
	for _, s := range slices.Concat(b.workflow, b.cleanup) {
		if names[s.name.value] {
			m.problem(s.name.at, "steps refer to each other by name: rename one", "step %q is there already", s.name.value)
		}
		names[s.name.value] = true
	}
	m.checkHandedOn(b)
	for i, s := range slices.Concat(b.workflow, b.cleanup) {
		for _, l := range s.next {
			if !slices.ContainsFunc(w.Steps, func(s workflows.Step) bool { return s.Name == l.value }) && !(l.value == workflows.End || l.value == workflows.Fail) || i >= len(w.Steps) {
				m.problem(l.at, "name a step of the workflow, end or fail; a clean-up has no branches", "no step %q to go on with", l.value)
			}
		}
	}
	return w
}

// step makes one step, with what the probe says for all of them.
func (m *assembly) step(api *apiBlock, b *probeBlock, s *stepBlock, p probes.Probe) workflows.Step {
	method, target := s.target()
	asked := probeBlock{settings: b.settings, targets: s.targets, body: s.body, json: s.json}
	asked.params = handedOn(target.value)
	asked.headers, asked.query = over(b.headers, s.headers), over(b.query, s.query)
	address, err := m.address(api, &asked, target)
	if err != nil && target.text != "" {
		m.fault(target.at, err)
	}
	q := p
	q.Method, q.URL, q.Operation = strings.ToUpper(method), unescapeReferences(address.url), strings.ToUpper(method)+" "+address.template
	q.Header, q.Query, q.Body = asked.header(), asked.parameters(address.query), asked.payload()
	q.Timeout, q.Expect = b.timeout.value, nil
	for _, l := range s.expect.status {
		q.Expect = append(q.Expect, l.value)
	}
	if s.auth.kind != "" {
		q.Auth = m.auth(&s.auth)
	}
	q.Secrets = m.secretsIn(q)
	step := workflows.Step{
		Name: s.name.value, Ask: q, Extract: plain(s.extract), Makes: s.makes.value,
		Assert: assertions(s.assert),
		Wait:   workflows.Wait{Until: assertions(s.wait.until), Within: s.wait.within.value, Every: s.wait.every.value},
	}
	for status, l := range s.next {
		if step.Next == nil {
			step.Next = map[int]string{}
		}
		n, _ := parseStatus(status) // checked when it was read
		step.Next[n] = l.value
	}
	return step
}

// over is one map of texts laid over another.
func over(below, above map[string]leaf[string]) map[string]leaf[string] {
	all := map[string]leaf[string]{}
	for _, m := range []map[string]leaf[string]{below, above} {
		for name, l := range m {
			all[name] = l
		}
	}
	return all
}

// handedOn makes references to steps stay as they are where {names} are filled
// in.
func handedOn(address string) map[string]leaf[string] {
	params := map[string]leaf[string]{}
	for _, name := range workflows.References(address) {
		params[name] = leaf[string]{value: "{" + name + "}"}
	}
	return params
}

// unescapeReferences puts references back that a URL has escaped.
func unescapeReferences(address string) string {
	return strings.NewReplacer("$%7B", "${", "%24%7B", "${", "%7D", "}").Replace(address)
}

func assertions(written []leaf[string]) (parsed []workflows.Assertion) {
	for _, l := range written {
		assertion, _ := workflows.ParseAssertion(l.value) // checked when it was read
		parsed = append(parsed, assertion)
	}
	return parsed
}

// checkHandedOn reports references to values that no step before extracts.
func (m *assembly) checkHandedOn(b *probeBlock) {
	known := map[string]bool{}
	for i, s := range slices.Concat(b.workflow, b.cleanup) {
		if i == len(b.workflow) { // a clean-up may use what any step extracts
			for _, s := range b.workflow {
				s.brings(known)
			}
		}
		_, target := s.target()
		said := []leaf[string]{target, s.body, {value: string(s.json.value), at: s.json.at}}
		for _, fields := range []map[string]leaf[string]{s.headers, s.query} {
			for _, l := range fields {
				said = append(said, l)
			}
		}
		for _, l := range slices.Concat(said, s.assert, s.wait.until) {
			for _, name := range workflows.References(l.value) {
				if strings.HasPrefix(name, "steps.") && !known[name] && !branches(b) {
					m.problem(l.at, "a step before must have it under extract:", "${%s} is brought by no step before", name)
				}
			}
		}
		s.brings(known)
	}
}

// branches reports whether steps may be taken in another order than they are
// written in.
func branches(b *probeBlock) bool {
	return slices.ContainsFunc(b.workflow, func(s stepBlock) bool { return len(s.next) > 0 })
}

func (b *stepBlock) brings(known map[string]bool) {
	for name := range b.extract {
		known["steps."+b.name.value+"."+name] = true
	}
}

// isWorkflow reports whether a probe is one; it then shows as such.
func (b *probeBlock) isWorkflow() bool { return len(b.workflow) > 0 }
