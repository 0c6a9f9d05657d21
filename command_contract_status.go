package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"shapewatch/contracts"
	"shapewatch/monitor"
)

// A statusOptions is what the command line of `contract status` says.
type statusOptions struct {
	counterOptions
	write bool
}

func newContractStatusCommand() *cobra.Command {
	var o statusOptions
	cmd := &cobra.Command{
		Use:   "status [API…]",
		Short: "List what each contract says wrongly from the first day on",
		Long: "Says for each probe which operation of which document its answers are held\n" +
			"against, and where that document was wrong from the first day on: those\n" +
			"mismatches are known and told to nobody, only a change is.\n\n" +
			"With --write they are written into a file beside the contract, stripe.known.yaml\n" +
			"beside stripe.yaml, for people to review and to keep with the contract: what is\n" +
			"listed there is known wherever it is read, and what is taken out again is news. The\n" +
			"command says which entries do not hold any more; --write takes them out.\n\n" +
			"It asks the running server, with the token in SHAPEWATCH_TOKEN or page.token of the\n" +
			"configuration; when none runs, it reads its store.",
		Example: "  shapewatch contract status stripe\n  shapewatch contract status --write",
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), args, cmd.OutOrStdout())
		},
	}
	o.flags(cmd)
	cmd.Flags().BoolVar(&o.write, "write", false, "write known mismatches into the files beside the contracts")
	return cmd
}

func (o statusOptions) run(ctx context.Context, apis []string, out io.Writer) error {
	c, watches, err := loadNamed(o.config, apis)
	if err != nil {
		return err
	}
	reviews, err := o.reviews(ctx, c, watches)
	if err != nil {
		return err
	}
	for _, r := range reviews {
		if slices.ContainsFunc(watches, func(w monitor.Watch) bool { return w.Probe.ID == r.Probe }) {
			r.print(out)
		}
	}
	if o.write {
		return writeReviews(reviews, time.Now(), out)
	}
	return nil
}

// reviews are those of these watches, and, to write, of all that share their
// files: what is not shown by one may be by another.
func (o statusOptions) reviews(ctx context.Context, c *Config, watches []monitor.Watch) (reviews []*review, err error) {
	if o.write {
		watches = c.sharing(watches)
	}
	held, err := o.held(ctx, c, watches)
	for _, h := range held {
		reviews = append(reviews, reviewsOf(h, c.known[h.Probe])...)
	}
	return reviews, err
}

// sharing are these watches and all whose known mismatches lie in their files.
func (c *Config) sharing(watches []monitor.Watch) []monitor.Watch {
	files, these := map[*overlay]bool{}, map[string]bool{}
	for _, w := range watches {
		these[w.Probe.ID] = true
		for _, part := range c.known[w.Probe.ID] {
			files[part.overlay] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(c.Watches()), func(w monitor.Watch) bool {
		return !these[w.Probe.ID] && !slices.ContainsFunc(c.known[w.Probe.ID], func(p knownPart) bool { return files[p.overlay] })
	})
}

// A heldContract is what the answers of a probe are held against, and what is
// known to differ.
type heldContract struct {
	Probe     string `json:"probe"`
	Operation string `json:"operation"`
	Source    string `json:"source"`
	Agreed    string `json:"agreed"`
	Answers   uint64 `json:"answers"`
	Known     []contracts.Mismatch
}

// held asks the running server, or reads the store of one that is stopped.
func (o statusOptions) held(ctx context.Context, c *Config, watches []monitor.Watch) (all []heldContract, err error) {
	server, alive, err := o.serverOf(ctx, c)
	if err != nil {
		return nil, err
	}
	if !alive {
		return heldAtRest(ctx, c, watches)
	}
	there, err := server.contracts(ctx)
	if err != nil {
		return nil, err
	}
	for _, w := range watches {
		if w.Spec != nil {
			continue
		}
		h, known := there[w.Probe.ID]
		if !known {
			return nil, fmt.Errorf("server %s watches no %s: it has another configuration, or has not read this one yet", server.base, w.Probe.ID)
		}
		all = append(all, h)
	}
	return all, nil
}

func heldAtRest(ctx context.Context, c *Config, watches []monitor.Watch) (all []heldContract, err error) {
	state, err := storeAtRest(c.Store())
	if err != nil {
		return nil, err
	}
	defer state.Close()
	if watches, err = monitor.New(monitor.Options{Store: state}).Agree(ctx, watches, false); err != nil {
		return nil, err
	}
	for _, w := range watches {
		if w.Spec != nil {
			continue
		}
		memory, err := state.Recall(ctx, w.Probe.API, w.Probe.ID)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.Probe.ID, err)
		}
		baseline, err := contracts.Restore(memory.Baseline, memory.Lessons)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.Probe.ID, err)
		}
		h := heldContract{Probe: w.Probe.ID, Operation: w.Probe.Operation, Answers: baseline.Answers(), Known: baseline.Known}
		if w.Contract != nil {
			h.Source, h.Agreed = w.Contract.Source, w.Contract.Operation
		}
		all = append(all, h)
	}
	return all, nil
}

// contracts are what a running server holds answers against, by probe.
func (r remote) contracts(ctx context.Context) (map[string]heldContract, error) {
	var reply struct {
		Contracts []struct {
			heldContract
			Known []struct {
				contracts.Mismatch
				Since time.Time `json:"since"`
			} `json:"known"`
		} `json:"contracts"`
	}
	if err := r.call(ctx, "GET", "/api/v1/contracts", nil, &reply); err != nil {
		return nil, err
	}
	all := map[string]heldContract{}
	for _, c := range reply.Contracts {
		h := c.heldContract
		for _, k := range c.Known {
			k.Evidence.Since = k.Since
			h.Known = append(h.Known, k.Mismatch)
		}
		all[h.Probe] = h
	}
	return all, nil
}

// A review holds what is known of a probe, or of one step of a workflow, against
// the file beside its contract.
type review struct {
	heldContract
	step    string   // empty for all of the answer
	overlay *overlay // nil when the contract has no place for one
	lines   []reviewLine
}

// A reviewLine is one mismatch: known, listed, or both.
type reviewLine struct {
	contracts.Mismatch
	entry  *knownEntry // nil when it is not listed
	unseen bool        // listed, and no answer has shown it here
}

// reviewsOf are those of a probe: one for each file that speaks of a part of
// its answers, and one for the rest.
func reviewsOf(h heldContract, parts []knownPart) (all []*review) {
	rest := slices.Clone(h.Known)
	for _, part := range parts {
		if part.step == "" {
			return []*review{reviewOf(h, part.overlay)}
		}
		one := h
		one.Operation, one.Agreed, one.Source, one.Known = part.operation, part.operation, part.source, nil
		rest = slices.DeleteFunc(rest, func(k contracts.Mismatch) bool {
			path, mine := (agreedPart{step: part.step}).below(k.Path)
			if mine {
				k.Path = path
				one.Known = append(one.Known, k)
			}
			return mine
		})
		r := reviewOf(one, part.overlay)
		r.step = part.step
		all = append(all, r)
	}
	if h.Known = rest; len(rest) > 0 || len(all) == 0 {
		all = append(all, reviewOf(h, nil))
	}
	return all
}

func reviewOf(h heldContract, o *overlay) *review {
	r := &review{heldContract: h, overlay: o}
	var listed []knownEntry
	if o != nil {
		listed = o.of(h.Operation)
	}
	met := map[int]bool{}
	for _, k := range h.Known {
		line := reviewLine{Mismatch: k}
		for i := range listed {
			if listed[i].path.value == k.Path && listed[i].now.value == k.Now {
				line.entry, met[i] = &listed[i], true
			}
		}
		r.lines = append(r.lines, line)
	}
	for i := range listed {
		if !met[i] {
			seen := contracts.Mismatch{Finding: contracts.Finding{Path: listed[i].path.value, Was: listed[i].was.value, Now: listed[i].now.value}}
			r.lines = append(r.lines, reviewLine{seen, &listed[i], true})
		}
	}
	return r
}

func (r *review) print(out io.Writer) {
	agreed := "no contract: what was learned is"
	if r.Source != "" {
		agreed = r.Source + ", " + r.Agreed
	}
	name := r.Probe
	if r.step != "" {
		name += " step " + r.step
	}
	fmt.Fprintf(out, "%s: %s; %s, %s\n", printable(name), printable(agreed),
		count(int(r.Answers), "answer"), count(len(r.Known), "known mismatch"))
	for _, l := range r.lines {
		fmt.Fprintf(out, "  %s: %s, answers: %s%s\n", printable(cmp.Or(l.Path, "the whole answer")),
			printable("contract: "+l.was()), printable(l.Now), printable(r.says(l)))
	}
}

// was is what the contract says, without the word for it.
func (l reviewLine) was() string { return strings.TrimPrefix(l.Was, "contract: ") }

// edited reports whether the contract says something else than is listed.
func (l reviewLine) edited() bool {
	return l.entry != nil && !l.unseen && l.entry.was.value != "" && l.entry.was.value != l.was()
}

// says is what there is to know of a line beside what it says.
func (r *review) says(l reviewLine) string {
	switch {
	case l.unseen:
		return fmt.Sprintf("; %s:%d: no answer of %d has shown it", r.overlay.shown, l.entry.at.line, r.Answers)
	case l.Over() && l.entry != nil:
		return fmt.Sprintf("; %s:%d: it does not hold any more, the last %s kept the contract", r.overlay.shown, l.entry.at.line, count(int(l.Quiet), "answer"))
	case l.Over():
		return fmt.Sprintf("; it does not hold any more, the last %s kept the contract", count(int(l.Quiet), "answer"))
	case l.edited():
		return fmt.Sprintf("; %s:%d says %q of the contract, which was edited since", r.overlay.shown, l.entry.at.line, l.entry.was.value)
	case l.entry != nil && l.entry.reason.value != "":
		return "; " + l.entry.reason.value
	case l.entry == nil && r.overlay != nil:
		return "; not in " + r.overlay.shown + " yet"
	}
	return ""
}
