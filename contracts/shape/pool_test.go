package shape_test

import (
	"bytes"
	"fmt"
	"testing"

	"shapewatch/contracts/shape"
)

// stocked is an answer of one record with four maps, each of which gets keys
// that no answer before had and that look like words.
func stocked(i int) string {
	m := func(name string) string {
		return fmt.Sprintf(`%q:{"shelf-%s-a%d":1,"shelf-%s-b%d":2}`, name, name, i, name, i)
	}
	return fmt.Sprintf(`{"data":[{"id":%d,"name":"n","price":1,%s,%s,%s,%s}]}`, i, m("north"), m("south"), m("east"), m("west"))
}

// TestPool_KeepsARecordWithManyMaps: maps that are known to be maps must not
// outweigh the record around them, which would become a map itself.
func TestPool_KeepsARecordWithManyMaps(t *testing.T) {
	plain, pooled := shape.New(shape.Limits{}), shape.New(shape.Limits{})
	for i := range 400 {
		one := observed(t, stocked(i))
		plain.Merge(one)
		for _, path := range []string{"/data/[]/north", "/data/[]/south", "/data/[]/east", "/data/[]/west"} {
			if pooled.Wide(path) {
				one.Pool(path)
				pooled.Pool(path)
			}
		}
		pooled.Merge(one)
	}
	if f, ok := plain.Field("/data/[]"); !ok || !f.IsMap {
		t.Fatal("the record is light enough as it is: this test shows nothing")
	}
	f, ok := pooled.Field("/data/[]")
	if price, there := pooled.Field("/data/[]/price"); !ok || f.IsMap || !there || price.Count != 400 {
		t.Errorf("the record is a map: %t; its price was seen %d times", f.IsMap, price.Count)
	}
	if in, ok := pooled.Field("/data/[]/west/{}"); !ok || in.Count != 800 || in.Kinds[shape.Int] != 800 {
		t.Errorf("the values of a pooled map: %d", in.Count)
	}
	if pooled.Pool("/data/[]/west") || pooled.Pool("/data/[]/price") || pooled.Pool("/nope") {
		t.Error("pooled what is no map, or again what is pooled")
	}
}

// TestPool_MergesInAnyOrder: pooled shapes and others add up alike.
func TestPool_MergesInAnyOrder(t *testing.T) {
	var sums [][]byte
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
		sum := shape.New(shape.Limits{})
		for _, i := range order {
			one := observed(t, stocked(i), stocked(i+10))
			if i > 0 {
				one.Pool("/data/[]/north")
			}
			sum.Merge(one)
		}
		encoded, err := sum.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, encoded)
	}
	if !bytes.Equal(sums[0], sums[1]) || !bytes.Equal(sums[0], sums[2]) {
		t.Error("the order of merging shows")
	}
}
