package reconcile

import "context"

// gather brings rows into order: those of buckets that differ, when a side can
// sum itself up, else all.
func (c *comparison) gather(ctx context.Context) error {
	summed, err := c.sum(ctx)
	if err != nil {
		return err
	}
	part := c.part
	if summed {
		part = c.sums[0].differing(c.sums[1])
	}
	c.result.Looked = part.Len()
	for i := range c.sides {
		if c.local[i] || c.result.Looked == 0 {
			continue
		}
		if err := c.load(ctx, i, part, nil); err != nil {
			return err
		}
	}
	c.part = part
	return nil
}

// outside reports whether a key is not looked at: it was read with all others
// of its side, and its bucket does not differ.
func (c *comparison) outside(side int, key []byte) bool {
	return c.local[side] && !c.part.Has(bucketOf(key))
}

// sum asks for the digests of both sides. A side that cannot sum itself up is
// read and summed up here, when the other one can; false when none can.
func (c *comparison) sum(ctx context.Context) (summed bool, err error) {
	if c.Direct {
		return false, nil
	}
	for i := range c.sides {
		if err := c.askSums(ctx, i); err != nil {
			return false, err
		}
	}
	if c.sums[0] == nil && c.sums[1] == nil {
		return false, nil
	}
	for i, s := range c.sums {
		if s != nil {
			c.tally(i).Rows, c.tally(i).Newest = s.Rows(), s.Newest
			continue
		}
		c.sums[i], c.local[i] = &Sums{}, true
		if err := c.load(ctx, i, c.part, c.sums[i]); err != nil {
			return false, err
		}
	}
	return true, nil
}

// askSums asks one side for its digests, when it can say them.
func (c *comparison) askSums(ctx context.Context, side int) error {
	s, can := c.sides[side].(Summing)
	if !can {
		return nil
	}
	sums, able, err := s.Sums(ctx, c.part)
	if err != nil {
		return c.at(side, err)
	}
	if able {
		c.sums[side] = sums
	}
	return nil
}
