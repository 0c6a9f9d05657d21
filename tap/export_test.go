package tap

// Mask is mask, for tests.
var Mask = mask
