package shape

// Limits bound what a shape keeps and what a body may ask for. A zero field
// takes its default. Shapes that are merged should have equal limits.
type Limits struct {
	Nodes    int   // paths kept; beyond it heavy objects are folded into maps (4,096)
	Depth    int   // nesting of a body; deeper is a [LimitError] (64, at most 250)
	Keys     int   // keys of one object of a body; more is a [LimitError] (100,000)
	KeyBytes int   // longer keys are cut and end in their hash (256, at least 32)
	Body     int64 // bytes of a body; more is a [LimitError] (64 MiB)
}

// recordKeys is the number of different keys up to which an object is kept
// key by key; it bounds what a map of scalars costs the record that holds it.
const recordKeys = 512

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
	l.Depth, l.KeyBytes = min(l.Depth, 250), max(l.KeyBytes, 32)
	if l.Body <= 0 {
		l.Body = 64 << 20
	}
	return l
}

// budgets are the weights, in 4096ths of Limits.Nodes, up to which an object is
// kept key by key, by its level. They shrink fast enough that a record may hold
// two folded maps of records, or three of scalars near the root, without being
// folded itself, and slowly enough that a rich record deep inside stays one.
var budgets = [...]int{4096, 1664, 1040, 490, 200, 80, 32}

func (l Limits) budget(level int) int {
	return max(1, l.Nodes*budgets[min(level, len(budgets)-1)]/4096)
}
