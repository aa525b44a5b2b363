package store

import "time"

// Learnt is what introd has found out about one account: by asking its server, by trying, and from its owner.
type Learnt struct {
	Account string          `json:"account"`
	At      time.Time       `json:"at"` // the last time that all of it was looked at
	Facts   map[string]Fact `json:"facts"`
	Folders []FolderState   `json:"folders,omitempty"` // those that no part is given to, at that time
	Letters []Letter        `json:"letters,omitempty"` // on their way, or still to be removed
}

// A Fact is one thing that was found out. Neither Value nor How names a person, an address or a folder.
type Fact struct {
	Value string    `json:"value"`
	How   string    `json:"how"` // how it is known, for the owner
	At    time.Time `json:"at"`
}

// FolderState is how a folder stood when it was last looked at, and what the owner said of it.
type FolderState struct {
	Folder      string    `json:"folder"`
	UIDValidity uint32    `json:"uid_validity"`
	UIDNext     uint32    `json:"uid_next"`
	Messages    uint32    `json:"messages"`
	Fed         time.Time `json:"fed,omitzero"`     // when new mail was last seen in it
	Watch       bool      `json:"watch,omitempty"`  // the owner wants it watched
	Ignore      bool      `json:"ignore,omitempty"` // the owner does not, and is not asked again
}

// A Letter is a mail that introd sends from the owner to the owner, with their yes, to see what becomes of it. It is stored
// before it is sent: what bears its ids is introd's own, and may be removed.
type Letter struct {
	MessageID string        `json:"message_id"` // 128 random bits
	Mark      string        `json:"mark"`       // as many, in References: it outlives a server that replaces Message-ID
	Purpose   string        `json:"purpose"`
	To        string        `json:"to"`
	Subject   string        `json:"subject"`
	SHA256    string        `json:"sha256"`         // of its bytes as they were handed over
	At        time.Time     `json:"at"`             // when it was recorded, just before the send
	Out       bool          `json:"out,omitempty"`  // the server has taken it
	Done      bool          `json:"done,omitempty"` // what it shows is known; what turns up late is removed still
	Next      time.Time     `json:"next"`           // when it is looked for next
	Before    []FolderState `json:"before"`         // how the folders stood in which it may land
}

// Learnt returns what is known about an account; nothing at first.
func (tx *Tx) Learnt(account string) (Learnt, error) {
	l := Learnt{Account: account}
	err := ignoreNotFound(tx.get(key("r", account), &l))
	if l.Facts == nil {
		l.Facts = map[string]Fact{}
	}
	return l, err
}

// PutLearnt stores what is known about an account.
func (tx *Tx) PutLearnt(l Learnt) error { return tx.put(key("r", l.Account), l) }
