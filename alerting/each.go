package alerting

// Each says that a receiver of events takes each incident, however many.
func (w *Webhook) Each() bool { return true }

// Each says that PagerDuty groups by itself.
func (p *PagerDuty) Each() bool { return true }

// Each says that Opsgenie groups by itself.
func (o *Opsgenie) Each() bool { return true }

// Each says that Alertmanager groups by itself.
func (a *Prometheus) Each() bool { return true }

// Each says that a command is run for each incident.
func (c *Command) Each() bool { return true }

// Each says that a log gets a line for each incident.
func (l *Log) Each() bool { return true }
