package forgetest

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

var mutation = regexp.MustCompile(`\{\s*(\w+)\s*\(\s*input\s*:\s*\$input\s*\)`)

// graphql knows three mutations.
func (f *GitHub) graphql(_ *http.Request, in object) (int, any) {
	m := mutation.FindStringSubmatch(in.text("query"))
	variables, _ := in["variables"].(map[string]any)
	input, _ := variables["input"].(map[string]any)
	if m == nil || input == nil {
		return http.StatusOK, graphqlNo("this is no mutation that is known here")
	}
	switch m[1] {
	case "updateRefs":
		return http.StatusOK, f.updateRefs(input)
	case "convertPullRequestToDraft", "markPullRequestReadyForReview":
		return http.StatusOK, f.setDraft(m[1], object(input).text("pullRequestId"))
	}
	return http.StatusOK, graphqlNo("Field '" + m[1] + "' doesn't exist on type 'Mutation'")
}

func graphqlNo(text string) object {
	return object{"data": nil, "errors": []object{{"message": text, "type": "UNPROCESSABLE"}}}
}

const noCommit = "0000000000000000000000000000000000000000"

func (f *GitHub) updateRefs(input object) object {
	updates, _ := input["refUpdates"].([]any)
	for _, one := range updates {
		update := object(one.(map[string]any))
		branch := strings.TrimPrefix(update.text("name"), "refs/heads/")
		was := f.Hub.branches[branch]
		before := update.text("beforeOid")
		if before != "" && before != was && !(before == noCommit && was == "") {
			return graphqlNo(fmt.Sprintf("Reference %s is at %s but expected %s", update.text("name"), was, before))
		}
		if update.text("afterOid") == noCommit {
			delete(f.Hub.branches, branch)
			continue
		}
		if force, _ := update["force"].(bool); !force && was != "" {
			return graphqlNo("Update is not a fast forward")
		}
		f.Hub.branches[branch] = update.text("afterOid")
	}
	return object{"data": object{"updateRefs": object{"clientMutationId": nil}}}
}

func (f *GitHub) setDraft(mutation, id string) object {
	var number int
	_, _ = fmt.Sscanf(id, "PR_%d", &number)
	one, draft := f.Hub.numbered(number), mutation == "convertPullRequestToDraft"
	if one == nil || one.State != "open" || draft && f.NoDraft || one.Draft == draft {
		return graphqlNo("Draft pull requests are not supported in this repository, or it is one already")
	}
	one.Draft = draft
	return object{"data": object{mutation: object{"pullRequest": object{"isDraft": draft}}}}
}
