package webhooks_test

import (
	"fmt"
	"testing"
	"time"

	"shapewatch/webhooks"
)

// hushed are types of office hours that stopped one after another over two
// days, and had bank holidays before.
func hushed(types int) (rhythms []webhooks.Rhythm) {
	for i := range types {
		end := on(0, 9, 0).Add(time.Duration(i) * 33 * time.Hour / time.Duration(types))
		rhythms = append(rhythms, worked(fmt.Sprint("type.", i), 9, end, "02-02", "02-16"))
	}
	return rhythms
}

// BenchmarkEar_LooksAtManyTypes is a look at as many types as a source may have,
// none of which comes any more.
func BenchmarkEar_LooksAtManyTypes(b *testing.B) {
	rhythms, now := hushed(256), on(3, 15, 0)
	for b.Loop() {
		ear := webhooks.Listen(rhythms, webhooks.Times{})
		for i := range rhythms {
			ear.Silent(i, now)
			ear.Covered(i, now)
		}
	}
}
