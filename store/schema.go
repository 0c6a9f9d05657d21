package store

// schema is the version of the bucket tree that this release writes.
const schema = 1
