package report

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Table writes the funnel as a table: a row a source, each count with its share of those asked.
func Table(rows []Row) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 3, ' ', 0)
	fmt.Fprint(w, "\tASKED\tANSWERED\tMET\tTHANKED\tREPORTED\n")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%d", r.Source, r.Asked)
		for _, s := range r.Steps()[1:] {
			fmt.Fprintf(w, "\t%s", shareWords(s.Count, r.Asked))
		}
		fmt.Fprintln(w)
	}
	w.Flush() // a strings.Builder takes everything
	return out.String()
}

// shareWords says a count, and its share with the interval where there are enough people for one.
func shareWords(k, n int) string {
	if n < FewestForShare {
		return fmt.Sprint(k)
	}
	share, low, high := Share(k, n)
	return fmt.Sprintf("%d (%.0f %%, %.0f to %.0f)", k, 100*share, 100*low, 100*high)
}

// barWidth is how many columns the longest bar has.
const barWidth = 40

// Plain draws funnel and tree as text.
func Plain(rows []Row, tree []Node) string {
	var out strings.Builder
	for _, s := range rows[0].Steps() {
		bar := 0
		if rows[0].Asked > 0 {
			bar = s.Count * barWidth / rows[0].Asked
		}
		fmt.Fprintf(&out, "%-9s %s %d\n", s.Word, strings.Repeat("█", bar), s.Count)
	}
	if len(tree) > 0 {
		out.WriteString("\n")
		branches(&out, tree, "")
	}
	return out.String()
}

func branches(out *strings.Builder, nodes []Node, indent string) {
	for i, n := range nodes {
		mark, deeper := "├─ ", "│  "
		if i == len(nodes)-1 {
			mark, deeper = "└─ ", "   "
		}
		fmt.Fprintf(out, "%s%s%s (%s)\n", indent, mark, n.Name, n.Stage)
		branches(out, n.Led, indent+deeper)
	}
}
