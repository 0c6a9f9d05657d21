package shape_test

import (
	"fmt"
	"strings"
	"time"

	"shapewatch/contracts/shape"
)

func ExampleShape_Variants() {
	learned, now := shape.New(shape.Limits{}), shape.New(shape.Limits{})
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	events := strings.Repeat(`{"type":"paid","amount":5},{"type":"refunded","reason":"x"},`, 10)
	if err := learned.Observe([]byte("["+strings.TrimSuffix(events, ",")+"]"), at); err != nil {
		fmt.Println(err)
	}
	if err := now.Observe([]byte(`[{"type":"refunded"}]`), at); err != nil {
		fmt.Println(err)
	}
	items, _ := learned.Field("/[]")
	for _, v := range now.Variants("/[]", items.Union.Tag) {
		known, _ := items.Union.Variant(v.Hash)
		for _, k := range known.Keys {
			if _, there := v.Key(k.Path); k.Required() && !there {
				fmt.Printf("%s is gone where %s is %s\n", k.Path, items.Union.Tag, v.Value)
			}
		}
	}
	// Output:
	// /[]/reason is gone where type is refunded
}
