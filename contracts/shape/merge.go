package shape

// merge adds the statistics of a subtree to another; src is unchanged.
func (s *Shape) merge(dst, src *node) {
	if src.count == 0 {
		return
	}
	dst.mergeCounts(src)
	dst.values.merge(&src.values, dst.private)
	if src.text != nil {
		t := dst.texts()
		t.formats.merge(&src.text.formats)
		t.lengths.merge(&src.text.lengths)
	}
	if src.nums != nil {
		dst.numbers().merge(src.nums, dst.private)
	}
	if src.list != nil {
		s.mergeList(dst, src.list)
	}
	if src.kinds[Object] > 0 {
		s.mergeObject(dst, src.object)
	}
	s.weigh(dst)
}

func (n *node) mergeCounts(o *node) {
	n.first = min(n.first, o.first)
	if n.count == 0 {
		n.first = o.first
	}
	n.last = max(n.last, o.last)
	if n.count == 0 {
		n.last = o.last
	}
	n.count += o.count
	for k := range o.kinds {
		n.kinds[k] += o.kinds[k]
	}
	n.trues += o.trues
	n.duplicates += o.duplicates
	n.emptyText += o.emptyText
	n.emptyList += o.emptyList
	n.emptyObject += o.emptyObject
	if !n.pooled {
		n.all, n.some, n.with = n.all+o.all, n.some+o.some, n.with+o.with
	}
}

func (s *Shape) mergeList(dst *node, src *list) {
	l := dst.lists()
	l.lengths.merge(&src.lengths)
	if src.items == nil || src.items.count == 0 {
		return
	}
	if l.items == nil {
		l.items = newItem(dst)
	}
	s.merge(l.items, src.items)
}

func (s *Shape) mergeObject(dst *node, src *object) {
	o := dst.objects()
	if src.rest != nil && o.rest == nil {
		s.fold(dst)
	}
	switch {
	case src.rest != nil:
		o.entries += src.entries
		o.names.merge(&src.names, true)
		o.forms.merge(&src.forms)
		if o.vague = o.vague || src.vague; o.vague {
			o.words = sketch{}
		} else {
			o.words.merge(&src.words, true)
		}
		s.merge(o.rest, src.rest)
	case o.rest != nil:
		for _, k := range src.kids {
			if k.count > 0 {
				o.enterKey([]byte(k.name), k.hash, k.count)
				s.merge(o.rest, k)
			}
		}
	default:
		s.mergeKids(dst, src)
	}
}

func (s *Shape) mergeKids(dst *node, src *object) {
	o := dst.object
	for _, k := range src.kids {
		if k.count == 0 {
			continue
		}
		mine := o.kid(k.hash)
		if mine == nil {
			mine = newKid(dst, &k.word)
			o.addKid(mine)
		}
		if mine.count == 0 {
			o.count(mine, 1)
		}
		s.merge(mine, k)
	}
	o.sets.merge(&src.sets, true)
	o.mergeTags(src, dst.pooled)
}
