package demo

import (
	"slices"
	"time"
)

// A Change is one thing a vendor does to its users.
type Change struct {
	Name string        // as in POST /demo/change/{name}
	Says string        // one sentence, as a changelog would have had it
	At   time.Duration // when the script does it, from the start
}

// script starts late enough for a monitor that asks every second to have
// learned what is normal, and ends early enough for the last change to be
// confirmed within a minute.
var script = []Change{
	{"rename", "orders: `customer` is now called `customer_id`", 22 * time.Second},
	{"behind", "the warehouse imports three of ten sales, and answers 200", 23 * time.Second},
	{"enum", "orders: `status` can now be `disputed`", 25 * time.Second},
	{"stuck", "test orders: accepted as ever (201), and never packed", 27 * time.Second},
	{"limit", "rate limit: 5000 requests an hour become 500", 28 * time.Second},
	{"refused", "the nightly export is refused one order, and tries it again for ever", 30 * time.Second},
	{"retype", "invoices: `total` is now a string", 31 * time.Second},
	{"mute", "webhooks: no payout.paid for sixteen hours, and no night took more than eight", MuteAt},
	{"grow", "products: a page now holds 4,000 items instead of 10", 34 * time.Second},
	{"gone", "customers: some no longer have a `country`", 37 * time.Second},
	{"sunset", "balances: will be switched off, says a Sunset header", 40 * time.Second},
}

// MuteAt is when the script says that payouts have been missing for too long.
const MuteAt = 33 * time.Second

// Script returns the changes in the order in which Play does them.
func Script() []Change { return slices.Clone(script) }

func names() (names []string) {
	for _, c := range script {
		names = append(names, c.Name)
	}
	return names
}
