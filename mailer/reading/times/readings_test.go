package times

import (
	"testing"
	"time"
)

// What may be read in two ways bears both readings, the likelier one first.
func TestAmbiguity(t *testing.T) {
	phrases{
		{"Next Friday at 11?", "Fri 13 Mar 11:00 | Fri 6 Mar 11:00"},
		{"7 on Wednesday does not suit, at 7 on Thursday would", "Thu 5 Mar 07:00 | Thu 5 Mar 19:00; not Wed 4 Mar 07:00 | Wed 4 Mar 19:00"},
		{"Friday the 12th at noon", "Fri 12 Jun 12:00 | Thu 12 Mar 12:00 | Fri 13 Mar 12:00"},
		{"Tuesday or Thursday next week", "Tue 10 Mar | Tue 3 Mar; Thu 12 Mar"},
	}.run(t, newYork(t))
}

func TestDateOrder(t *testing.T) {
	for _, c := range []struct{ zone, text, want string }{
		{"America/New_York", "4/3 at 4pm", "Fri 3 Apr 16:00"},
		{"Europe/London", "4/3 at 4pm", "Wed 4 Mar 16:00 | Fri 3 Apr 16:00"},
		{"UTC", "4/3 at 4pm", "Fri 3 Apr 16:00 | Wed 4 Mar 16:00"},
		{"UTC", "4/3 or 14/3", "Wed 4 Mar; Sat 14 Mar"},
		{"UTC", "4/13", "Mon 13 Apr"},
		{"UTC", "Friday 4/3", "Fri 3 Apr"},
		{"Europe/Berlin", "Passt Ihnen der 4.3. um 15 Uhr?", "Wed 4 Mar 15:00"},
		{"Europe/Madrid", "Puedo el 4/3 a las 15:00", "Wed 4 Mar 15:00"},
	} {
		loc := zoneOf(t, c.zone)
		phrases{{c.text, c.want}}.run(t, Options{Ref: time.Date(2026, 3, 2, 10, 0, 0, 0, loc), Zone: loc})
	}
	phrases{{"4/3", "Wed 4 Mar"}}.run(t, Options{Ref: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), DayFirst: true})
}

func TestZones(t *testing.T) {
	o := newYork(t)
	o.OwnerZone = zoneOf(t, "Europe/Berlin")
	for _, c := range []struct{ text, want, zone string }{
		{"Thursday at 10am PT", "2026-03-05T10:00:00-08:00", "PT"},
		{"Thursday at 10 Pacific time", "2026-03-05T10:00:00-08:00", "Pacific time"},
		{"Thursday, 3 GMT", "2026-03-05T15:00:00Z", "GMT"},
		{"Thursday at 3pm CET", "2026-03-05T15:00:00+01:00", "CET"},
		{"Thursday at noon. Central time.", "2026-03-05T12:00:00-06:00", "Central time"},
		{"the following (all Central):\n- Thursday, 9 a.m.", "2026-03-05T09:00:00-06:00", "Central"},
		{"Thursday at 3pm UTC+2", "2026-03-05T15:00:00+02:00", "UTC+2"},
		{"Thursday 15:00 +0530", "2026-03-05T15:00:00+05:30", "+0530"},
		{"Thursday at 3pm your time", "2026-03-05T15:00:00+01:00", "your time"},
		{"jeudi à 15h30, heure française", "2026-03-05T15:30:00+01:00", "française"},
		{"Thursday at 9:30pm ist", "2026-03-05T21:30:00+05:30", "ist"},
		{"10am PT / 1pm ET on Thursday", "2026-03-05T10:00:00-08:00", "PT"},
		{"Thursday at 3, the rest is history", "2026-03-05T15:00:00-05:00", ""},
		{"Central Park is nice, Thursday at 3", "2026-03-05T15:00:00-05:00", ""},
		{"Donnerstag um 15 Uhr ist gut", "2026-03-05T15:00:00-05:00", ""},
	} {
		r := Find(c.text, o)
		if len(r.Times) != 1 || r.Times[0].Start.Format(time.RFC3339) != c.want || r.Zone != c.zone {
			t.Errorf("%q: %s in %q, want %s in %q", c.text, show(r), r.Zone, c.want, c.zone)
		}
	}
}

// An abbreviation of the other season is the clock on the wall, and its literal offset the other reading.
func TestZoneOfTheOtherSeason(t *testing.T) {
	r := Find("July 14 at 3pm EST", newYork(t))
	if len(r.Times) != 1 || r.Times[0].Start.Format(time.RFC3339) != "2026-07-14T15:00:00-04:00" || len(r.Times[0].Alternatives) != 1 ||
		r.Times[0].Alternatives[0].Start.Format(time.RFC3339) != "2026-07-14T15:00:00-05:00" {
		t.Errorf("got %+v", r.Times)
	}
	if r := Find("April 14 at 3pm IST", newYork(t)); len(r.Times) != 1 || len(r.Times[0].Alternatives) != 2 {
		t.Errorf("IST is of India, Ireland and Israel: got %+v", r.Times)
	}
}

// The sender's zone is the one said, else the one known, else that of the Date header.
func TestSendersZone(t *testing.T) {
	ref := time.Date(2026, 3, 2, 23, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		zone *time.Location
		text string
		want string
	}{
		{nil, "tomorrow at 9", "2026-03-03T09:00:00Z"},
		{zoneOf(t, "Europe/Berlin"), "tomorrow at 9", "2026-03-04T09:00:00+01:00"},
		{zoneOf(t, "Europe/Berlin"), "tomorrow at 9 ET", "2026-03-03T09:00:00-05:00"},
	} {
		r := Find(c.text, Options{Ref: ref, Zone: c.zone})
		if len(r.Times) != 1 || r.Times[0].Start.Format(time.RFC3339) != c.want {
			t.Errorf("%q: %s, want %s", c.text, show(r), c.want)
		}
	}
}

func TestOtherLanguages(t *testing.T) {
	phrases{
		{"Mittwoch um halb drei oder Donnerstag ab 16 Uhr", "Wed 4 Mar 14:30; Thu 5 Mar 16:00-"},
		{"Am 12. März um 15 Uhr, oder Freitag morgen", "Thu 12 Mar 15:00; Fri 6 Mar 08:00-12:00"},
		{"Passt Ihnen morgen Nachmittag?", "Tue 3 Mar 12:00-18:00"},
		{"nächste Woche Dienstag zwischen 10 und 12 Uhr", "Tue 10 Mar 10:00-12:00"},
		{"Donnerstag geht leider nicht, Freitag, der 13. März, um 9:30 Uhr passt", "Fri 13 Mar 09:30; not Thu 5 Mar"},
		{"in zwei Wochen am Montag", "Mon 16 Mar; Mon 9 Mar"},
		{"Le mardi 10 mars à 15h30 me convient, ou jeudi matin", "Tue 10 Mar 15:30; Thu 5 Mar 08:00-12:00"},
		{"mercredi entre 14h et 16h", "Wed 4 Mar 14:00-16:00"},
		{"demain à 9h, ou le 14 à midi", "Tue 3 Mar 09:00; Sat 14 Mar 12:00"},
		{"la semaine prochaine, mercredi après-midi", "Wed 11 Mar 12:00-18:00"},
		{"jeudi à 10 h 30, ou le 12 ou le 13 au matin", "Thu 5 Mar 10:30; Thu 12 Mar 08:00-12:00; Fri 13 Mar 08:00-12:00"},
		{"mardi toute la journée, sauf entre 12h et 14h", "Tue 3 Mar; not Tue 3 Mar 12:00-14:00"},
		{"El martes 10 de marzo a las 4 de la tarde, o el jueves por la mañana", "Tue 10 Mar 16:00; Thu 5 Mar 08:00-12:00"},
		{"mañana por la mañana a las 9", "Tue 3 Mar 09:00"},
		{"pasado mañana a las 15:00", "Wed 4 Mar 15:00"},
		{"Terça-feira, dia 10, às 15h, ou quinta à tarde", "Tue 10 Mar 15:00; Thu 5 Mar 12:00-18:00"},
		{"Na próxima semana, quarta-feira entre as 14h e as 16h", "Wed 11 Mar 14:00-16:00"},
		{"vendredi 6 à 11h", "Fri 6 Mar 11:00"},
		{"el viernes 6 a las 11", "Fri 6 Mar 11:00"},
		{"viernes de 10 a 12", "Fri 6 Mar 10:00-12:00"},
		{"volto no dia 5 de maio", "Tue 5 May"},
		{"amanhã depois das 15h", "Tue 3 Mar 15:00-"},
	}.run(t, newYork(t))
}
