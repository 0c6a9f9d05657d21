package reconcile

// For sides of tests that sum themselves up.
var (
	BucketOf = bucketOf
	HashOf   = hashOf
)
