package main

import (
	"time"
)

// configFile is the configuration as a file says it; config_keys.go names its
// keys.
type configFile struct {
	defaults settings
	include  []leaf[string]
	contact  leaf[string]
	apis     []apiBlock
	slack    slackBlock
	alerts   alertsBlock
	pr       prBlock
	page     pageBlock
	store    storeBlock
	tracing  tracingBlock
	learned  leaf[string]
}

// settings are what defaults, an API and a probe may all say. Each starts as a
// copy of the one above it.
type settings struct {
	group, owner   leaf[string]
	labels         map[string]leaf[string]
	contract       leaf[string]
	known          leaf[string]
	remoteRefs     leaf[bool]
	auth           authBlock
	headers, query map[string]leaf[string]
	every          leaf[time.Duration]
	cron, timezone leaf[string]
	timeout        leaf[time.Duration]
	maxBody        leaf[int64]
	allowPrivate   leaf[bool]
	limits         limitsBlock
	uses           []leaf[string]
	usesFrom       []usesBlock
	maps, records  []leaf[string]
	ignore         []ignoreBlock
	severity       map[string]leaf[string]
	sensitivity    leaf[string]
}

type apiBlock struct {
	settings
	at        place
	name      leaf[string]
	url, base leaf[string]
	spec      specBlock
	probes    []probeBlock
}

type probeBlock struct {
	settings
	at        place
	targets   [len(methods)]leaf[string] // by method
	body      leaf[string]
	json      leaf[[]byte]
	name      leaf[string]
	operation leaf[string]
	params    map[string]leaf[string]
	expect    expectBlock
	heartbeat heartbeatBlock
	webhook   sourceBlock
	reconcile reconcileBlock
	workflow  []stepBlock
	cleanup   []stepBlock
	within    leaf[time.Duration]
	paging    pagingBlock
	events    eventsBlock
	socket    socketBlock
	grpc      grpcBlock
	path      leaf[string] // of files to read
	graphql   graphqlBlock
}

// methods are the ways to ask, as a probe names them.
var methods = [...]string{"get", "post", "put", "patch", "delete", "head"}

type expectBlock struct{ status []leaf[int] }

type limitsBlock struct {
	perSecond  leaf[float64]
	concurrent leaf[int]
}

type ignoreBlock struct{ path, kind leaf[string] }

// authBlock holds the credentials of the one kind that was written.
type authBlock struct {
	at            place
	kind          string // the key that was written; empty for none
	bearer        leaf[string]
	basic         basicAuth
	header, query namedSecret
	oauth2        oauth2Auth
	login         loginAuth
	mtls          mtlsAuth
}

type basicAuth struct{ user, password leaf[string] }

type oauth2Auth struct {
	tokenURL, clientID, clientSecret leaf[string]
	scopes                           []leaf[string]
}

type mtlsAuth struct{ cert, key leaf[string] }

type namedSecret struct{ name, value leaf[string] }

type slackBlock struct {
	at                         place
	botToken, channel, webhook leaf[string]
	apiURL, appToken, template leaf[string]
	broadcast                  leaf[bool]
}

type alertsBlock struct {
	channels []channelBlock
	routes   []routeBlock
	life     lifeBlock
}

type routeBlock struct {
	at                                   place
	apis, groups, owners, kinds, actions []leaf[string]
	severity                             leaf[string]
	labels                               map[string]leaf[string]
	channels                             []leaf[string]
	goOn                                 leaf[bool]
	quiet                                quietBlock
}

type storeBlock struct {
	path    leaf[string]
	keep    keepBlock
	maxSize leaf[int64]
}

type keepBlock struct{ checks, hours, incidents leaf[time.Duration] }
