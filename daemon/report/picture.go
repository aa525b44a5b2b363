package report

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// Sizes of the picture, in pixels.
const (
	margin     = 32
	labelWidth = 96
	barLength  = 420
	barHeight  = 26
	barGap     = 14
	nodeWidth  = 190
	nodeHeight = 40
	nodeGap    = 12
	nodeStep   = 44 // between a node's right side and its children
	titleSpace = 52
)

// picture gathers the elements of an SVG and how far they reach.
type picture struct {
	body          strings.Builder
	width, height int
}

// Picture draws funnel and tree as one SVG. The whiskers on the bars are the intervals of Share.
func Picture(b Book) string {
	p := &picture{width: 2*margin + labelWidth + barLength + 90}
	y := p.funnel(Funnel(b)[0], b)
	if tree := Tree(b); len(tree) > 0 {
		p.text(margin, y+28, "title", "Who led to whom")
		y = p.tree(tree, margin, y+titleSpace)
	}
	p.height = y + margin
	return fmt.Sprintf(frame, p.width, p.height, p.width, p.height, p.body.String())
}

const frame = `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">
<style>
text { font: 14px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2933; }
.title { font-size: 18px; font-weight: 600; } .small { font-size: 12px; fill: #616e7c; } .name { font-weight: 600; }
.bar { fill: #3e7cb1; } .whisker { stroke: #1f2933; stroke-width: 1.5; } .node { fill: #f0f4f8; stroke: #bcccdc; } .edge { fill: none; stroke: #9fb3c8; stroke-width: 1.5; }
</style>
<rect width="100%%" height="100%%" fill="#ffffff"/>
%s</svg>
`

func (p *picture) funnel(r Row, b Book) (bottom int) {
	p.text(margin, margin+10, "title", "What came of asking, until "+b.At.In(b.Zone).Format("2 January 2006"))
	p.text(margin, margin+30, "small", "Numbers are people. A whisker shows where the true share of those asked lies, with 95 % confidence.")
	y := margin + titleSpace
	for _, s := range r.Steps() {
		p.text(margin, y+barHeight-8, "", s.Word)
		x := margin + labelWidth
		length := 0
		if r.Asked > 0 {
			length = s.Count * barLength / r.Asked
		}
		fmt.Fprintf(&p.body, `<rect class="bar" x="%d" y="%d" width="%d" height="%d" rx="3"/>`+"\n", x, y, max(length, 1), barHeight)
		end := x + length
		if r.Asked >= FewestForShare && s.Word != "asked" {
			_, low, high := Share(s.Count, r.Asked)
			from, to, middle := x+int(low*barLength), x+int(high*barLength), y+barHeight/2
			fmt.Fprintf(&p.body, `<path class="whisker" d="M%d %dH%dM%d %dv12M%d %dv12"/>`+"\n", from, middle, to, from, middle-6, to, middle-6)
			end = max(end, to)
		}
		p.text(end+10, y+barHeight-8, "name", fmt.Sprint(s.Count))
		y += barHeight + barGap
	}
	return y + barGap
}

// tree draws nodes from the left to the right, each beside the middle of its children.
func (p *picture) tree(nodes []Node, x, y int) (bottom int) {
	for _, n := range nodes {
		below := y + nodeHeight + nodeGap
		middle := y + nodeHeight/2
		if len(n.Led) > 0 {
			below = max(below, p.tree(n.Led, x+nodeWidth+nodeStep, y))
			middle = (y + below - nodeGap) / 2
			p.edges(n, x+nodeWidth, middle, y)
		}
		fmt.Fprintf(&p.body, `<rect class="node" x="%d" y="%d" width="%d" height="%d" rx="6"/>`+"\n", x, middle-nodeHeight/2, nodeWidth, nodeHeight)
		p.text(x+12, middle-3, "name", shortened(n.Name, 22))
		p.text(x+12, middle+13, "small", n.Stage)
		y = below
	}
	p.width = max(p.width, x+nodeWidth+margin)
	return y
}

// edges join a node to where its children are drawn.
func (p *picture) edges(n Node, x, from, y int) {
	for _, child := range n.Led {
		height := heightOf(child)
		to := y + (height-nodeGap)/2
		fmt.Fprintf(&p.body, `<path class="edge" d="M%d %dC%d %d %d %d %d %d"/>`+"\n", x, from, x+nodeStep/2, from, x+nodeStep/2, to, x+nodeStep, to)
		y += height
	}
}

// heightOf is the space that a node and all below it take.
func heightOf(n Node) int {
	sum := 0
	for _, child := range n.Led {
		sum += heightOf(child)
	}
	return max(sum, nodeHeight+nodeGap)
}

func (p *picture) text(x, y int, class, words string) {
	fmt.Fprintf(&p.body, `<text x="%d" y="%d" class="%s">`, x, y, class)
	_ = xml.EscapeText(&p.body, []byte(words)) // a strings.Builder takes everything
	p.body.WriteString("</text>\n")
}

func shortened(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
