package web

import "net/http"

// A route is one address, what it needs, and what answers it.
type route struct {
	pattern string
	needs   need
	machine bool // its errors are JSON
	serve   http.HandlerFunc
	public  http.HandlerFunc // for somebody without a login; nil: the same for everybody
}

// routes is the whole surface: an address that is not here is a 404.
func (s *site) routes() []route {
	return append(s.pageRoutes(), s.machineRoutes()...)
}

func (s *site) pageRoutes() []route {
	return []route{
		{pattern: "GET /{$}", needs: reading, serve: s.page(s.overviewPage), public: s.page(s.publicPage)},
		{pattern: "GET /apis/{api}", needs: knowing, serve: s.page(s.apiPage)},
		{pattern: "GET /apis/{api}/history", needs: knowing, serve: s.page(s.zoomPage)},
		{pattern: "GET /incidents", needs: knowing, serve: s.page(s.historyPage)},
		{pattern: "GET /incidents.csv", needs: knowing, serve: s.together(s.historyCSV)},
		{pattern: "GET /incidents/{id}", needs: knowing, serve: s.page(s.incidentPage)},
		{pattern: "POST /incidents/{id}/acts", needs: acting, serve: s.actForm},
		{pattern: "GET /calendar", needs: knowing, serve: s.page(s.calendarPage)},
		{pattern: "GET /silences", needs: knowing, serve: s.page(s.silencesPage)},
		{pattern: "POST /silences", needs: acting, serve: s.silenceForm},
		{pattern: "POST /silences/{id}/end", needs: acting, serve: s.unsilenceForm},
		{pattern: "POST /forwards", needs: acting, serve: s.ruleForm},
		{pattern: "GET /about", needs: knowing, serve: s.page(s.aboutPage)},
		{pattern: "GET /login", needs: anyone, serve: s.loginPage},
		{pattern: "POST /login", needs: anyone, serve: s.login},
		{pattern: "GET /login/oidc", needs: anyone, serve: s.oidcLogin},
		{pattern: "GET /login/callback", needs: anyone, serve: s.oidcCallback},
		{pattern: "POST /logout", needs: anyone, serve: s.logout},
		{pattern: "GET /static/{file}", needs: anyone, serve: s.static},
		{pattern: "/", needs: anyone, serve: s.missingPage},
	}
}

func (s *site) machineRoutes() []route {
	return []route{
		{pattern: "GET /api/v1/overview", needs: reading, machine: true, serve: s.machine(s.overviewJSON), public: s.machine(s.publicJSON)},
		{pattern: "GET /api/v1/apis/{api}", needs: knowing, machine: true, serve: s.machine(s.apiJSON)},
		{pattern: "GET /api/v1/apis/{api}/shape", needs: knowing, machine: true, serve: s.machine(s.shapeJSON)},
		{pattern: "GET /api/v1/apis/{api}/hours", needs: knowing, machine: true, serve: s.machine(s.hoursJSON)},
		{pattern: "GET /api/v1/contracts", needs: knowing, machine: true, serve: s.machine(s.contractsJSON)},
		{pattern: "GET /api/v1/proposals", needs: knowing, machine: true, serve: s.machine(s.proposalsJSON)},
		{pattern: "GET /api/v1/pull-requests", needs: knowing, machine: true, serve: s.patient(s.wishesJSON)},
		{pattern: "POST /api/v1/pull-requests", needs: acting, machine: true, serve: s.patient(s.pullsJSON)},
		{pattern: "POST /api/v1/apis/{api}/forget", needs: acting, machine: true, serve: s.machine(s.unlearnJSON)},
		{pattern: "GET /api/v1/incidents", needs: knowing, machine: true, serve: s.machine(s.incidentsJSON)},
		{pattern: "GET /api/v1/incidents/{id}", needs: knowing, machine: true, serve: s.machine(s.incidentJSON)},
		{pattern: "POST /api/v1/incidents/{id}/acts", needs: acting, machine: true, serve: s.machine(s.actJSON)},
		{pattern: "GET /api/v1/silences", needs: knowing, machine: true, serve: s.machine(s.silencesJSON)},
		{pattern: "POST /api/v1/silences", needs: acting, machine: true, serve: s.machine(s.silenceJSON)},
		{pattern: "DELETE /api/v1/silences/{id}", needs: acting, machine: true, serve: s.machine(s.unsilenceJSON)},
		{pattern: "GET /api/v1/forwards", needs: knowing, machine: true, serve: s.machine(s.forwardsJSON)},
		{pattern: "POST /api/v1/forwards", needs: acting, machine: true, serve: s.machine(s.ruleJSON)},
		{pattern: "GET /api/v1/webhooks", needs: knowing, machine: true, serve: s.machine(s.webhooksJSON)},
		{pattern: "GET /api/v1/audit", needs: knowing, machine: true, serve: s.machine(s.auditJSON)},
		{pattern: "GET /api/v1/deadlines", needs: knowing, machine: true, serve: s.machine(s.deadlinesJSON)},
		{pattern: "GET /api/v1/openapi.json", needs: anyone, machine: true, serve: s.openapi},
		{pattern: "GET /api/v2/summary.json", needs: reading, machine: true, serve: s.machine(s.summaryJSON)},
		{pattern: "GET /calendar.ics", needs: reading, serve: s.together(s.calendarICS)},
		{pattern: "GET /badge/{file}", needs: reading, serve: s.together(s.badge)},
		{pattern: "GET /metrics", needs: knowing, machine: true, serve: s.metrics()},
		{pattern: "GET /apis/{api}/feed.atom", needs: reading, serve: s.together(s.feed)},
		{pattern: "GET /feed.atom", needs: reading, serve: s.together(s.feed)},
		{pattern: "GET /events", needs: reading, serve: s.events},
		{pattern: "GET /healthz", needs: anyone, serve: s.healthz},
		{pattern: "GET /readyz", needs: anyone, serve: s.readyz},
		{pattern: "/api/", needs: anyone, machine: true, serve: s.machine(s.missingJSON)},
	}
}
