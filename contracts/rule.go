package contracts

// A Rule says how the findings of a detector are weighed over time.
type Rule struct {
	Trial Trial `json:"trial,omitempty"` // which observations speak about the fact at all
	// Prior is how many checks without the deviation the world vouches for
	// before our own are counted. A kind that never changed in twenty checks is
	// better evidence than an absence that never happened in twenty, because
	// content makes fields come and go but hardly ever changes a kind.
	Prior float64 `json:"prior,omitempty"`
	// Votes replaces the sequential test by three of the last five: for facts
	// about the answer as a whole, of which there are few and which content
	// never causes.
	Votes bool `json:"votes,omitempty"`
	// Sure says that one sample is enough: the fact is our own to know, such as
	// what became of a run.
	Sure bool `json:"sure,omitempty"`
	// Additive says that nobody breaks: once confirmed it is told and learned.
	Additive bool `json:"additive,omitempty"`
	// Agreed says that the fact is held against the contract, not against the
	// baseline: what was so from the first day on is parked as known.
	Agreed bool `json:"agreed,omitempty"`
	// Beyond says that no contract can foresee the fact: a schema, as we read
	// it, knows no units and no usual sizes.
	Beyond bool `json:"beyond,omitempty"`
	// Aside says that the fact keeps no answer from being learned: it is about
	// time or about refusals, and what is in the answer is as good as ever.
	Aside bool `json:"aside,omitempty"`
	// Varies says that content can cause it: an entity may have been born so,
	// and is then evidence once, however often it is shown.
	Varies bool `json:"varies,omitempty"`
	// Novel says that something merely came that was not there before: until
	// the baseline has settled that is only good to know.
	Novel bool `json:"novel,omitempty"`
	// Returns says that the fact is followed beyond its end, because it may
	// come back.
	Returns Return `json:"returns,omitempty"`
}

// A Trial says which observations are evidence about a fact. All others
// neither confirm nor resolve it: no data is not a change.
type Trial uint8

// The trials.
const (
	EveryAnswer  Trial = iota // valid answers
	EveryReply                // anything the vendor sent, whatever it was
	EveryParent               // valid answers in which the parent of the path was an object with keys
	EveryValue                // valid answers in which the path had a value
	EveryRefusal              // answers that said no, by status or in their body
	EveryLook                 // looks at how events come in; the events themselves say nothing about it
)
