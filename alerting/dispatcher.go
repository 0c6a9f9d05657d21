package alerting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"shapewatch/contracts"
	"shapewatch/tracing"
)

// The dispatcher's times and bounds.
const (
	pollEvery   = time.Second
	lease       = 2 * time.Minute
	sendTimeout = 10 * time.Second
	settleTries = 3
	takeAtOnce  = 2500
	maxInHand   = 10_000         // rows, over all channels
	giveUpAfter = 72 * time.Hour // what nobody waits for any more
)

// DispatcherOptions say what to drain, into what.
type DispatcherOptions struct {
	Outbox    Outbox
	Notifiers []Notifier        // with distinct channels
	Log       *slog.Logger      // nil logs nothing
	PublicURL string            // of the page, for links; empty for none
	Fallback  string            // channel that is told what another cannot take; empty for none
	Mentions  map[string]string // by owner, who is called when something opens or gets worse: "<!subteam^S042>"
	// Proposal is the edit of the contract that would accept an incident, as a
	// diff, or empty. It is asked for open incidents, and may take some seconds;
	// nil never has one.
	Proposal func(ctx context.Context, inc Incident) string
}

// A Dispatcher drains the outbox: one worker per channel, so that a sick
// channel delays no other. Within a channel the most severe incident goes
// first; within an incident the order of its steps is kept. What fails is
// tried again after a pause that grows from a second to five minutes, or as
// long as the channel asks, and never given up where it begins or ends an
// incident; what cannot succeed is kept as dead.
//
// A step is told at least once: a crash between sending and settling tells it
// again when its lease is over, and nothing else does.
type Dispatcher struct {
	options DispatcherOptions
	lanes   map[string]*lane
	wake    chan struct{}
	trouble string // last error of the outbox, logged once
	began   time.Time
}

// NewDispatcher returns a dispatcher; nothing happens before [Dispatcher.Run].
func NewDispatcher(options DispatcherOptions) *Dispatcher {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	options.PublicURL = strings.TrimRight(options.PublicURL, "/")
	d := &Dispatcher{options: options, lanes: map[string]*lane{}, wake: make(chan struct{}, 1)}
	for _, notifier := range options.Notifiers {
		d.lanes[notifier.Channel()] = newLane(notifier)
	}
	return d
}

// Wake makes the dispatcher look at the outbox at once: call it after a commit
// that added deliveries. It never blocks.
func (d *Dispatcher) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run drains the outbox until ctx ends. Then it finishes what is being sent,
// gives back what is not, and returns nil.
func (d *Dispatcher) Run(ctx context.Context) error {
	d.began = time.Now()
	var workers sync.WaitGroup
	for _, l := range d.lanes {
		workers.Go(func() { d.work(ctx, l) })
	}
	d.distribute(ctx)
	workers.Wait()
	d.giveBack(context.WithoutCancel(ctx))
	return nil
}

// distribute hands due rows to the workers, when woken and once a second.
func (d *Dispatcher) distribute(ctx context.Context) {
	poll := time.NewTimer(0)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		case <-poll.C:
		}
		d.take(ctx)
		poll.Reset(pollEvery)
	}
}

func (d *Dispatcher) take(ctx context.Context) {
	for d.inHand() < maxInHand {
		now := time.Now()
		rows, err := d.options.Outbox.TakeDeliveries(ctx, now, takeAtOnce, lease)
		d.report(ctx, err)
		d.assign(ctx, rows, now.Add(lease))
		if err != nil || len(rows) < takeAtOnce {
			return
		}
	}
}

// report logs trouble with the outbox when it begins and when it is over.
func (d *Dispatcher) report(ctx context.Context, err error) {
	was := d.trouble
	d.trouble = ""
	if err != nil && ctx.Err() == nil {
		d.trouble = err.Error()
	}
	switch {
	case d.trouble == was:
	case d.trouble != "":
		d.options.Log.Error("outbox cannot be read", "err", err)
	default:
		d.options.Log.Info("outbox can be read again")
	}
}

func (d *Dispatcher) inHand() (n int) {
	for _, l := range d.lanes {
		n += l.len()
	}
	return n
}

func (d *Dispatcher) assign(ctx context.Context, rows []Delivery, until time.Time) {
	hands := map[*lane][]held{}
	for _, row := range rows {
		if l, ok := d.lanes[row.Channel]; ok {
			hands[l] = append(hands[l], held{row, until})
			continue
		}
		err := fmt.Errorf("no channel %q is configured", row.Channel)
		d.failed(ctx, nil, row, &DeliveryError{Err: err, Permanent: true})
	}
	for l, hand := range hands {
		l.add(hand)
	}
}

func (d *Dispatcher) work(ctx context.Context, l *lane) {
	for {
		row, ok := l.next(ctx)
		if !ok {
			return
		}
		d.deliver(ctx, l, row)
		if l.len() == 0 {
			d.Wake() // there may be more, and the next step of the same incident
		}
	}
}

// deliver tells one step. Once begun it is finished, even if ctx ends.
func (d *Dispatcher) deliver(ctx context.Context, l *lane, row Delivery) {
	ctx = context.WithoutCancel(ctx)
	ctx, span := tracing.Ask(ctx, "deliver", slog.String("shapewatch.channel", row.Channel), slog.String("shapewatch.incident", row.Incident),
		slog.String("shapewatch.step", string(row.Transition.Kind)), slog.Int("shapewatch.attempt", row.Attempts+1))
	defer span.End()
	send, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	notice, err := d.options.Outbox.Notice(send, row)
	if errors.Is(err, ErrNotFound) {
		err = &DeliveryError{Err: fmt.Errorf("incident %s: %w", row.Incident, err), Permanent: true}
	}
	if err != nil {
		d.failed(ctx, nil, row, err) // not the channel's fault
		return
	}
	notice.Transition = row.Transition
	if superseded(notice) {
		d.settle(ctx, row, notice.Receipt)
		return
	}
	if d.options.PublicURL != "" {
		notice.Link = d.options.PublicURL + "/incidents/" + row.Incident
	}
	if id := l.bulletinOf(row, notice, time.Now()); id != "" {
		d.sum(ctx, l, id, row, notice)
		return
	}
	if d.adopt(send, l, row, &notice) {
		d.settle(ctx, row, notice.Receipt)
		return
	}
	notice.Mention = d.mention(notice)
	if d.options.Proposal != nil && notice.Incident.Open() {
		notice.Proposal = d.options.Proposal(send, notice.Incident)
	}
	receipt, err := l.send(send, notice)
	if err != nil {
		d.failed(ctx, l, row, err)
		return
	}
	if l.recovers() {
		d.announce(ctx, l, false, "")
	}
	d.settle(ctx, row, receipt)
	if notice.Receipt.Bulletin != "" && notice.Transition.Kind == Closed {
		d.closeMember(ctx, l, notice)
	}
}

// mention is who is to be called: when something opens, comes back or gets
// worse, and not for what is additive.
func (d *Dispatcher) mention(n Notice) string {
	switch n.Transition.Kind {
	case Opened, Reopened, Worsened, Reminded:
		if n.Incident.Severity > contracts.Info {
			return d.options.Mentions[n.Incident.Owner]
		}
	}
	return ""
}

// superseded reports whether a step needs no message of its own: the channel
// has told a later version already, or the end is about to be told. Only
// updates can be superseded.
func superseded(n Notice) bool {
	if n.Transition.Kind == Noted {
		return n.Receipt.Version >= n.Transition.Version // it became more than a line of the digest, and was told
	}
	switch n.Transition.Kind {
	case Updated, Handled, Requested, Summed:
	default:
		return false
	}
	if n.Incident.Sum != nil && n.Incident.Sum.Digest {
		return n.Receipt.Version >= n.Transition.Version // it is over from the start
	}
	over := n.Incident.Condition == Resolved && !n.Incident.Flapping && n.Incident.Version > n.Transition.Version
	return over || n.Receipt.Version >= n.Transition.Version
}

// settle takes the row off the outbox. It tries again, since a row that stays
// is told twice.
func (d *Dispatcher) settle(ctx context.Context, row Delivery, receipt Receipt) {
	receipt.Channel, receipt.Incident = row.Channel, row.Incident
	for try := 1; ; try++ {
		err := d.options.Outbox.SettleDelivery(ctx, row, receipt)
		if err == nil || errors.Is(err, ErrNotFound) {
			return
		}
		if try == settleTries {
			d.options.Log.Error("told but not settled: it may be told again",
				"channel", row.Channel, "incident", row.Incident, "err", err)
			return
		}
		time.Sleep(backoff(row.ID, try) / 10)
	}
}

// failed keeps the row for later, or as dead.
func (d *Dispatcher) failed(ctx context.Context, l *lane, row Delivery, err error) {
	tracing.Fail(ctx, traced(err))
	now := time.Now()
	row.Attempts++
	row.LastError = line(err.Error(), maxStatement)
	var failure *DeliveryError
	if errors.As(err, &failure); failure == nil {
		failure = &DeliveryError{Err: err}
	}
	log := d.options.Log.With("channel", row.Channel, "incident", row.Incident, "step", row.Transition.Kind, "attempts", row.Attempts, "err", row.LastError)
	row.Dead = failure.Permanent || !lasting(row) && now.Sub(row.Created) > giveUpAfter
	if row.Dead {
		log.Error("delivery given up")
	} else {
		wait := min(failure.RetryAfter, maxRetryAfter)
		if wait <= 0 {
			wait = backoff(row.ID, row.Attempts)
		}
		row.NotBefore = now.Add(wait)
		log.Warn("delivery postponed", "wait", wait)
	}
	if l != nil {
		l.failed(failure, now)
		if l.sickens(row.LastError, failure.Permanent, now) {
			d.announce(ctx, l, true, row.LastError)
		}
	}
	keep := d.options.Outbox.PostponeDelivery
	if row.Dead {
		keep = d.bury
	}
	if err := keep(ctx, row); err != nil {
		log.Error("delivery not postponed: it is tried again when its lease ends", "outbox", err)
	}
}

// lasting reports whether a step is told however late: that something begins,
// gets worse or is over stays news. Reminders, updates and what is additive are
// stale after some days.
func lasting(d Delivery) bool {
	switch d.Transition.Kind {
	case Opened, Reopened, Worsened, Unmuted, Closed:
		return true
	}
	return false
}

// giveBack ends the leases of rows that were not sent, so that the next
// process need not wait for them.
func (d *Dispatcher) giveBack(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	for _, l := range d.lanes {
		for _, h := range l.empty(time.Now()) {
			if d.options.Outbox.PostponeDelivery(ctx, h.Delivery) != nil {
				return // the leases end by themselves
			}
		}
	}
}
