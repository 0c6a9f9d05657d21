package shape

// Limits bound what a shape keeps and what a body may ask for. A zero field
// takes its default. Shapes that are merged should have equal limits.
type Limits struct {
	Nodes    int   // paths kept; beyond it heavy objects are folded into maps (4,096, at most 65,536)
	Depth    int   // nesting of a body; deeper is a [LimitError] (64, at most 250)
	Keys     int   // keys of one object of a body; more is a [LimitError] (100,000, at most a billion)
	KeyBytes int   // longer keys are cut and end in their hash (256, 32 to 65,536)
	Body     int64 // bytes of a body; more is a [LimitError] (64 MiB, at most 1 TiB)
}

// recordKeys is the number of different keys up to which an object is kept
// key by key; it bounds what a map of scalars costs the record that holds it.
const recordKeys = 512

// The largest limits; a decoder refuses larger ones.
const (
	maxNodes    = 1 << 16
	maxDepth    = 250
	maxKeys     = 1 << 30
	maxKeyBytes = 1 << 16
	maxBody     = 1 << 40
)

func (l Limits) orDefaults() Limits {
	pick := func(v *int, fallback int) {
		if *v <= 0 {
			*v = fallback
		}
	}
	pick(&l.Nodes, 4096)
	pick(&l.Depth, 64)
	pick(&l.Keys, 100_000)
	pick(&l.KeyBytes, 256)
	if l.Body <= 0 {
		l.Body = 64 << 20
	}
	return Limits{
		Nodes: min(l.Nodes, maxNodes), Depth: min(l.Depth, maxDepth), Keys: min(l.Keys, maxKeys),
		KeyBytes: min(max(l.KeyBytes, 32), maxKeyBytes), Body: min(l.Body, maxBody),
	}
}

// budgets are the weights, in 4096ths of Limits.Nodes, up to which an object is
// kept key by key, by its level. They shrink fast enough that a record may hold
// two folded maps of records, or three of scalars near the root, without being
// folded itself, and slowly enough that a rich record deep inside stays one.
var budgets = [...]int{4096, 1664, 1040, 490, 200, 80, 32}

func (l Limits) budget(level int) int {
	return max(1, l.Nodes*budgets[min(level, len(budgets)-1)]/4096)
}
