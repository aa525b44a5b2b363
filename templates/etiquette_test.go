package templates

import (
	"strings"
	"testing"
)

// good is a request with which nothing is wrong.
var good = Text{
	Kind: "interview-request-referred", Subject: "Prof. Lee suggested I write to you",
	Body: `Dear Dana,

Prof. Lee suggested that I write to you. I am a second-year chemistry student. Your talk on battery recycling changed what I want to work on.

Would you have 20 to 30 minutes to tell me about your work? I am looking for information and advice, not for a job.

Thank you,
Sam Rivera
`,
}

var facts = Facts{Recipients: []string{"Dana Wu"}, To: 1, Introducer: "Prof. Lee", Org: "BigCo"}

// rulesOf are the rules that a mail breaks: "!" before those that refuse it.
func rulesOf(t Text, f Facts) string {
	var rules []string
	for _, finding := range Check(t, f) {
		if finding.Refuse {
			finding.Rule = "!" + finding.Rule
		}
		rules = append(rules, finding.Rule)
	}
	return strings.Join(rules, " ")
}

func TestAGoodRequestPasses(t *testing.T) {
	if got := rulesOf(good, facts); got != "" {
		t.Error(got)
	}
}

// A greetedLine is a first line, to whom, several apart by "|", and the rule it breaks.
type greetedLine struct{ line, recipients, rule string }

func checkGreetings(t *testing.T, list []greetedLine) {
	t.Helper()
	for _, g := range list {
		text, f := good, facts
		text.Body = strings.Replace(good.Body, "Dear Dana,", g.line, 1)
		f.Recipients, f.To = strings.Split(g.recipients, "|"), strings.Count(g.recipients, "|")+1
		if got := rulesOf(text, f); got != g.rule {
			t.Errorf("%q to %s: %q, should be %q", g.line, g.recipients, got, g.rule)
		}
	}
}

func TestGreetings(t *testing.T) {
	checkGreetings(t, []greetedLine{
		{"Dear Dana,", "Dana Wu", ""},
		{"Dear Dana", "Dana Wu", ""},
		{"dear dana,", "Dana Wu", ""},
		{"Dana,", "Dana Wu", ""},
		{"Dana —", "Dana Wu", ""},
		{"Hi Dana, thanks for getting back to me so quickly.", "Dana Wu", ""},
		{"Hi Dana thanks for getting back to me", "Dana Wu", ""},
		{"Hi Dana Thanks for getting back to me", "Dana Wu", ""},
		{"Hello, Dana!", "Dana Wu", ""},
		{"Hello Dana. Thanks again.", "Dana Wu", ""},
		{"Good morning Dana,", "Dana Wu", ""},
		{"Dear Ms. Wu:", "Dana Wu", ""},
		{"Dear Dana Wu,", "Wu, Dana", ""},
		{"Dear Prof. Lee,", "Prof. Lee", ""},
		{"Dear Professor Lee,", "Prof. Min-Ji Lee, PhD", ""},
		{"Dear Prof. Dr. Lee,", "Min-Ji Lee", ""},
		{"Dear Professor,", "Prof. Lee", ""},
		{"Dear J. Lee,", "Jin Lee", "!wrong-name"},
		{"Dear Jose,", "José Álvarez", ""},
		{"Dear José,", "Jose Alvarez", ""},
		{"Lieber Herr Mueller,", "Jörg Müller", ""},
		{"Dear Jorg,", "Jörg Müller", ""},
		{"Dear Soren,", "Søren Kjær", ""},
		{"Dear Anna-Lena,", "Anna-Lena Weiß", ""},
		{"Dear Anna,", "Anna-Lena Weiß", ""},
		{"Dear Mr. Weiss,", "Jan Weiß", ""},
		{"Dear Mary Ann,", "Mary Ann O'Brien", ""},
		{"Dear Ms. O’Brien,", "Mary Ann O'Brien", ""},
		{"Dear Mr. van der Berg,", "Piet van der Berg", ""},
		{"Dear Xiaoming,", "王小明", ""},
		{"Dear Bill,", "William Smith", ""},
		{"Dear Liz,", "Elizabeth Chen", ""},
		{"Dear Alex,", "Alexandra Chen", ""},
		{"Dear Robert,", "Bob Hall", ""},
	})
}

func TestGreetingsOfSomebodyElse(t *testing.T) {
	checkGreetings(t, []greetedLine{
		{"Dear Dan,", "Dana Wu", "!wrong-name"},
		{"Dear Dana Smith,", "Dana Wu", "!wrong-name"},
		{"Dear Ben,", "Dana Wu", "!wrong-name"},
		{"Dear Dana and Ben,", "Dana Wu", "!wrong-name"},
		{"Dear Dana and Ben,", "Dana Wu|Ben Ortiz", ""},
		{"Hi both,", "Dana Wu|Ben Ortiz", ""},
		{"Hi all,", "Dana Wu|Ben Ortiz", ""},
		{"Hi both,", "Dana Wu", "!no-greeting"},
		{"Hi there,", "Dana Wu", "!no-greeting"},
		{"Dear Sir or Madam,", "Dana Wu", "!no-greeting"},
		{"Dear Hiring Manager,", "Dana Wu", "!no-greeting"},
		{"Sehr geehrte Damen und Herren,", "Jörg Müller", "!no-greeting"},
		{"Dear ,", "Dana Wu", "!no-greeting"},
		{"Dear", "Dana Wu", "!no-greeting"},
		{"Hello,", "Dana Wu", "!no-greeting"},
		{"I am a student at State and would like to talk.", "Dana Wu", "!no-greeting"},
		{"Thanks!", "Dana Wu", "!no-greeting"},
		{"", "Dana Wu", "!no-greeting"},
	})
}

func TestGreetingsInOtherLanguages(t *testing.T) {
	checkGreetings(t, []greetedLine{
		{"Sehr geehrter Herr Dr. Müller,", "Jörg Müller", ""},
		{"Sehr geehrte Frau Prof. Schmidt,", "Eva Schmidt", ""},
		{"Guten Tag Frau Schmidt,", "Eva Schmidt", ""},
		{"Chère Madame Dubois,", "Claire Dubois", ""},
		{"Bonjour Madame,", "Claire Dubois", ""},
		{"Estimada Dra. García:", "Lucía García", ""},
		{"Olá Inês,", "Inês Sousa", ""},
		{"Buenos días, Lucía:", "Lucía García", ""},
		{"Dear Whoever,", "", ""},
	})
}

func TestAnAnswerMayGreetWithoutAName(t *testing.T) {
	for line, rule := range map[string]string{"Good morning,": "", "Hi! Thank you.": "", "Hello there,": "", "Dear ,": "!no-greeting", "Dear Ben,": "!wrong-name"} {
		if got := rulesOf(Text{Kind: "confirmation", Subject: "Re: Your work", Body: line + "\n\nTuesday it is."}, facts); got != rule {
			t.Errorf("in an answer, %q: %q, should be %q", line, got, rule)
		}
	}
}

func TestUnfilledSlots(t *testing.T) {
	for _, text := range []string{
		"I read [title of article] with interest.", "Dear [Name],", "at [Company Name]", "my work in [field]", "[Your university]", "I met [first_name]", "[insert one sentence here]", "{{.org}} is great", "{{ name }}",
		"Hi <First Name>", "<company>", "I work at XXX", "TODO: say why", "${first_name}", "%FIRSTNAME%", "$COMPANY", "My name is ____.", "[date]", "[ROLE]", "[your sentence here]",
	} {
		if unfilled(text) == "" {
			t.Errorf("%q passes", text)
		}
	}
	for _, text := range []string{
		"as you say in [1]", "“their [sic] work”", "she wrote that [t]he plant closed", "[...]", "[…]", "a[i] and list[name]", "a map of List<Name>", "[my page](https://x.test/name)", "x < y and y > z", "<https://bigco.test>",
		"Sam <sam@home.test>", "________________\nFrom: Dana", "TBD", "Super Bowl XX", "[PDF]", "[EXTERNAL] Re: hello", "snake_case and __init__", "50% of THE% ", "costs $30", "[laughs]",
	} {
		if slot := unfilled(text); slot != "" {
			t.Errorf("%q is refused for %q", text, slot)
		}
	}
}

func TestRefusals(t *testing.T) {
	for rule, change := range map[string]func(*Text, *Facts){
		"!no-recipient":  func(_ *Text, f *Facts) { f.To = 0 },
		"!opted-out":     func(_ *Text, f *Facts) { f.OptedOut = true },
		"!open-request":  func(_ *Text, f *Facts) { f.OpenRequest = "Ben Ortiz" },
		"!unfilled-slot": func(t *Text, _ *Facts) { t.Subject = "A question about [Company]" },
	} {
		text, f := good, facts
		if change(&text, &f); rulesOf(text, f) != rule {
			t.Errorf("%q, should be %q", rulesOf(text, f), rule)
		}
	}
	thanks := Text{Kind: "thank-you", Subject: "Thank you for your time", Body: "Dear Dana,\n\nThank you."}
	if got := rulesOf(thanks, Facts{Recipients: []string{"Dana Wu"}, To: 1, OpenRequest: "Ben"}); got != "" {
		t.Errorf("an open request keeps back a thank-you: %s", got)
	}
}

func TestWarningsOfARequest(t *testing.T) {
	for _, w := range []struct{ old, new, rule string }{
		{"Would you", strings.Repeat("This goes on and on. ", 20) + "Would you", "length"},
		{"20 to 30 minutes", "a moment", "no-duration"},
		{"20 to 30 minutes", "half an hour", ""},
		{"20 to 30 minutes", "a 25-minute call", ""},
		{"20 to 30 minutes", "twenty minutes", ""},
		{"20 to 30 minutes", "30 years", "no-duration"},
		{"I am looking for information and advice, not for a job.", "", "no-purpose"},
		{"I am looking for information and advice, not for a job.", "I would like to learn from you.", ""},
		{"Prof. Lee suggested that I write to you. ", "", "introducer-late"},
		{"Prof. Lee suggested that I write to you. ", "We have not met. Dr. J. Lee gave me your name. ", ""},
		{"Prof. Lee suggested that I write to you. ", "We have not met. I hope to change that. Prof. Lee gave me your name. ", "introducer-late"},
		{"Would you", "Why? How? What? Would you", "questions"},
		{"Would you", "See https://x.test/a?b=c&d=e?f. Really?? Why? Would you", ""},
	} {
		text := good
		text.Body = strings.Replace(good.Body, w.old, w.new, 1)
		if got := rulesOf(text, facts); got != w.rule {
			t.Errorf("%q in place of %q: %q, should be %q", w.new, w.old, got, w.rule)
		}
	}
}

func TestJobWords(t *testing.T) {
	for _, clean := range []string{
		"I am not looking for a job.", "no job, just advice", "This is about information rather than a job.", "It isn't a job I am after.", "I don't expect an internship or a job.", "A job is not what this is about.",
		"I would like to hear what your job is like.", "What does a day on the job look like?", "Steve Jobs said so.", "your work at Jobs for the Future", "applications of machine learning", "We apply physics to cells.",
		"Thank you for the opportunity to talk.", "We recruit patients for a study.", "I will resume my studies in May.", "You did a great job on that paper.",
	} {
		if word := jobWord(clean, "Jobs for the Future"); word != "" {
			t.Errorf("%q sounds like job-hunting for %q", clean, word)
		}
	}
	for _, hunting := range []string{
		"I am looking for a job.", "I am not only looking for advice but for a job.", "I want information, but a job would be nice.", "Do you have any open positions?", "I attach my résumé.", "Are you hiring?", "I would like to apply for a position.",
		"I cannot find a job.", "Is there an internship?", "Jobs are rare. I need one.", "my job search", "No time to lose. I need a job.",
	} {
		if jobWord(hunting, "") == "" {
			t.Errorf("%q does not sound like job-hunting", hunting)
		}
	}
}

func TestTheBlurbIsNotTheMailsOwnText(t *testing.T) {
	blurb := "\n  " + strings.Repeat("Sam has had a job and an internship? ", 20) + "\n"
	text := good
	text.Body = strings.Replace(good.Body, "\nThank you", blurb+"\nThank you", 1)
	if got := rulesOf(text, facts); got != "" {
		t.Error(got)
	}
}

func TestSubjects(t *testing.T) {
	for subject, rule := range map[string]string{
		"Hello": "subject-length", "A question": "subject-length", "A question, please": "", "One two three four five six seven eight": "", "One two three four five six seven eight nine": "subject-length",
		"Re: Hello": "", "AW: Re: x": "", "": "subject-length",
	} {
		text := good
		if text.Subject = subject; rulesOf(text, facts) != rule {
			t.Errorf("%q: %q, should be %q", subject, rulesOf(text, facts), rule)
		}
	}
}

func TestSameness(t *testing.T) {
	sentence := "Your talk on battery recycling changed what I want to work on."
	for _, s := range []struct {
		name, earlier, rule string
	}{
		{"the same with another name", strings.NewReplacer("Dana", "Ben", "Prof. Lee", "Dr. Chen").Replace(good.Body), "sameness"},
		{"another sentence for another person", strings.Replace(good.Body, sentence, "The way you wrote about night shifts in the plant stayed with me.", 1), ""},
		{"another mail altogether", "Dear Ben,\n\nHow are you these days? I have not heard of you for years.", ""},
		{"nothing", "", ""},
	} {
		f := facts
		if f.Earlier = []string{"", s.earlier}; rulesOf(good, f) != s.rule {
			t.Errorf("%s: %q, should be %q", s.name, rulesOf(good, f), s.rule)
		}
	}
}

// checkSeeds are texts that have gone wrong or might.
var checkSeeds = []string{
	"", "\n\n\n", "Dear Dana,\n\nHello.", "Dear ,", ",", ".", "Dear Dr. Dr. Dr. Dr. Dr.", strings.Repeat("Dr. ", 3000), strings.Repeat("[", 3000), strings.Repeat("{{", 3000), strings.Repeat("job ", 3000), strings.Repeat("? ", 3000),
	"Dear \xff\xfe,\n\n\xc3(", "Hi 王小明,\n\n你好。", "Dear\u00a0Dana,", "  indented\n  blurb", "Dear Dana,\r\n\r\nHello\r\n", "É", "Dear É", "[name", "name]", "<>", "< >", "_ ___",
}

func FuzzCheck(f *testing.F) {
	for _, seed := range checkSeeds {
		f.Add(seed, seed, "Dana Wu")
	}
	f.Fuzz(func(t *testing.T, subject, body, name string) {
		for _, finding := range Check(Text{Kind: "interview-request-cold", Subject: subject, Body: body}, Facts{Recipients: []string{name}, To: 1, Introducer: name, Org: name, Earlier: []string{subject, body}}) {
			if finding.Rule == "" || finding.Words == "" || finding.Source == "" {
				t.Errorf("a finding without words: %+v", finding)
			}
		}
	})
}

func TestCheckSeedsAreThere(t *testing.T) {
	if len(checkSeeds) != 24 {
		t.Errorf("%d seeds", len(checkSeeds))
	}
}
