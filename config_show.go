package main

import (
	"go.yaml.in/yaml/v4"
)

// show prints a block's keys in the order of the table, leaving out what
// nothing was said about.
func (s section[B]) show() *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, k := range s.block.keys {
		if value := k.of(s.into).show(); value != nil {
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: k.name}, value)
		}
	}
	if len(n.Content) == 0 {
		return nil
	}
	return n
}

func (l blocks[B]) show() *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range *l.into {
		if entry := in(&(*l.into)[i], l.block).show(); entry != nil {
			n.Content = append(n.Content, entry)
		}
	}
	if len(n.Content) == 0 {
		return nil
	}
	return n
}
