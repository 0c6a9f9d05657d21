package main

import (
	"go.yaml.in/yaml/v4"
)

// Show is the effective configuration as YAML: defaults filled in, what an
// API or a probe inherits spelled out, included files merged, secrets masked.
// References stay references, so that what is shown can be loaded again.
func (c *Config) Show() ([]byte, error) {
	f := c.file
	f.include = nil
	text, err := yaml.Dump(in(&f, &topKeys).show())
	return []byte(maskKnown(string(text), c.secrets)), err
}

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
