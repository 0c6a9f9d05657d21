package detectors

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
	"shapewatch/probes"
)

// ofSchema completes a detector that reads a GraphQL schema: what the vendor
// states needs to be seen once.
func ofSchema(d contracts.Detector, look func(*contracts.Comparison, *probes.Schema) []contracts.Finding) contracts.Detector {
	d.Rule.Sure = true
	d.Detect = func(c *contracts.Comparison) []contracts.Finding {
		if c.Observation.Schema == nil {
			return nil
		}
		return look(c, c.Observation.Schema)
	}
	return d
}

func queryInvalid() contracts.Detector {
	return ofSchema(contracts.Detector{
		Name: "query-invalid", Severity: contracts.Breaking, Rule: contracts.Rule{Aside: true},
		Doc: `A query of yours no longer fits the schema

**What it means for you.** The next time it is sent, it is refused as a whole: GraphQL answers no part of a query that it cannot validate.

**A real one.** A field that was deprecated for a year is taken out on a Tuesday; the app's start page asks for it in a query of forty fields.

**How it decides.** The schema that the API tells about itself was asked for, and a ` + "`graphql`" + ` query of the same address does not pass the rules of the specification against it, or a method that ` + "`grpc`" + ` calls is not there, or does not take what it is asked. One look is enough.

**Tuning.** Correct the query; it is told no more when it fits.`,
	}, func(c *contracts.Comparison, s *probes.Schema) (found []contracts.Finding) {
		for _, q := range s.Invalid {
			found = append(found, contracts.Finding{Path: "query:" + q.Query, Was: "fits the schema", Now: q.Problem, Evidence: whole(c)})
		}
		return found
	})
}

func schemaDeprecated() contracts.Detector {
	return ofSchema(contracts.Detector{
		Name: "schema-deprecated", Severity: contracts.Warning, Rule: contracts.Rule{Aside: true},
		Doc: `A query of yours uses a deprecated field

**What it means for you.** It still answers, and the vendor says that it will not for ever.

**A real one.** Every GraphQL API's changelog, months before the field goes.

**How it decides.** The schema marks a field that a ` + "`graphql`" + ` query of the same address asks for as deprecated; the vendor's reason is told. One look is enough.

**Tuning.** ` + "`ignore: [{kind: schema-deprecated, path: \"/Order.total\"}]`" + ` when you know.`,
	}, func(c *contracts.Comparison, s *probes.Schema) (found []contracts.Finding) {
		for _, d := range s.Deprecated {
			now := "deprecated"
			if d.Reason != "" {
				now = fmt.Sprintf("deprecated: %q", d.Reason)
			}
			found = append(found, contracts.Finding{Path: "/" + d.At, Was: "not deprecated", Now: now, Evidence: whole(c)})
		}
		return found
	})
}

func schemaChanged() contracts.Detector {
	return ofSchema(contracts.Detector{
		Name: "schema-changed", Severity: contracts.Breaking,
		Doc: `What your queries use has another type, or is gone from the schema

**What it means for you.** A field that could not be null can be; a number is a text; an argument that you leave out is demanded; an enum has lost a value that you compare with. Generated clients fail to decode it before anybody sees why.

**A real one.** ` + "`total: Money!`" + ` becomes ` + "`total: Money`" + `, because of one old order without one.

**How it decides.** The schema that the API tells about itself was asked for on schedule. Of each field, argument and enum value that the ` + "`graphql`" + ` queries of the same address use, the type is compared with the one that was learned; of a gRPC server the types and numbers of fields, the values of enums and the messages of methods that ` + "`grpc`" + ` calls use. One look is enough. What no query uses is never told. Where they use more than 480 facts, the rest is not followed, and none is told as gone.

**Tuning.** ` + "`severity: {schema-changed: warning}`" + `; accept it, and the new type is what is known.`,
	}, findSchemaChanged)
}

// findSchemaChanged compares facts by what they are about: "Order.total" in
// "Order.total = Money!".
func findSchemaChanged(c *contracts.Comparison, _ *probes.Schema) (found []contracts.Finding) {
	if !sameQueries(c) {
		return nil
	}
	now, cut := map[string][]string{}, inPart(c.Now(), nil)
	for _, f := range c.Now() {
		if about, is := factOf(f.Name); f.Depth == 1 {
			now[about] = append(now[about], is)
		}
	}
	for _, f := range c.Before() {
		about, was := factOf(f.Name)
		if _, still := c.NowAt(f.Path); f.Depth != 1 || still || !current(c, &f) || f.Name == probes.InPart {
			continue
		}
		is := "gone"
		if len(now[about]) == 1 && strings.Contains(about, ".") {
			is = now[about][0]
		} else if now[about] == nil && !strings.Contains(about, ".") {
			is = "gone, with all of " + about
		}
		if cut && strings.HasPrefix(is, "gone") {
			continue
		}
		found = append(found, contracts.Finding{Path: f.Path, Was: was, Now: is + loosened(was, is), Evidence: whole(c)})
	}
	return append(found, demanded(c)...)
}

// inPart reports whether fields are only a part of what queries use: what is not
// among them is not gone, and was perhaps there before. Of what was learned,
// those count that are true.
func inPart(fields []shape.Field, counts func(*shape.Field) bool) bool {
	return slices.ContainsFunc(fields, func(f shape.Field) bool {
		return f.Depth == 1 && f.Name == probes.InPart && (counts == nil || counts(&f))
	})
}

// wasInPart reports whether the last answer that was learned was a part.
func wasInPart(c *contracts.Comparison) bool {
	return inPart(c.Before(), func(f *shape.Field) bool { return current(c, f) })
}

// sameQueries reports whether what is learned is of the same queries as the
// observation: after an edit of ours, what is gone may only not be asked for.
func sameQueries(c *contracts.Comparison) bool {
	for _, f := range c.Now() {
		if about, _ := factOf(f.Name); f.Depth == 1 && about == "queries" {
			before, known := c.BeforeAt(f.Path)
			return known && current(c, before)
		}
	}
	return false
}

// current reports whether the last answer that was learned had a fact.
func current(c *contracts.Comparison, f *shape.Field) bool {
	return !f.Last.Before(c.Baseline.Last.Truncate(time.Second))
}

// factOf takes "Order.total = Money!" and "Query.order(id: ID!)" apart.
func factOf(fact string) (about, is string) {
	if about, is, ok := strings.Cut(fact, " = "); ok {
		return about, is
	}
	about, is, _ = strings.Cut(strings.TrimSuffix(fact, ")"), ": ")
	return about, is
}

// loosened says what a type that differs by a ! alone means.
func loosened(was, is string) string {
	if was == is+"!" {
		return ": it may be null now"
	}
	return ""
}

// demanded are arguments that a field used before must have now.
func demanded(c *contracts.Comparison) (found []contracts.Finding) {
	if wasInPart(c) {
		return nil
	}
	known := map[string]bool{}
	for _, f := range c.Before() {
		about, _ := factOf(f.Name)
		known[about] = true
		if field, _, ok := strings.Cut(about, "("); ok {
			known[field] = true
		}
	}
	for _, f := range c.Now() {
		about, is := factOf(f.Name)
		field, _, isArgument := strings.Cut(about, "(")
		if isArgument && known[field] && !known[about] && strings.HasSuffix(is, "!") {
			found = append(found, contracts.Finding{Path: f.Path, Was: "no such argument", Now: "must be given: " + is, Evidence: whole(c)})
		}
	}
	return found
}

func schemaValueNew() contracts.Detector {
	return ofSchema(contracts.Detector{
		Name: "schema-value-new", Severity: contracts.Warning, Rule: contracts.Rule{Additive: true},
		Doc: `An enum that your queries use has a new value

**What it means for you.** A generated client may refuse a whole answer for one value that it does not know; a switch without a default falls through. Sooner or later the value comes.

**A real one.** An order state ` + "`DISPUTED`" + ` in a schema, weeks before the first disputed order.

**How it decides.** The schema lists a value that it did not list before, of an enum that ` + "`graphql`" + ` queries or ` + "`grpc`" + ` calls of the same address read or send. It is told once and learned.

**Tuning.** ` + "`severity: {schema-value-new: info}`" + ` where your clients take any value.`,
	}, func(c *contracts.Comparison, _ *probes.Schema) (found []contracts.Finding) {
		known, sure := map[string]bool{}, sameQueries(c) && !wasInPart(c)
		for _, f := range c.Before() {
			about, _ := factOf(f.Name)
			known[about] = sure
		}
		for _, f := range c.Now() {
			about, is := factOf(f.Name)
			if _, before := c.BeforeAt(f.Path); f.Depth == 1 && !before && known[about] && !strings.ContainsAny(about, ".(") {
				found = append(found, contracts.Finding{Path: f.Path, Was: "no such value of " + about, Now: is, Evidence: whole(c)})
			}
		}
		return found
	})
}
