package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/contracts/shape"
	"shapewatch/monitor"
	"shapewatch/probes"
)

// An assembly turns what was read into watches, loading each contract and
// making each credential once.
type assembly struct {
	*reader
	contracts map[string]agreedBy   // by file or folder
	auths     map[place]probes.Auth // by where it is written
	names     map[string]place      // of APIs, and of probes by ID
	remotes   []farContract         // contracts at addresses, of the API that is being read
	queries   map[string]string     // GraphQL documents, by probe
	overlays  map[string]*overlay   // by file
	books     []bookOf              // of webhooks that are sides of reconciliations
}

func (r *reader) watches(f *configFile) []monitor.Watch {
	m := &assembly{reader: r, contracts: map[string]agreedBy{}, auths: map[place]probes.Auth{}, names: map[string]place{}, queries: map[string]string{}, overlays: map[string]*overlay{}}
	var watches []monitor.Watch
	for i := range f.apis {
		watches = append(watches, m.api(&f.apis[i])...)
	}
	if len(f.apis) == 0 && len(r.problems) == 0 {
		r.problem(place{src: r.files[0]}, "add apis: [{ name: …, url: https://… }]", "no APIs to watch")
	}
	giveQueries(watches, m.queries)
	giveCalls(watches)
	m.giveBooks(watches)
	r.documents = append(r.documents, slices.Sorted(maps.Keys(m.contracts))...)
	r.documents = append(r.documents, slices.Sorted(maps.Keys(m.overlays))...)
	return watches
}

func (m *assembly) api(b *apiBlock) []monitor.Watch {
	if b.name.text != "" && !m.unique(b.name.value, b.name.at, "API", "an API's name is its identity: rename one of them") {
		return nil
	}
	asked := b.probes
	if b.url.text != "" {
		asked = []probeBlock{{settings: b.settings, at: b.at, targets: [len(methods)]leaf[string]{b.url}}}
	}
	var watches []monitor.Watch
	for i := range asked {
		if w, ok := m.watch(b, &asked[i]); ok {
			watches = append(watches, w)
		}
	}
	return append(watches, m.documentsOf(b, watches)...)
}

// unique reports a name that is there already.
func (m *assembly) unique(id string, at place, what, hint string) bool {
	if first, twice := m.names[what+id]; twice {
		m.problem(at, hint, "%s %q is there already, at %s", what, id, first.short())
		return false
	}
	m.names[what+id] = at
	return true
}

// A way is one in which a probe comes to what is judged.
type way struct {
	goes  func(*probeBlock) bool
	watch func(*assembly, *apiBlock, *probeBlock) (monitor.Watch, bool)
}

// ways are all of them; the first that a probe goes counts.
var ways = []way{
	{(*probeBlock).isFile, (*assembly).opening},
	{(*probeBlock).isSocket, (*assembly).conversing},
	{(*probeBlock).isGRPC, (*assembly).calls},
	{(*probeBlock).isReconciliation, (*assembly).reconciling},
	{(*probeBlock).isWebhook, (*assembly).receiving},
	{(*probeBlock).isHeartbeat, (*assembly).listening},
	{always, (*assembly).asking},
}

func always(*probeBlock) bool { return true }

// watch makes one probe with what its answers are judged by. It is not ok when
// the file said too little, which has been reported.
func (m *assembly) watch(api *apiBlock, b *probeBlock) (monitor.Watch, bool) {
	i := slices.IndexFunc(ways, func(w way) bool { return w.goes(b) })
	return ways[i].watch(m, api, b)
}

// secretsIn are the known secrets that a request carries, in whatever part and
// escaped as that part asks for.
func (m *assembly) secretsIn(p probes.Probe) (carried []string) {
	said := fmt.Sprint(p.URL, p.Header, p.Query) + string(p.Body)
	if p.Socket != nil {
		said += string(bytes.Join(p.Socket.Say, nil))
	}
	for _, s := range m.secrets {
		inJSON := quoted(s)
		if containsAny([]string{s, url.PathEscape(s), url.QueryEscape(s), inJSON[1 : len(inJSON)-1]}, []string{said}) {
			carried = append(carried, s)
		}
	}
	slices.Sort(carried)
	return carried
}

// policy is the user's word on judging.
func (b *probeBlock) policy(p probes.Probe) contracts.Policy {
	policy := contracts.Policy{
		API: p.API, Operation: p.Operation, Uses: texts(b.uses),
		Sensitivity: contracts.Sensitivity(b.sensitivity.value),
		View:        shape.View{Maps: texts(b.maps), Records: texts(b.records)},
	}
	policy.Severity, policy.Off = severityOf(b.severity)
	for _, i := range b.ignore {
		policy.Ignore = append(policy.Ignore, contracts.Ignore{Path: i.path.value, Kind: i.kind.value})
	}
	return policy
}

// auth makes a credential once, so that probes share a token.
func (m *assembly) auth(b *authBlock) probes.Auth {
	if made, ok := m.auths[b.at]; ok || b.kind == "" {
		return made
	}
	made := m.newAuth(b)
	m.auths[b.at] = made
	return made
}

func (m *assembly) newAuth(b *authBlock) probes.Auth {
	switch b.kind {
	case "bearer":
		return probes.Bearer(b.bearer.value)
	case "basic":
		return probes.Basic(b.basic.user.value, b.basic.password.value)
	case "header":
		return probes.Header(b.header.name.value, b.header.value.value)
	case "query":
		return probes.Query(b.query.name.value, b.query.value.value)
	case "login":
		return m.login(&b.login)
	case "oauth2":
		o := b.oauth2
		return probes.OAuth2(probes.OAuth2Options{
			TokenURL: o.tokenURL.value, ClientID: o.clientID.value, ClientSecret: o.clientSecret.value, Scopes: texts(o.scopes),
		})
	}
	return m.mtls(b.mtls)
}

// mtls loads the certificate once to see that it can be loaded.
func (m *assembly) mtls(b mtlsAuth) probes.Auth {
	if b.cert.text == "" || b.key.text == "" {
		return nil
	}
	made := probes.MTLS(b.cert.file(), b.key.file())
	if _, err := made.Certificate(); err != nil {
		m.problem(b.cert.at, "PEM files; the key without a passphrase", "%s", err)
	}
	return made
}

// file is the path that a value names, from the folder of the file that says so.
func (l leaf[T]) file() string { return l.at.src.file(l.text) }

func detectorNames() (names []string) {
	for _, d := range detectors.All() {
		names = append(names, d.Name)
	}
	return names
}

func checkDetector(name string) error {
	if names := detectorNames(); !slices.Contains(names, name) {
		return wrong(didYouMean(name, names), "no detector is called %q", name)
	}
	return nil
}
