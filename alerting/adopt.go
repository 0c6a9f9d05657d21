package alerting

import "context"

// An Adopter is a notifier that can see what it has told. After a crash between
// telling and settling, or an answer that never came, what was told is adopted
// and not told again.
type Adopter interface {
	// Adopt looks for the message about the notice's incident that an earlier
	// process or attempt left, and returns where it is and which version it told.
	// found is false when there is none. It is asked for rows from before this
	// process, or that failed before, whose incident has no receipt in the
	// channel, and should be cheap: an error means that it cannot see, and the
	// step is told, perhaps again.
	Adopt(ctx context.Context, notice Notice) (receipt Receipt, found bool, err error)
}

// adopt gives a notice the receipt of a message that a process before this one
// posted and could not note, or that an attempt posted whose answer was lost;
// told says that the step is in it.
func (d *Dispatcher) adopt(ctx context.Context, l *lane, row Delivery, n *Notice) (told bool) {
	adopter, able := l.notifier.(Adopter)
	if !able || n.Receipt.Ref != "" || row.Attempts == 0 && !row.Created.Before(d.began) {
		return false
	}
	receipt, found, err := adopter.Adopt(ctx, *n)
	switch {
	case err != nil:
		d.options.Log.Warn("the channel does not show what was told: a step may be told twice", "channel", row.Channel, "incident", row.Incident, "err", err)
	case found:
		n.Receipt = receipt
		return receipt.Version >= row.Transition.Version
	}
	return false
}
