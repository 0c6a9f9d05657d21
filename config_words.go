package main

// otherWords are names that other programs give to what we call otherwise.
var otherWords = map[string]string{
	"interval": "every", "frequency": "every", "period": "every", "schedule": "cron", "crontab": "cron",
	"tz": "timezone", "time_zone": "timezone", "endpoint": "url", "uri": "url", "address": "url", "target": "url",
	"base_url": "base", "baseurl": "base", "host": "base", "openapi": "contract", "swagger": "contract",
	"schema": "contract", "authentication": "auth", "header": "headers", "params": "query", "parameters": "params",
	"endpoints": "probes", "checks": "probes", "monitors": "apis", "services": "apis", "team": "owner", "tags": "labels",
	"webhook_url": "webhook", "webhook-url": "webhook", "token": "bearer", "username": "user", "pass": "password",
	"api_key": "header", "apikey": "header", "client_cert": "mtls", "tls": "mtls", "data": "body", "payload": "json",
	"rate_limit": "limits", "fields": "uses", "exclude": "ignore", "port": "listen", "database": "store", "db": "store",
	"retention": "keep", "status_code": "status", "alerting": "alerts", "notifications": "alerts", "id": "name", "title": "name",
}

// homes say where a key belongs that was written elsewhere.
var homes = []struct {
	where string
	names func() []string
}{
	{"at the top of the file", topKeys.names},
	{"in an API: - name: …", apiKeys.names},
	{"in a probe, under probes:", probeKeys.names},
	{"under auth:", authKeys.names},
	{"under auth: oauth2:", oauth2Keys.names},
	{"under slack:", slackKeys.names},
	{"under page:", pageKeys.names},
	{"under store:", storeKeys.names},
	{"under limits:", limitsKeys.names},
	{"under expect:", expectKeys.names},
	{"under store: keep:", keepKeys.names},
	{"under alerts:", alertsKeys.names},
	{"in a route, under alerts: routes:", routeKeys.names},
	{"under alerts: digest:", digestKeys.names},
	{"in a maintenance, under alerts: maintenance:", maintenanceKeys.names},
	{"in quiet:, in a route", quietKeys.names},
}
