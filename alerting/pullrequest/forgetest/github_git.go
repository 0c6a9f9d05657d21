package forgetest

import (
	"encoding/base64"
	"maps"
	"net/http"
	"strings"
	"time"
)

// bigFile is from where on GitHub's contents leave the bytes out.
const bigFile = 1 << 20

func (f *GitHub) contents(r *http.Request, _ object) (int, any) {
	path := r.PathValue("path")
	tip, is := f.Hub.branches[strings.TrimPrefix(r.URL.Query().Get("ref"), "refs/heads/")]
	files := f.Hub.files(tip)
	content, there := files[path]
	switch {
	case !is:
		return githubNo(http.StatusNotFound, "No commit found for the ref")
	case there:
		return http.StatusOK, githubFile(path, name("blob", content), content)
	}
	folder := []object{}
	for file, content := range files {
		if rest, inside := strings.CutPrefix(file, path+"/"); inside && !strings.Contains(rest, "/") {
			listed := githubFile(file, name("blob", content), content)
			delete(listed, "content")
			delete(listed, "encoding")
			folder = append(folder, listed)
		}
	}
	if len(folder) == 0 {
		return githubNo(http.StatusNotFound, "Not Found")
	}
	return http.StatusOK, folder
}

func githubFile(path, sha, content string) object {
	o := object{
		"type": "file", "name": path[strings.LastIndexByte(path, '/')+1:], "path": path, "sha": sha, "size": len(content),
		"encoding": "base64", "content": base64Lines(content),
	}
	if len(content) > bigFile {
		o["encoding"], o["content"] = "none", ""
	}
	return o
}

// base64Lines is base64 in lines of 60 characters, as GitHub sends it.
func base64Lines(content string) string {
	text, lines := base64.StdEncoding.EncodeToString([]byte(content)), strings.Builder{}
	for ; len(text) > 60; text = text[60:] {
		lines.WriteString(text[:60] + "\n")
	}
	return lines.String() + text + "\n"
}

func (f *GitHub) ref(r *http.Request, _ object) (int, any) {
	branch, is := strings.CutPrefix(r.PathValue("ref"), "heads/")
	if tip, there := f.Hub.branches[branch]; is && there {
		return http.StatusOK, githubRef(branch, tip)
	}
	return githubNo(http.StatusNotFound, "Not Found")
}

func githubRef(branch, tip string) object {
	return object{"ref": "refs/heads/" + branch, "object": object{"sha": tip, "type": "commit"}}
}

func (f *GitHub) makeRef(_ *http.Request, in object) (int, any) {
	branch, is := strings.CutPrefix(in.text("ref"), "refs/heads/")
	_, there := f.Hub.branches[branch]
	switch {
	case !is || f.Hub.commits[in.text("sha")].ID == "":
		return githubNo(http.StatusUnprocessableEntity, "Object does not exist")
	case there:
		return githubNo(http.StatusUnprocessableEntity, "Reference already exists")
	}
	f.Hub.branches[branch] = in.text("sha")
	return http.StatusCreated, githubRef(branch, in.text("sha"))
}

func (f *GitHub) commit(r *http.Request, _ object) (int, any) {
	c := f.Hub.commits[r.PathValue("id")]
	if c.ID == "" {
		return githubNo(http.StatusNotFound, "Not Found")
	}
	return http.StatusOK, githubCommit(c)
}

func githubCommit(c commit) object {
	parents := []object{}
	for _, id := range c.Parents {
		parents = append(parents, object{"sha": id})
	}
	by := object{"name": "Ana", "email": "ana@example.com", "date": c.At.Format(time.RFC3339)}
	return object{"sha": c.ID, "message": c.Message, "tree": object{"sha": c.Tree}, "parents": parents, "author": by, "committer": by}
}

func (f *GitHub) makeCommit(_ *http.Request, in object) (int, any) {
	var parents []string
	given, _ := in["parents"].([]any)
	for _, id := range given {
		id, _ := id.(string)
		if f.Hub.commits[id].ID == "" {
			return githubNo(http.StatusUnprocessableEntity, "Parent SHA does not exist or is not a commit object")
		}
		parents = append(parents, id)
	}
	if f.Hub.trees[in.text("tree")] == nil {
		return githubNo(http.StatusUnprocessableEntity, "Tree SHA does not exist")
	}
	return http.StatusCreated, githubCommit(f.Hub.commits[f.Hub.commit(in.text("tree"), in.text("message"), parents)])
}

func (f *GitHub) makeTree(_ *http.Request, in object) (int, any) {
	files := maps.Clone(f.Hub.trees[in.text("base_tree")])
	if files == nil {
		return githubNo(http.StatusUnprocessableEntity, "base_tree is not a valid tree oid")
	}
	given, _ := in["tree"].([]any)
	for _, one := range given {
		entry := object(one.(map[string]any))
		content, inline := entry["content"].(string)
		if !inline {
			content = f.Hub.blobs[entry.text("sha")]
		}
		if entry.text("mode") != "100644" || entry.text("type") != "blob" {
			return githubNo(http.StatusUnprocessableEntity, "tree.mode is not one we know")
		}
		files[entry.text("path")] = content
	}
	return http.StatusCreated, object{"sha": f.Hub.tree(files), "truncated": false, "tree": []object{}}
}

func (f *GitHub) blob(r *http.Request, _ object) (int, any) {
	content, is := f.Hub.blobs[r.PathValue("id")]
	if !is {
		return githubNo(http.StatusNotFound, "Not Found")
	}
	return http.StatusOK, object{"sha": r.PathValue("id"), "encoding": "base64", "content": base64Lines(content), "size": len(content)}
}

func (f *GitHub) makeBlob(_ *http.Request, in object) (int, any) {
	content, err := base64.StdEncoding.DecodeString(in.text("content"))
	if in.text("encoding") != "base64" || err != nil {
		return githubNo(http.StatusUnprocessableEntity, "content is not base64")
	}
	return http.StatusCreated, object{"sha": f.Hub.blob(string(content))}
}
