// Package shape learns what the answers of an API look like.
//
// A [Shape] observes answers, one [Shape.Observe] each, and keeps statistics
// by path: how often, of which kind and format, in how many answers, with
// which values, lengths and extremes. What it knows is read with
// [Shape.Fields], [Shape.Field], [Shape.Lists] and [Shape.Envelope].
//
// # Paths
//
// A path is a JSON Pointer in which "[]" stands for any item of an array and
// "{}" for any key of a map: "/data/[]/labels/{}/name". The root is "".
//
// # Observing adds, reading decides
//
// All that is kept are sums, minima, maxima, greatest common divisors and
// samples chosen by hash. So shapes can be merged ([Shape.Merge]) in any order
// and in any grouping, and the result has the same bytes
// ([Shape.MarshalBinary]) as if one shape had observed every answer. Whether a
// field is required, an object a map, a set of values closed or a list the
// main one is decided when it is read and may be decided otherwise later; a
// [View] overrules what was decided about maps.
//
// # One answer is one trial
//
// A hundred items of one list come from one build of one server and are little
// more evidence than one. So presence is counted twice: by occurrence
// ([Field.Count] of [Field.Parents]) and by answer ([Presence]: in all, in
// some or in none of its objects). Missing, null, "", [] and {} are five
// different things, and an empty list says nothing about items.
//
// # Variants
//
// A list may hold objects of several kinds that a string tells apart: the type
// of an event, the object of a payment. For each string that may be such a tag
// the presence of the keys is counted by its values, per occurrence and per
// answer, also of the keys in the objects right below. [Field.Union] says
// which string it is, if any; [Shape.Variants] reads the counts by a key of
// one's choice, so that an answer can be held to a union that was learned: a
// key that a variant always had and has no more is gone, however many other
// variants never had it.
//
// Of the values of a key the kinds and the formats are known by variant, as
// sets, which cost nothing once they are complete. Ranges, lengths and values
// are not: they are ever new, so that every object would touch every key in each
// row, which is most of what there is to save; they are known of the key in all
// variants together.
//
// # What is JSON
//
// A body is one JSON text (RFC 8259) in UTF-8, perhaps after a byte order
// mark. Invalid UTF-8, half a surrogate pair, text after the value and a body
// that was cut are a [SyntaxError]; what passes the [Limits] of a body is a
// [LimitError]; after either the shape is what it was before. Of a key that
// comes twice in one object the first value counts, and the repetition is
// counted. Numbers are compared as the decimals they are, never as float64.
//
// # What is not JSON
//
// [SyntaxOf] tells by the media type how a body is written, and [Syntax.JSON]
// turns XML, CSV and JSON lines into JSON text for the one scanner; it says how.
// An element that repeats is a length and never another kind; all values of
// CSV are strings, whose formats are told. A document type declaration is
// refused with every entity that it could define; an encoding other than UTF-8
// and ISO-8859-1, a stray quote in a table and a line that was cut are a
// [SyntaxError] too. All else has the outcome that its JSON text has.
//
// # Memory
//
// A shape keeps about [Limits].Nodes paths. An object that grows beyond its
// share, or gets more than 64 keys that are dates, ids or numbers, is folded into
// a map: one node stands for all of its values. An object of few keys may be
// heavier than one of many, so records stay records. Which objects are folded
// depends on what was seen and not on its order; sums stay exact, and
// [Field.Truncated] says that detail was lost. The largest value sets keep 64
// values; of larger ones a sample stays.
//
// # What is private
//
// Values whose field has a private name (names, addresses, tokens, ids) or
// that do not look like codes are kept as 32-bit hashes, without their text;
// of private numbers two digits stay.
package shape
