package alerting

import "shapewatch/contracts"

// A Ruling is what a person or the passing of time decided about incidents.
// The store commits it whole, in one transaction, or not at all.
type Ruling struct {
	Incidents  []Incident // changed; Version is one above what was read
	Bulletins  []Incident // new and changed, alike; see [Bulletin]
	Silences   []Silence  // new and changed, by ID
	Acts       []Act      // join the audit trail
	Deliveries []Delivery // new outbox rows; the store gives them their ID
	Shifts     []Shift    // baselines that were moved with it
	Settled    []Settled  // rows that wait no more; ErrNotFound when one did not wait
	Dead       []Delivery // rows that are given up, with their LastError; likewise
}

// A Settled row is taken off the outbox; its receipt is kept.
type Settled struct {
	Delivery Delivery
	Receipt  Receipt
}

// A Shift is the baseline of one probe after a person moved it.
type Shift struct {
	Probe string
	Moves uint64           // as recalled: ErrConflict when somebody else moved it meanwhile
	Whole []byte           // encoded; the lessons before it are over
	Parts []contracts.Part // new or (with nil bytes) no more
}
