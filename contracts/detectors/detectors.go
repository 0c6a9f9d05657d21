// Package detectors is the list of ways in which an API's answers can depart
// from what was learned or agreed: one file each, with its documentation, and
// a folder of fixtures under testdata. Everything here is pure: a detector
// looks at one [contracts.Comparison] and reports what differs in it. How often
// it must differ before anybody is told is not decided here but by
// [contracts.Weigh].
//
// To add one, write the file, its fixtures (one that fires, one that stays
// quiet) and one line in [All].
package detectors

import "shapewatch/contracts"

// All returns every detector, in the order in which they run. The order
// matters once: those that absorb others come after them.
func All() []contracts.Detector {
	return []contracts.Detector{
		unreachable(),
		protocolError(),
		statusChanged(),
		mediaTypeChanged(),
		notJSON(),
		invalidJSON(),
		overLimit(),
		errorEnvelope(),
		partialData(),
		loginWall(),
		auth(),
		halfDone(),
		leftBehind(),
		jobLate(),
		jobFailed(),
		jobRetrying(),
		jobOverlapping(),
		jobSlow(),
		jobNothingDone(),
		webhookSilent(),
		webhookRefused(),
		webhookNotHandedOn(),
		webhookFlood(),
		webhookDelayed(),
		documentUnreadable(),
		announcedChange(),
		announcedAddition(),
		outOfStep(),
		fieldStopped(),
		driftingApart(),
		fallsBehind(),
		fieldRemoved(),
		nestingMoved(),
		envelopeChanged(),
		fieldOptional(),
		nullNew(),
		kindChanged(),
		formatChanged(),
		enumNew(),
		enumGone(),
		valueGutted(),
		valueFrozen(),
		scaleShift(),
		idChanged(),
		idHeadroom(),
		fieldNew(),
		renameInProgress(),
		degradedResponse(),
		numberWidened(),
		contractMismatch(),
		rateLimit(),
		rateLimitRaised(),
		rateLimitStill(),
		retryAfterChanged(),
		volume(),
		queryInvalid(),
		schemaChanged(),
		schemaValueNew(),
		schemaDeprecated(),
		pagingBroken(),
		pagingIncomplete(),
		pagingUnordered(),
		pageSizeIgnored(),
		freshness(),
		latency(),
		providerSays(),
		rateLimitHeaderNew(),
		versionChanged(),
		errorBodyNew(),
		mixedShapes(),
	}
}
