// Package pullrequest keeps one pull request per contract file, whose diff
// makes the contract say what the API answers now. [Reconcile] compares what
// should be there with what a [Forge] has and makes the fewest calls that bring
// them together. It remembers nothing itself: a hidden mark in the body of the
// request (or in the message of its commit) says for which findings it stands
// and which commit was ours, so it may be run at any time, twice, or after a
// crash.
//
// A branch that holds somebody else's commit is theirs: it is never written
// again. A request that a person closed is a no to that set of findings: it is
// opened again only for another set.
package pullrequest
