package mailer_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"introd/mailer"
	"introd/mailer/postoffice"
)

// TestMoveOwn: introd's own mail is moved and found again; what is not proved, or cannot be moved, stays.
func TestMoveOwn(t *testing.T) {
	t.Parallel()
	f, a := office(t, postoffice.Options{})
	p, sum := put(t, a, "Drafts")
	if _, err := dial(t, a).Move(p, "Trash", "theirs@home.test", sum); !errors.Is(err, mailer.ErrChanged) || lying(t, f, "Drafts") != "Send this?" {
		t.Errorf("a mail of another Message-ID: %v", err)
	}
	s := dial(t, a)
	there, err := s.Move(p, "Trash", ownID, sum)
	if err != nil || there.UID == 0 || lying(t, f, "Trash") != "Send this?" {
		t.Fatalf("%v %v", there, err)
	}
	back, err := s.Move(there, "Drafts", ownID, sum)
	if err != nil || back.UID == p.UID || back.UIDValidity != p.UIDValidity || lying(t, f, "Drafts") != "Send this?" {
		t.Errorf("%v %v", back, err)
	}
	f, a = office(t, postoffice.Options{Manners: postoffice.Manners{Lacks: "MOVE"}})
	p, sum = put(t, a, "Drafts")
	if _, err := dial(t, a).Move(p, "Trash", ownID, sum); !errors.Is(err, mailer.ErrCannotMove) || lying(t, f, "Drafts") != "Send this?" {
		t.Errorf("without MOVE: %v", err)
	}
}

// TestLatch: a capability that the server refuses in spite of its promise is named, and not used where it is latched.
func TestLatch(t *testing.T) {
	t.Parallel()
	s := sound()
	s.answers["CAPABILITY"] = []string{"* CAPABILITY IMAP4rev1 MOVE UIDPLUS IDLE ID X-ODD\n$ OK"}
	s.answers["ID"] = []string{"* ID (\"name\" \"Odd\" \"version\" \"3\" \"remote-host\" \"192.0.2.7\")\n$ OK"}
	s.answers["UID MOVE"] = []string{"$ NO [CANNOT] not here"}
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(mailbox[5])))
	place := mailer.Placement{Folder: "INBOX", UIDValidity: 7, UID: 5}
	session := s.dial(t)
	if id := session.Server(); id.Name != "Odd" || id.Version != "3" || !slices.Contains(id.Offers, "X-ODD") {
		t.Errorf("the server is %+v", id)
	}
	if _, err := session.Move(place, "Trash", "five@x.test", sum); !errors.Is(err, mailer.ErrCannotMove) || !slices.Equal(session.Refused(), []string{"MOVE"}) {
		t.Errorf("%v, refused %v", err, session.Refused())
	}
	a := s.account(t)
	a.Latched = session.Refused()
	before := len(s.heard())
	again := dial(t, a)
	if _, err := again.Move(place, "Trash", "five@x.test", sum); !errors.Is(err, mailer.ErrCannotMove) || again.Caps().Move || !again.Caps().UIDPlus {
		t.Errorf("%v with %+v", err, again.Caps())
	}
	for _, line := range s.heard()[before:] {
		if strings.HasPrefix(line, "UID MOVE") {
			t.Errorf("said %q", line)
		}
	}
}
