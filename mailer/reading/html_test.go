package reading

import "testing"

func TestNewTextFromHTML(t *testing.T) {
	const text = "Tuesday works."
	for name, body := range map[string]string{
		"gmail":        `<div dir="ltr">Tuesday works.</div><br><div class="gmail_quote"><div class="gmail_attr">On Mon, Sam wrote:<br></div><blockquote class="gmail_quote"><div>Could we talk?</div></blockquote></div>`,
		"gmail, old":   `<div>Tuesday works.</div><div class="gmail_extra"><div class="gmail_quote">2026-11-30 15:21 GMT-05:00 Sam <span>&lt;<a href="mailto:s@h.test">s@h.test</a>&gt;</span>:<br><blockquote class="gmail_quote">Could we talk?</blockquote></div></div>`,
		"apple":        `<div>Tuesday works.</div><div><br><blockquote type="cite"><div>On Nov 30, Sam wrote:</div><div>Could we talk?</div></blockquote></div>`,
		"outlook":      `<p class=MsoNormal>Tuesday works.<o:p></o:p></p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in'><p class=MsoNormal><b>From:</b> Sam<br></p></div></div><p class=MsoNormal>Could we talk?</p>`,
		"outlook web":  `<div>Tuesday works.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Sam<br></div><div>Could we talk?</div>`,
		"of outlook":   `<div>Tuesday works.</div><div id="x_divRplyFwdMsg">From: Sam</div><div>Could we talk?</div>`,
		"thunderbird":  `<p>Tuesday works.</p><div class="moz-cite-prefix">Am 30.11.2026 schrieb Sam:<br></div><blockquote type="cite" cite="mid:1"><p>Could we talk?</p></blockquote>`,
		"yahoo":        `<div>Tuesday works.</div><div id="ydp1yahoo_quoted_1" class="ydp1yahoo_quoted"><div>On Monday, Sam wrote:</div><div>Could we talk?</div></div>`,
		"proton":       `<div>Tuesday works.</div><div class="protonmail_quote">On Monday, November 30th, 2026 at 3:21 PM, Sam &lt;s@h.test&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">Could we talk?</blockquote></div>`,
		"windows mail": `<div>Tuesday works.</div><div style="border-top-style: solid"><b>От:</b>&nbsp;Sam<br><b>Отправлено:</b>&nbsp;26 июня 2026 г. 15:05<br><b>Кому:</b> Dana</div><div>Could we talk?</div>`,
		"forward":      `<div>Tuesday works.</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: Bob<br></div><br>Hello <blockquote class="gmail_quote">Could we?</blockquote> there</div>`,
		"bare forward": `<div>Tuesday works.</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: Bob<br></div><br>Hello there</div>`,
		"signature":    `<div>Tuesday works.</div><div class="gmail_signature"><div>Dana, who never sleeps and tells everyone.</div></div>`,
		"hidden, open": `<p style="display:none">Read this first<p>Tuesday works.`,
		"hidden":       `<div style="display: none">Read this first<div>and this</div>too</div><style>p{}</style><div>Tuesday works.</div>`,
	} {
		if got := Read(htmlMail(body), Context{}).NewText; got != text {
			t.Errorf("%s: %q, want %q", name, got, text)
		}
	}
}

func TestAnswersBetweenCitationsInHTML(t *testing.T) {
	body := `<div class="gmail_quote"><div class="gmail_attr">On Mon, Sam wrote:</div><blockquote class="gmail_quote">Could we talk?</blockquote><div>Yes.</div><blockquote class="gmail_quote">When?</blockquote><div>Tuesday.</div></div>`
	r := Read(htmlMail(body), Context{})
	if want := "Yes.\n\nTuesday."; r.NewText != want {
		t.Errorf("%q, want %q", r.NewText, want)
	}
	if want := "> On Mon, Sam wrote:\n> Could we talk?\nYes.\n> When?\nTuesday."; r.Text != want {
		t.Errorf("the whole text is %q, want %q", r.Text, want)
	}
}

func TestHTMLLayout(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"cells":          {"<table><tr><td>Tuesday</td><td>3 PM</td></tr><tr><td>Friday</td><td>4 PM</td></tr></table>", "Tuesday 3 PM\nFriday 4 PM"},
		"word":           {"<p class=MsoNormal>One,</p>\n<p class=MsoNormal>&nbsp;</p><p class=MsoNormal>two.</p><p class=MsoNormal>Three.</p>", "One,\n\ntwo.\nThree."},
		"paragraphs":     {"<p>One.</p><p>Two<br>three.</p>", "One.\n\nTwo\nthree."},
		"inline":         {"a <b>bold</b>, <i>slanted</i>\n word&nbsp;&amp; more", "a bold, slanted word & more"},
		"list":           {"<ul><li>Tuesday</li><li>  Friday</li></ul>", "- Tuesday\n- Friday"},
		"list of blocks": {"<ul><li><p>Tuesday</p></li><li><div>Friday</div></li></ul>", "- Tuesday\n- Friday"},
		"pre":            {"<pre>a  b\n c</pre>", "a  b\n c"},
		"indented":       {`<div>One.</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px">Two.</blockquote>`, "One.\nTwo."},
		"unclosed":       {"<div>One<p>Two<blockquote style='border:none'>Three", "One\n\nTwo\nThree"},
	} {
		if got := Read(htmlMail(c.body), Context{}).NewText; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// The plain form is asked where HTML leaves nothing.
func TestPlainWhereHTMLSaysNothing(t *testing.T) {
	alternative := "--b\nContent-Type: text/plain\n\nTuesday works.\n--b\nContent-Type: text/html\n\n<div class=\"gmail_quote\">Tuesday works.</div>\n--b--\n"
	if got := Read(mailWith("Content-Type: multipart/alternative; boundary=b", alternative), Context{}).NewText; got != "Tuesday works." {
		t.Errorf("%q", got)
	}
}
