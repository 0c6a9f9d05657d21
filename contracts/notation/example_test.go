package notation_test

import (
	"fmt"
	"os"
	"time"

	"shapewatch/contracts/notation"
	"shapewatch/contracts/shape"
)

func ExampleTypeScript() {
	s := shape.New(shape.Limits{})
	if err := s.Observe([]byte(`{"id":7,"tags":["a"],"note":null}`), time.Unix(1772366400, 0)); err != nil {
		fmt.Println(err)
	}
	if err := notation.TypeScript(os.Stdout, s, notation.Options{Title: "order"}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// // Learned by shapewatch from 1 answer.
	//
	// export interface Order {
	//   id: number;
	//   note: null;
	//   tags: Array<string>;
	// }
}
