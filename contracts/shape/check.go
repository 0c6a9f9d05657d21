package shape

import "fmt"

// A checker walks a body without learning from it. It runs before a body is
// added to a shape that holds something already, so that a body which breaks
// in its last byte leaves no trace; and it skips what is no evidence.
type checker struct {
	b       []byte
	limits  Limits
	problem string // why the walk stopped; "" while all is well
	limit   bool   // the problem is a limit, not a mistake
	at      int    // where the problem is
}

const stopped = -1

func (c *checker) stop(at int, problem string) int {
	if c.problem == "" {
		c.at, c.problem = at, problem
	}
	return stopped
}

func (c *checker) over(at int, problem string) int {
	if c.problem == "" {
		c.limit = true
	}
	return c.stop(at, problem)
}

func (c *checker) tooDeep(at int) int {
	return c.over(at, fmt.Sprintf("nested deeper than %d", c.limits.Depth))
}

func (c *checker) tooManyKeys(at int) int {
	return c.over(at, fmt.Sprintf("object with more than %d keys", c.limits.Keys))
}

// skip walks the value at i and returns the index after it.
func (c *checker) skip(i, depth int) int {
	if i >= len(c.b) {
		return c.stop(i, "the text ends before a value")
	}
	var problem string
	switch b := c.b[i]; b {
	case '"':
		if i, _, problem = scanText(c.b, i+1); problem == "" {
			i++
		}
	case '{':
		return c.skipObject(i, depth+1)
	case '[':
		return c.skipArray(i, depth+1)
	case 't':
		i, problem = scanWord(c.b, i, "true")
	case 'f':
		i, problem = scanWord(c.b, i, "false")
	case 'n':
		i, problem = scanWord(c.b, i, "null")
	default:
		if b != '-' && b-'0' > 9 {
			return c.stop(i, "invalid value")
		}
		var v number
		i, problem = scanNumber(c.b, i, &v)
	}
	if problem != "" {
		return c.stop(i, problem)
	}
	return i
}

func (c *checker) skipObject(i, depth int) int {
	if depth > c.limits.Depth {
		return c.tooDeep(i)
	}
	i = skipSpace(c.b, i+1)
	if i < len(c.b) && c.b[i] == '}' {
		return i + 1
	}
	for keys := 1; ; keys++ {
		if i >= len(c.b) || c.b[i] != '"' {
			return c.stop(i, "expected a key")
		}
		if keys > c.limits.Keys {
			return c.tooManyKeys(i)
		}
		end, _, problem := scanText(c.b, i+1)
		if problem != "" {
			return c.stop(end, problem)
		}
		if i = c.afterKey(end + 1); i < 0 {
			return i
		}
		if i = c.skip(i, depth); i < 0 {
			return i
		}
		next, more := c.separator(i, '}')
		if !more {
			return next
		}
		i = next
	}
}

func (c *checker) skipArray(i, depth int) int {
	if depth > c.limits.Depth {
		return c.tooDeep(i)
	}
	i = skipSpace(c.b, i+1)
	if i < len(c.b) && c.b[i] == ']' {
		return i + 1
	}
	for {
		if i = c.skip(i, depth); i < 0 {
			return i
		}
		next, more := c.separator(i, ']')
		if !more {
			return next
		}
		i = next
	}
}

// afterKey passes the colon and the space around it.
func (c *checker) afterKey(i int) int {
	if i < len(c.b) && c.b[i] != ':' {
		i = skipSpace(c.b, i)
	}
	if i >= len(c.b) || c.b[i] != ':' {
		return c.stop(i, "expected a colon after a key")
	}
	if i++; i < len(c.b) && c.b[i] > ' ' {
		return i
	}
	return skipSpace(c.b, i)
}

// separator passes a comma (more is true) or the closing byte.
func (c *checker) separator(i int, closing byte) (next int, more bool) {
	if i < len(c.b) && c.b[i] <= ' ' {
		i = skipSpace(c.b, i)
	}
	switch {
	case i >= len(c.b):
		return c.stop(i, "the text ends inside an object or array"), false
	case c.b[i] == ',':
		if i++; i < len(c.b) && c.b[i] > ' ' {
			return i, true
		}
		return skipSpace(c.b, i), true
	case c.b[i] == closing:
		return i + 1, false
	}
	return c.stop(i, "expected a comma or the end of the object or array"), false
}

// body walks a whole body from i: one value and nothing after it but space.
func (c *checker) body(walk func(i int) int) {
	i := walk(skipSpace(c.b, 0))
	if i < 0 {
		return
	}
	if i = skipSpace(c.b, i); i < len(c.b) {
		c.stop(i, "text after the value")
	}
}

func isJSON(b []byte) bool {
	c := checker{b: b, limits: Limits{Depth: 64, Keys: len(b)}}
	c.body(func(i int) int { return c.skip(i, 0) })
	return c.problem == ""
}
