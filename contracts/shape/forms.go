package shape

import "slices"

// What a value looks like within a variant is kept as the set of formats that
// were seen, one bit each: sets are merged by adding them up, in any order and
// as often as one likes, and an object whose formats were seen before costs
// nothing. Ranges and values are not kept by variant: numbers are ever new, so
// each object would touch each of its keys in each row of each tag.

// A form is what narrows one value: the format of a string, or whether an
// integer is a time. It is a place in a formSet.
type form uint8

const (
	untimed  form = 0  // an integer that is no time
	formless form = 55 // anything else: nothing narrows it
)

func formOf(f format) form { return form(f) + 1 }

// A formSet has a bit for each form but formless.
type formSet uint64

// looks are the kinds that were seen, a bit for each, and below them a formSet.
type looks uint64

func looksOf(kinds uint8, forms formSet) looks {
	return looks(kinds)<<(formless+1) | looks(forms)&(1<<formless-1)
}

func (l looks) kinds() uint8   { return uint8(l >> (formless + 1)) }
func (l looks) forms() formSet { return formSet(l & (1<<formless - 1)) }

func (s *formSet) add(f form) { *s |= 1 << f &^ (1 << formless) }

const (
	timeForms = 1<<(epochSeconds+1) | 1<<(epochMillis+1) | 1<<(epochMicros+1) | 1<<(epochNanos+1)
	intForms  = timeForms | 1<<untimed
)

// forms are those of all values at a node, as far as their kinds have any.
func (n *node) forms(kinds uint8) (all formSet) {
	if kinds&(1<<String|1<<Int) == 0 {
		return 0
	}
	times := uint64(0)
	if n.text != nil {
		for _, c := range n.text.formats.cells {
			if c.count == 0 {
				continue
			}
			f := formSet(1) << formOf(format(c.key))
			if all |= f; f&timeForms != 0 {
				times += c.count
			}
		}
	}
	if n.kinds[Int] > times {
		all.add(untimed)
	}
	if kinds>>String&1 == 0 {
		all &= intForms
	}
	if kinds>>Int&1 == 0 {
		all &^= intForms
	}
	return all
}

// names are the formats of the strings, and of the integers when all of them
// are times of one unit, by name.
func (s formSet) names() (names []string) {
	if ints := s & intForms; ints&(1<<untimed) != 0 || ints&(ints-1) != 0 {
		s &^= intForms
	}
	for f := plain; f < numFormats; f++ {
		if s>>formOf(f)&1 == 1 {
			name, _ := f.name()
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
