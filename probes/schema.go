package probes

// A Schema is what a GraphQL API's schema says about the queries that are
// watched. Its facts are the vendor's own statements.
type Schema struct {
	Facts      int // fields, arguments and enum values that the queries use
	Invalid    []InvalidQuery
	Deprecated []Deprecated // of what the queries use
}

// An InvalidQuery is a query that does not fit the schema.
type InvalidQuery struct {
	Query   string // name of its probe
	Problem string // one sentence
}

// A Deprecated field is one that a query uses and the vendor wants to take away.
type Deprecated struct {
	At     string // "Order.total"
	Reason string // as the vendor says it, short; may be empty
}

// InPart is the fact that says that there are more than are followed: what is
// not among them is not gone.
const InPart = "in part = more is used than is followed"
