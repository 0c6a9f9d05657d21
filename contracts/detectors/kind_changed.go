package detectors

import (
	"slices"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func kindChanged() contracts.Detector {
	return contracts.Detector{
		Name:     "kind-changed",
		Severity: contracts.Breaking,
		Rule:     contracts.Rule{Trial: contracts.EveryValue, Prior: 200, Returns: contracts.Things},
		Detect:   findKinds,
		Doc: `A value changed its type

**What it means for you.** A number came as a string, an object as a list: a typed decoder refuses the answer, an untyped one computes nonsense.

**A real one.** Porkbun's record ids turned from strings into numbers (RLado/Oink, issue 7); Vultr's ` + "`pending_charges`" + ` from a number into a string (JamesClonk/vultr, issue 5).

**How it decides.** A JSON type shows up that was never seen at this path. Null has its own detector, and so have integers that gained a fraction. A field that was only ever null or empty has no type yet. An empty list for an empty object, as PHP sends it, is no change. Content hardly ever changes a type, so that few answers confirm it. A type that somebody accepted is known from its first answer on: when the one before returns, that is told again.

**Tuning.** ` + "`ignore`" + ` the path of a field that is meant to hold anything.`,
	}
}

func findKinds(c *contracts.Comparison) (found []contracts.Finding) {
	for _, p := range slices.Concat(c.Both(), c.Vouched()) {
		old, f := p.Before, p.Now
		if old.Count == old.Kinds[shape.Null] {
			continue
		}
		if odd := unknownKinds(old, f); odd > 0 {
			found = append(found, contracts.Finding{
				Path:     f.Path,
				Was:      kinds(old) + " " + inAnswers(had(old), had(old)),
				Now:      kinds(f),
				Evidence: came(had(old), odd, f.Count-f.Kinds[shape.Null]),
			})
		}
	}
	return found
}

// unknownKinds counts the values of kinds that were never seen.
func unknownKinds(old, now *shape.Field) (odd uint64) {
	for k, n := range now.Kinds {
		kind := shape.Kind(k)
		if kind == shape.Null || n == 0 || old.Has(kind) {
			continue
		}
		if (kind == shape.Int || kind == shape.Frac) && (old.Has(shape.Int) || old.Has(shape.Frac)) {
			continue // a fraction more or less: number-widened
		}
		if emptyAlias(kind, old, now) {
			continue
		}
		odd += n
	}
	return odd
}

// emptyAlias reports whether a kind is only the other spelling of "nothing in
// here": [] for {}.
func emptyAlias(kind shape.Kind, old, now *shape.Field) bool {
	switch kind {
	case shape.Array:
		return old.Has(shape.Object) && (now.EmptyArrays == now.Kinds[shape.Array] || old.EmptyObjects == old.Kinds[shape.Object])
	case shape.Object:
		return old.Has(shape.Array) && (now.EmptyObjects == now.Kinds[shape.Object] || old.EmptyArrays == old.Kinds[shape.Array])
	}
	return false
}
