package prep

import (
	"fmt"
	"regexp"
	"strings"

	"introd/templates"
)

// PlaceKind is how two people meet.
type PlaceKind string

// The kinds of places.
const (
	Unknown   PlaceKind = "not settled"
	Telephone PlaceKind = "telephone"
	Video     PlaceKind = "video"
	Cafe      PlaceKind = "café"
	Office    PlaceKind = "in person"
)

var (
	online = regexp.MustCompile(`(?i)https?://|\b(?:zoom|teams|google meet|meet\.google|webex|skype|facetime|jitsi|whereby|video|online)\b`)
	cafe   = regexp.MustCompile(`(?i)\b(?:caf[eé]s?|cafeteria|coffee(?:house)?|espresso|starbucks|roasters?|bakery|tea ?(?:room|house)|bistro|diner)\b|café`)
	called = regexp.MustCompile(`(?i)\b(?:phone|telephone|call)\b`)
)

// Kind tells from the words for a place how one meets there.
func Kind(place string) PlaceKind {
	switch place = strings.TrimSpace(place); {
	case place == "":
		return Unknown
	case templates.Phone(place):
		return Telephone
	case online.MatchString(place):
		return Video
	case cafe.MatchString(place):
		return Cafe
	case called.MatchString(place):
		return Telephone
	}
	return Office
}

// way is how to get to the talk, in one or two sentences.
func (f Facts) way() string {
	switch Kind(f.Place) {
	case Telephone:
		if templates.Phone(f.Place) {
			return "You call " + f.Place + "."
		}
		return "By telephone: " + f.Place + "."
	case Video:
		return "By video: " + f.Place
	case Cafe, Office:
		return f.Place + ". Look up the way tonight, and plan to be there ten minutes early."
	}
	if f.Start.IsZero() {
		return "No time and place are agreed yet."
	}
	return "No place is agreed yet: ask for one today."
}

// manners are how one behaves and dresses there.
func (f Facts) manners() []string {
	switch Kind(f.Place) {
	case Office:
		return []string{
			"Be in the building ten minutes early, and at the door on the minute. At a desk, say whom you have come to see.",
			"Wear what you would wear to give a talk in class: clean, plain, a shade more formal than everyday.",
			"Take this page, a pen and paper. Telephone off and out of sight.",
			"Wait to be shown a seat. When the time is over, stand up first.",
		}
	case Cafe:
		return []string{
			"Come ten minutes early, take a quiet table, and sit where you can be seen from the door.",
			"You asked, so you pay: offer before the order is placed. Choose something small.",
			"Neat everyday clothes. Take paper and a pen; the laptop stays in the bag.",
			"Telephone off the table. Leave a tip, and the table clean.",
		}
	case Telephone:
		return []string{
			f.clocks() + "Call on the minute, from a quiet room, with a full battery.",
			fmt.Sprintf("First words: “This is %s. Is this still a good time?”", f.Owner),
			"Stand or sit upright, and dress as if you were seen: it is heard.",
			"Nobody answers? Leave one short message, try once more after ten minutes, then write.",
		}
	case Video:
		return []string{
			f.clocks() + "Open the link ten minutes early; try camera, microphone and the name that is shown.",
			"Light in front of you, the camera at the height of your eyes, a plain wall behind you.",
			"Dress as for a visit. Look into the camera when you speak, and close everything else.",
			"The link fails? Write to " + f.Address + " at once, and offer to call.",
		}
	}
	return []string{
		"Dress a shade more formally than every day, wherever you meet.",
		"Be ready ten minutes early. Telephone off; paper and a pen at hand.",
	}
}

// clocks tells both times, where they differ.
func (f Facts) clocks() string {
	if f.Start.IsZero() || f.Start.In(f.Theirs).Format("15:04") == f.Start.In(f.Own).Format("15:04") {
		return ""
	}
	return f.Start.In(f.Own).Format("It is at 3:04 PM for you and ") + f.Start.In(f.Theirs).Format("3:04 PM for them. ")
}
