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

// dataKeys is the number of different keys that are data by their form, such as
// dates and ids, up to which an object is kept key by key: more of them and it is
// a map, whatever else it has. A map of scalars then costs the record that holds
// it no more than these and its other keys.
const dataKeys = 64

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

// A budget is how heavy an object of up to so many keys may be and still be
// kept key by key, by its level, in 4096ths of Limits.Nodes.
type budget struct {
	keys   int
	weight [7]int
}

// budgets tell records from maps by what grows without bound: a map has ever
// more keys, and weighs what its keys weigh; a record is heavy because of what
// lies deep below few keys. So few keys may weigh more than many. What a folded
// object weighs is bounded by these rows too, so they are a balance: they leave
// the root two folded maps of the richest records, three of plain ones or seven
// of scalars, a record in a list two of plain ones or three of scalars, and keep
// a pull request four objects deep. At the root there is nothing to protect, and
// a folded root would say nothing: all of it may be used.
var budgets = [...]budget{
	{16, [...]int{4096, 2040, 1900, 1700, 1500, 1200, 900}},
	{48, [...]int{4096, 1664, 1200, 1000, 900, 700, 500}},
	{recordKeys, [...]int{4096, 1280, 1000, 600, 560, 530, 520}},
}

// budget is the weight up to which an object of so many keys is kept.
func (l Limits) budget(level, keys int) int {
	for i := range budgets {
		if keys <= budgets[i].keys {
			return l.of(&budgets[i], level)
		}
	}
	return 0
}

func (l Limits) of(b *budget, level int) int {
	return max(1, l.Nodes*b.weight[min(level, len(b.weight)-1)]/4096)
}
