package contracts

// look counts a re-probe about a suspicion. One that says nothing of it, such as
// an empty list, leaves it as open as it was: it is asked again.
func (s *stream) look(o *Observation, spoken bool) {
	s.Unsure = false
	if o.Reprobe && !s.Asleep && !s.Confirmed {
		s.Looks++
		s.Unsure = !spoken && s.Clean == 0
	}
}

// asks says that another look would tell more of a suspicion.
func (v *Verdict) asks(s *stream) {
	if !v.Ask || s.Looks < v.Looks {
		v.Looks = s.Looks
	}
	v.Ask = true
}
