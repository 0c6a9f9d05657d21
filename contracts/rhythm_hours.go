package contracts

// HoursOfWeek is how many hours a week has.
const HoursOfWeek = 7 * 24

// Counts is how often something was seen in each hour of the week (UTC), from
// Sunday midnight on.
func (r Rhythm) Counts() (counts [HoursOfWeek]uint64) {
	for _, s := range r {
		if s[slotHour] < HoursOfWeek {
			counts[s[slotHour]] += s[slotCount]
		}
	}
	return counts
}
