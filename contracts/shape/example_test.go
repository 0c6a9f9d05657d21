package shape_test

import (
	"fmt"
	"time"

	"shapewatch/contracts/shape"
)

func Example() {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	monday, tuesday := shape.New(shape.Limits{}), shape.New(shape.Limits{})
	if err := monday.Observe([]byte(`{"data":[{"id":"cus_9s6XKzkNRiz8i3","state":"active"},{"id":"cus_4fdAW5ftNQow1a","state":null}]}`), at); err != nil {
		fmt.Println(err)
	}
	if err := tuesday.Observe([]byte(`{"data":[{"id":"cus_NffrFeUfNV2Hib","state":"active","since":"2026-02-01"}]}`), at); err != nil {
		fmt.Println(err)
	}
	fmt.Println(tuesday.Observe([]byte(`{"data":[{"id":"cus_`), at))

	monday.Merge(tuesday)
	for _, f := range monday.Fields() {
		required, answers := f.Required()
		fmt.Printf("%-16s %d of %d, required %t in %d answers", f.Path, f.Count, f.Parents, required, answers)
		if len(f.Formats) > 0 {
			fmt.Printf(", %q", f.Formats[0].Format)
		}
		fmt.Println()
	}
	// Output:
	// not JSON at byte 20, path "/data/0/id": the text ends inside a string
	//                  2 of 2, required true in 2 answers
	// /data            2 of 2, required true in 2 answers
	// /data/[]         3 of 3, required true in 2 answers
	// /data/[]/id      3 of 3, required true in 2 answers, "prefixed-id"
	// /data/[]/since   1 of 3, required false in 2 answers, "date"
	// /data/[]/state   3 of 3, required true in 2 answers, ""
}
