package contracts

// A Contract is what was agreed for one operation: an OpenAPI document,
// written, published or learned, reduced to what answers can be held against.
type Contract struct {
	Source    string // file or URL it came from, for messages
	Operation string // operationId, or method and path template
}
