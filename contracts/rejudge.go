package contracts

// Rejudge is a finding as it would have been told under another policy than
// the one it was found under: with that policy's severity, or not at all when
// it is ignored or its detector is off. How much evidence there was is left as
// it is, so a policy's Sensitivity changes nothing.
func (p Policy) Rejudge(f Finding) (as Finding, told bool) {
	if p.Off[f.Kind] || p.ignores(f) {
		return f, false
	}
	own := f.Severity
	if f.Usual != "" {
		_ = own.UnmarshalText([]byte(f.Usual)) // a severity's own word; a foreign one leaves it as it is
	}
	f.Severity, f.Usual = own, ""
	f.Severity = p.judge(f)
	if f.Severity != own {
		f.Usual = own.String()
	}
	return f, true
}
