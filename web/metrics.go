package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// Bounds of what is measured: a label has as many values as the configuration
// has names, and no more rows than these are given out.
const (
	measuredProbes  = 20_000
	scrapeTime      = 5 * time.Second
	maxLabel        = 120 // characters
	metricsDeadline = 1000
)

// A metric is one family of what is measured.
type metric struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

func gauge(name, help string, labels ...string) metric {
	return metric{prometheus.NewDesc("shapewatch_"+name, help, labels, nil), prometheus.GaugeValue}
}

func counter(name, help string, labels ...string) metric {
	m := gauge(name, help, labels...)
	m.kind = prometheus.CounterValue
	return m
}

// A meter reads the source at each scrape; nothing is counted twice.
type meter struct {
	site                                                                   *site
	build, up, apis, state, open, checked, age, latency, bytes, items      metric
	waiting, dead, oldest, used, limit, problems, lag, deadline, remaining metric
	onward, forwarded, onwardAge, onwardFill                               metric
	received, strays                                                       metric
}

func newMeter(s *site) *meter {
	return &meter{
		site:       s,
		build:      gauge("build_info", "Version of shapewatch; always 1.", "version"),
		up:         gauge("store_up", "Whether the store can be read."),
		apis:       gauge("apis", "Watched APIs by state.", "state"),
		state:      gauge("probe_state", "State of a probe: 1 for the one it is in.", "api", "operation", "state"),
		open:       gauge("open_incidents", "Open incidents by API and severity.", "api", "severity"),
		checked:    gauge("probe_last_check_timestamp_seconds", "When a probe was last checked.", "api", "operation"),
		age:        gauge("last_check_timestamp_seconds", "When any probe was last checked."),
		latency:    gauge("probe_latency_seconds", "Response time of a probe's last answer.", "api", "operation"),
		bytes:      gauge("probe_response_bytes", "Size of a probe's last answer, decoded.", "api", "operation"),
		items:      gauge("probe_response_items", "Length of the main list of a probe's last answer.", "api", "operation"),
		remaining:  gauge("probe_rate_limit_remaining_ratio", "Share of the vendor's rate limit that is left.", "api", "operation"),
		waiting:    gauge("outbox_waiting", "Alerts that wait to be told."),
		dead:       gauge("outbox_dead", "Alerts that were given up."),
		oldest:     gauge("outbox_oldest_age_seconds", "Age of the oldest alert that waits."),
		used:       gauge("store_used_bytes", "Size of the store."),
		limit:      gauge("store_limit_bytes", "Size that the store may grow to; 0 in memory."),
		problems:   gauge("problems", "Our own illnesses, as the page tells them."),
		lag:        gauge("schedule_lag_seconds", "How late the most overdue probe is."),
		onward:     gauge("forward_events", "Events of a webhook that your receiver does not have, by state.", "api", "operation", "state"),
		forwarded:  counter("forward_sent_total", "Events of a webhook that your receiver took.", "api", "operation"),
		onwardFill: gauge("forward_fill_ratio", "Which part is used of what a webhook may hold for your receiver; at 1 the vendor hears 503.", "api", "operation"),
		onwardAge:  gauge("forward_oldest_age_seconds", "Age of the oldest event that waits for your receiver.", "api", "operation"),
		received:   counter("webhook_requests_total", "Requests to the address of a webhook since the start, by what became of them.", "api", "operation", "outcome"),
		strays:     counter("webhook_unknown_requests_total", "Requests to an address that no webhook has, since the start."),
		deadline:   gauge("deadline_timestamp_seconds", "When something ends that an API relies on.", "api", "operation", "what"),
	}
}

func (m *meter) all() []metric {
	return []metric{m.build, m.up, m.apis, m.state, m.open, m.checked, m.age, m.latency, m.bytes, m.items,
		m.remaining, m.waiting, m.dead, m.oldest, m.used, m.limit, m.problems, m.lag, m.deadline, m.received, m.strays, m.onward, m.forwarded, m.onwardAge, m.onwardFill}
}

// Describe implements prometheus.Collector.
func (m *meter) Describe(out chan<- *prometheus.Desc) {
	for _, one := range m.all() {
		out <- one.desc
	}
}

// Collect implements prometheus.Collector.
func (m *meter) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	tell := func(one metric, value float64, labels ...string) {
		for i, l := range labels {
			labels[i] = label(l)
		}
		if sample, err := prometheus.NewConstMetric(one.desc, one.kind, value, labels...); err == nil {
			out <- sample
		}
	}
	tell(m.build, 1, m.site.Version)
	l, err := m.site.look(ctx)
	if err != nil {
		m.site.unreadable(ctx, "metrics", err)
		tell(m.up, 0)
		return
	}
	tell(m.up, 1)
	m.ourselves(l, tell)
	m.vendors(l, tell)
	m.forwards(ctx, l, tell)
}

// forwards tells how handing on goes. Of what cannot be read nothing is told.
func (m *meter) forwards(ctx context.Context, l *look, tell teller) {
	if m.site.Forwards == nil {
		return
	}
	hands := map[string]bool{}
	for _, probe := range m.site.Forwards.Sources() {
		hands[probe] = true
	}
	for _, a := range l.apis {
		for _, p := range a.probes {
			if !hands[p.ID] {
				continue
			}
			o, err := m.site.Source.Onward(ctx, p.ID)
			if err != nil {
				m.site.unreadable(ctx, "metrics", err)
				return
			}
			tell(m.onward, float64(o.Waiting), p.API, p.Name, "waiting")
			tell(m.onward, float64(o.Dead), p.API, p.Name, "dead")
			tell(m.forwarded, float64(o.Sent), p.API, p.Name)
			tell(m.onwardFill, o.Fill(m.site.Forwards.Bound(p.ID)), p.API, p.Name)
			tell(m.onwardAge, seconds(o.Oldest, l.now), p.API, p.Name)
		}
	}
}

type teller func(one metric, value float64, labels ...string)

// label makes a name from outside a label's value.
func label(s string) string {
	return strings.ToValidUTF8(string(visible([]byte(clip(maxLabel, s)))), "\ufffd")
}

func (m *meter) ourselves(l *look, tell teller) {
	for s, n := range l.count() {
		tell(m.apis, float64(n), state(s).String())
	}
	tell(m.waiting, float64(l.outbox.Waiting))
	tell(m.dead, float64(l.outbox.Dead))
	tell(m.oldest, seconds(l.outbox.Oldest, l.now))
	tell(m.used, float64(l.used))
	tell(m.limit, float64(l.limit))
	tell(m.problems, float64(len(l.illnesses())))
	tell(m.lag, l.lag().Seconds())
	if !l.newest.IsZero() {
		tell(m.age, unix(l.newest))
	}
}

func seconds(since, now time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return max(0, now.Sub(since).Seconds())
}

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func (m *meter) vendors(l *look, tell teller) {
	told := 0
	sources := m.sources(tell)
	for _, a := range l.apis {
		for _, p := range a.probes {
			if told++; told > measuredProbes {
				return
			}
			m.probe(p, tell)
			if sources[p.ID] {
				m.intake(p, tell)
			}
		}
	}
	for i, n := range l.openBy() {
		tell(m.open, float64(n), i.api, i.severity.String())
	}
	for i, d := range l.calendar() {
		if i >= metricsDeadline {
			break
		}
		tell(m.deadline, unix(d.At.At), d.API, d.Operation, d.What)
	}
}

func (m *meter) probe(p *watchedProbe, tell teller) {
	tell(m.state, 1, p.API, p.Name, p.state.String())
	if !p.checked {
		return
	}
	tell(m.checked, unix(p.last.At), p.API, p.Name)
	if !p.last.Class.Answered() || p.last.Latency == 0 {
		return // a job or a webhook calls us: nothing was answered
	}
	tell(m.latency, p.last.Latency.Seconds(), p.API, p.Name)
	tell(m.bytes, float64(p.last.Bytes), p.API, p.Name)
	if p.last.Class == probes.Valid && p.last.Items >= 0 {
		tell(m.items, float64(p.last.Items), p.API, p.Name)
	}
	if t := p.last.Terms; t.Limit > 0 {
		tell(m.remaining, float64(t.Remaining)/float64(t.Limit), p.API, p.Name)
	}
}

// sources are the probes that are sources of webhooks.
func (m *meter) sources(tell teller) map[string]bool {
	of := map[string]bool{}
	if m.site.Reception == nil {
		return of
	}
	for _, probe := range m.site.Reception.Receiving() {
		of[probe] = true
	}
	if len(of) > 0 {
		tell(m.strays, float64(m.site.Reception.Strays()))
	}
	return of
}

func (m *meter) intake(p *watchedProbe, tell teller) {
	in := m.site.Reception.Intake(p.ID)
	tell(m.received, float64(in.Accepted), p.API, p.Name, "accepted")
	tell(m.received, float64(in.Again), p.API, p.Name, "again")
	for why, n := range in.Refused {
		tell(m.received, float64(n), p.API, p.Name, string(why))
	}
}

type openKey struct {
	api      string
	severity contracts.Severity
}

// openBy counts open incidents.
func (l *look) openBy() map[openKey]int {
	n := map[openKey]int{}
	for _, i := range l.open {
		n[openKey{i.API, i.Severity}]++
	}
	return n
}

// lag is how late the most overdue probe is; cron schedules are not looked at.
func (l *look) lag() (most time.Duration) {
	for _, a := range l.apis {
		for _, p := range a.probes {
			if p.checked && p.Schedule.Every > 0 {
				most = max(most, l.now.Sub(p.last.At.Add(p.Schedule.Every)))
			}
		}
	}
	return most
}

// metrics serves what is measured, and the runtime's own.
func (s *site) metrics() http.HandlerFunc {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(newMeter(s), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	handler := promhttp.HandlerFor(registry, promhttp.HandlerOpts{Timeout: 2 * scrapeTime})
	return s.together(handler.ServeHTTP, "Accept", "Accept-Encoding")
}
