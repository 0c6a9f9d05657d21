package main

import (
	"encoding/json"
	"maps"
)

// configSchema is the JSON Schema (2020-12) of a configuration file, for
// editors and other programs.
func configSchema() ([]byte, error) {
	schema := in(&configFile{}, &topKeys).schema()
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "shapewatch configuration"
	text, err := json.MarshalIndent(schema, "", "  ")
	return append(text, '\n'), err
}

func (s section[B]) schema() map[string]any {
	properties := object{}
	var blank B
	for _, k := range s.block.keys {
		property := object{"description": k.doc}
		for name, value := range k.of(&blank).schema() {
			property[name] = value
		}
		properties[k.name] = property
	}
	schema := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(s.block.needs) > 0 {
		schema["required"] = s.block.needs
	}
	maps.Copy(schema, s.block.rules)
	return schema
}

func (l blocks[B]) schema() map[string]any {
	var blank B
	entry := in(&blank, l.block).schema()
	if l.short != nil {
		entry = object{"anyOf": []any{l.short(&blank).schema(), entry}}
	}
	return object{"type": "array", "items": entry}
}

// exactlyOne is a rule: of these keys one must be written, and only one.
func exactlyOne(names ...string) object {
	var each []any
	for _, name := range names {
		each = append(each, object{"required": []string{name}})
	}
	return object{"oneOf": each}
}
