package report

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-ical"
	"github.com/emersion/go-vcard"

	"introd/store"
)

// JSONFile is the file of an export that introd reads again.
const JSONFile = "introd.json"

// Export writes a Book into dir, which must be new or empty, as files that other programs read: a page of
// Markdown for each person, people.csv, people.vcf (vCard 4), meetings.ics, and introd.json with all of it.
func Export(b Book, dir string) error {
	files := map[string]func(Book) ([]byte, error){
		"people.csv": table, "people.vcf": cards, "meetings.ics": meetings,
		JSONFile: func(b Book) ([]byte, error) { return json.MarshalIndent(b, "", "  ") },
	}
	for _, p := range b.People {
		files[filepath.Join("people", p.ID+".md")] = func(b Book) ([]byte, error) { return []byte(page(b, p)), nil }
	}
	if err := os.MkdirAll(filepath.Join(dir, "people"), 0o700); err != nil {
		return err
	}
	for name, write := range files {
		raw, err := write(b)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// page tells of one person in Markdown: who they are, and what happened, the oldest first.
func page(b Book, p Person) string {
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n\n", p.Name)
	for _, line := range [][2]string{
		{"Address", p.Address}, {"Organization", p.Organization.Name}, {"Through", p.Via}, {"How you know them", p.How}, {"Time zone", p.Zone}, {"Stands at", string(p.State.Stage)},
	} {
		if line[1] != "" {
			fmt.Fprintf(&out, "- %s: %s\n", line[0], line[1])
		}
	}
	for _, ev := range p.History {
		fmt.Fprintf(&out, "\n## %s: %s\n", ev.At.In(b.Zone).Format("Monday, 2 January 2006, 15:04"), ev.Kind.Words())
		eventText(&out, b, ev)
	}
	return out.String()
}

func eventText(out *strings.Builder, b Book, ev store.Event) {
	if m := ev.Mail; m != nil {
		fmt.Fprintf(out, "\n**%s**\n\n%s\n", m.Subject, strings.TrimSpace(m.Text))
	}
	if m := ev.Meeting; m != nil {
		fmt.Fprintf(out, "\nMeeting: %s, %s\n", m.Start.In(b.Zone).Format("Monday, 2 January 2006, 15:04 MST"), cmp.Or(m.Place, "no place named"))
	}
	if d := ev.Debrief; d != nil {
		for _, part := range []struct {
			title string
			lines []string
		}{{"Learnt", d.Learnt}, {"Want to know", d.Open}, {"Next steps", d.Next}} {
			if len(part.lines) > 0 {
				fmt.Fprintf(out, "\n%s:\n\n- %s\n", part.title, strings.Join(part.lines, "\n- "))
			}
		}
	}
	if ev.Text != "" {
		fmt.Fprintf(out, "\n%s\n", ev.Text)
	}
}

func table(b Book) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{{"id", "name", "address", "organization", "through", "known as", "stage", "added", "last mail"}}
	for _, p := range b.People {
		last := ""
		for _, ev := range p.History {
			if ev.Mail != nil {
				last = ev.At.In(b.Zone).Format(time.DateOnly)
			}
		}
		rows = append(rows, []string{p.ID, p.Name, p.Address, p.Organization.Name, p.Via, p.How, string(p.State.Stage), p.Added.In(b.Zone).Format(time.DateOnly), last})
	}
	err := w.WriteAll(rows)
	return out.Bytes(), err
}

func cards(b Book) ([]byte, error) {
	var out bytes.Buffer
	encoder := vcard.NewEncoder(&out)
	for _, p := range b.People {
		card := vcard.Card{}
		card.SetValue(vcard.FieldFormattedName, p.Name)
		card.AddValue(vcard.FieldEmail, p.Address)
		for _, a := range p.Aliases {
			if a.Address != p.Address && !a.Dead {
				card.AddValue(vcard.FieldEmail, a.Address)
			}
		}
		if p.Organization.Name != "" {
			card.SetValue(vcard.FieldOrganization, p.Organization.Name)
		}
		vcard.ToV4(card)
		if err := encoder.Encode(card); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// meetings writes the newest state of every meeting that stands as one calendar.
func meetings(b Book) ([]byte, error) {
	calendar := ical.NewCalendar()
	calendar.Props.SetText(ical.PropVersion, "2.0")
	calendar.Props.SetText(ical.PropProductID, "-//introd//introd//EN")
	for _, p := range b.People {
		m := p.State.Meeting
		if m == nil || p.State.MeetingOff {
			continue
		}
		event := ical.NewEvent()
		event.Props.SetText(ical.PropUID, m.UID)
		event.Props.SetDateTime(ical.PropDateTimeStamp, b.At.UTC())
		event.Props.SetDateTime(ical.PropDateTimeStart, m.Start.UTC())
		event.Props.SetDateTime(ical.PropDateTimeEnd, m.End.UTC())
		event.Props.SetText(ical.PropSummary, "Talk with "+p.Name)
		if m.Place != "" {
			event.Props.SetText(ical.PropLocation, m.Place)
		}
		calendar.Children = append(calendar.Children, event.Component)
	}
	if len(calendar.Children) == 0 { // RFC 5545 §3.6 wants one component at least
		return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//introd//introd//EN\r\nEND:VCALENDAR\r\n"), nil
	}
	var out bytes.Buffer
	err := ical.NewEncoder(&out).Encode(calendar)
	return out.Bytes(), err
}

// ErrNoExport says that a file is none that Export wrote.
var ErrNoExport = errors.New("this file is no export of introd's")

// ReadJSON reads the introd.json of an export.
func ReadJSON(raw []byte) (b Book, err error) {
	if err := json.Unmarshal(raw, &b); err != nil {
		return b, fmt.Errorf("%w (%v)", ErrNoExport, err)
	}
	for _, p := range b.People {
		if !store.IsID(p.ID) || p.Name == "" || p.Address == "" || slices.ContainsFunc(p.History, func(ev store.Event) bool { return ev.Person != p.ID }) {
			return b, fmt.Errorf("%w: somebody in it has no proper id, name or address, or another's history", ErrNoExport)
		}
	}
	return b, nil
}
