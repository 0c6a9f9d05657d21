package driftbench

import (
	"fmt"
	"math"
	"time"
)

// A form is how a vendor wraps its rows, and where they are.
type form struct {
	name   string
	rows   string // path of one row: "/data/[]"
	list   string // path of the list: "/data"
	single bool   // one object, no list
	sparse bool   // empty most of the time
	cyclic bool   // as long as the hour is busy
	wide   bool   // sixty columns more
	wrap   func(v *vendor, rows []object) any
}

var forms = []form{
	{name: "list with has_more", rows: "/data/[]", list: "/data", wrap: func(v *vendor, rows []object) any {
		return object{"object": "list", "data": rows, "has_more": v.rng.IntN(10) > 0, "url": "/v1/orders"}
	}},
	{name: "bare array", rows: "/[]", list: "", wrap: func(_ *vendor, rows []object) any { return rows }},
	{name: "numbered pages", rows: "/items/[]", list: "/items", wrap: func(v *vendor, rows []object) any {
		return object{"items": rows, "meta": object{"page": 1, "per_page": v.size, "total": 1000 + v.born}, "links": object{"next": "https://api.example.com/v1/orders?page=2", "prev": nil}}
	}},
	{name: "beside a map of rates", rows: "/result/orders/[]", list: "/result/orders", wrap: func(v *vendor, rows []object) any {
		return object{"ok": true, "result": object{"orders": rows, "rates": rates(v), "generated_at": stamp(v.now)}}
	}},
	{name: "one object", rows: "", single: true, wrap: func(_ *vendor, rows []object) any { return rows[0] }},
	{name: "JSON:API", rows: "/data/[]/attributes", list: "/data", wrap: jsonAPI},
	{name: "HAL", rows: "/_embedded/orders/[]", list: "/_embedded/orders", wrap: func(v *vendor, rows []object) any {
		return object{"_embedded": object{"orders": rows}, "_links": object{"self": object{"href": "/orders"}, "next": object{"href": fmt.Sprintf("/orders?after=%d", v.born)}}, "count": len(rows)}
	}},
	{name: "GraphQL edges", rows: "/data/orders/edges/[]/node", list: "/data/orders/edges", wrap: graph},
	{name: "events of a union", rows: "/events/[]/order", list: "/events", wrap: events},
	{name: "cursor pages", rows: "/results/[]", list: "/results", wrap: func(v *vendor, rows []object) any {
		o := object{"count": 1000 + v.born, "results": rows, "next_cursor": fmt.Sprintf("c%08x", v.rng.Uint32())}
		if v.rng.IntN(20) == 0 {
			o["next_cursor"] = nil
		}
		return o
	}},
	{name: "OData", rows: "/value/[]", list: "/value", wrap: func(v *vendor, rows []object) any {
		return object{"@odata.context": "$metadata#Orders", "@odata.count": 1000 + v.born, "value": rows}
	}},
	{name: "dashboard with days", rows: "/recent/[]", list: "/recent", wrap: dashboard},
	{name: "bundle of resources", rows: "/entry/[]/resource", list: "/entry", wrap: bundle},
	{name: "search hits", rows: "/hits/hits/[]/_source", list: "/hits/hits", wrap: hits},
	{name: "nested object", rows: "/response/order", single: true, wrap: func(v *vendor, rows []object) any {
		return object{"response": object{"order": rows[0], "served_by": fmt.Sprintf("web-%d", v.rng.IntN(9))}, "took_ms": v.rng.IntN(90)}
	}},
	{name: "activity feed", rows: "/activity/[]", list: "/activity", cyclic: true, wrap: func(v *vendor, rows []object) any {
		return object{"activity": rows, "since": stamp(v.now.Add(-time.Hour))}
	}},
	{name: "sparse search", rows: "/matches/[]", list: "/matches", sparse: true, wrap: func(_ *vendor, rows []object) any {
		return object{"total": len(rows), "matches": rows}
	}},
	{name: "two lists", rows: "/open/[]", list: "/open", wrap: func(v *vendor, rows []object) any {
		archived := make([]object, v.rng.IntN(3))
		for i := range archived {
			archived[i] = object{"id": fmt.Sprintf("old_%06d", v.rng.IntN(1e6)), "reason": []string{"expired", "merged"}[v.rng.IntN(2)]}
		}
		return object{"open": rows, "archived": archived}
	}},
	{name: "envelope with null error", rows: "/response/orders/[]", list: "/response/orders", wrap: func(v *vendor, rows []object) any {
		return object{"success": true, "error": nil, "response": object{"offset": 0, "orders": rows, "warnings": []any{}}}
	}},
	{name: "wide rows", rows: "/records/[]", list: "/records", wide: true, wrap: func(_ *vendor, rows []object) any {
		return object{"records": rows, "schema": "orders.v1"}
	}},
}

func jsonAPI(_ *vendor, rows []object) any {
	list := make([]object, len(rows))
	for i, row := range rows {
		list[i] = object{"type": "orders", "id": fmt.Sprint(row["number"]), "attributes": row, "links": object{"self": fmt.Sprintf("/orders/%v", row["number"])}}
	}
	return object{"data": list, "jsonapi": object{"version": "1.1"}}
}

func graph(v *vendor, rows []object) any {
	edges := make([]object, len(rows))
	for i, row := range rows {
		edges[i] = object{"cursor": fmt.Sprintf("c%v", row["number"]), "node": row}
	}
	return object{"data": object{"orders": object{"edges": edges, "pageInfo": object{"hasNextPage": v.rng.IntN(5) > 0, "endCursor": fmt.Sprintf("c%d", v.born)}}}}
}

// events mixes orders with other things in one list, told apart by a tag. What
// an entry is depends on its entity, so that it stays what it is.
func events(v *vendor, rows []object) any {
	list := make([]object, 0, len(rows)+4)
	for i, row := range rows {
		list = append(list, object{"type": "order.updated", "at": row["created_at"], "order": row})
		switch v.entities[i%len(v.entities)].id % 5 {
		case 0:
			list = append(list, object{"type": "refund", "at": row["created_at"], "refund": object{"of": row["number"], "full": i%2 == 0}})
		case 1:
			list = append(list, object{"type": "note", "at": row["created_at"], "text": "called back"})
		}
	}
	return object{"events": list}
}

func dashboard(v *vendor, rows []object) any {
	days := object{}
	for i := range 7 {
		days[v.now.AddDate(0, 0, -i).Format(time.DateOnly)] = object{"orders": 50 + v.rng.IntN(40), "revenue": math.Round(v.rng.Float64()*1e6)/100 + 0.001}
	}
	return object{"recent": rows, "by_day": days, "totals": object{"orders": v.born, "open": v.rng.IntN(500)}}
}

func bundle(v *vendor, rows []object) any {
	list := make([]object, len(rows))
	for i, row := range rows {
		list[i] = object{"fullUrl": fmt.Sprintf("https://fhir.example.com/Order/%v", row["number"]), "resource": row}
	}
	return object{"resourceType": "Bundle", "type": "searchset", "total": 1000 + v.born, "entry": list}
}

func hits(v *vendor, rows []object) any {
	list := make([]object, len(rows))
	for i, row := range rows {
		list[i] = object{"_index": "orders", "_id": fmt.Sprint(row["number"]), "_score": math.Round(v.rng.Float64()*1e4)/1e3 + 0.0001, "_source": row}
	}
	return object{"took": v.rng.IntN(40), "timed_out": false, "hits": object{"total": object{"value": 1000 + v.born, "relation": "eq"}, "hits": list}}
}

func rates(v *vendor) object {
	out := object{}
	for _, code := range []string{"EUR", "USD", "GBP", "SEK", "JPY", "CHF", "NOK", "DKK", "PLN", "CZK", "HUF", "AUD"} {
		if v.rng.IntN(20) > 0 {
			out[code] = math.Round(v.rng.Float64()*1e4)/1e4 + 0.00001
		}
	}
	return out
}
