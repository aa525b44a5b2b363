//go:build bench

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"introd/daemon"
	"introd/daemon/network"
	"introd/daemon/steps"
	"introd/daemon/web"
	"introd/mailer"
	"introd/mailer/postoffice/dovecot"
	"introd/store"
)

// BenchmarkBudgets measures every row of the design's table of budgets on a real Dovecot, with the
// real program as a process of its own, and prints them beside what they are compared with. Start it
// by `make bench`; docs/PERFORMANCE.md says what each row means.
func BenchmarkBudgets(b *testing.B) {
	r := newBenchRig(b)
	b.Run("first_start", r.firstStarts)
	b.Run("at_rest", r.rest)
	b.Run("linking", r.linking)
	r.print()
}

func (r *benchRig) firstStarts(*testing.B) {
	small, large := r.firstStart("small", 10_000, false), r.firstStart("large", 100_000, false)
	r.row(large.introd.wall.Seconds()/large.bare.wall.Seconds(), "≤", 1.15, "× the bare client", "first start, 100,000 messages", "%s", large)
	r.row(small.introd.wall.Seconds()/small.bare.wall.Seconds(), "", 0, "× the bare client", "the same, 10,000 messages", "%s", small)
	r.row(large.peak/small.peak, "≤", 1.15, "× that of 10,000", "peak memory, 100,000 messages", "%.1f MB; with 10,000 %.1f MB", large.peak, small.peak)
	r.row(large.mined.wall.Seconds()/large.bareMined.wall.Seconds(), "≤", 2, "× the bare client", "introd network, 100,000 messages", "introd %.2f s, of the processor %.2f s; bare client %.2f s",
		large.mined.wall.Seconds(), large.mined.cpu.Seconds(), large.bareMined.wall.Seconds())
	// The filler has 24,000 senders: a mailbox of 10,000 messages does not know them all, one of 100,000 does, and so does a longer one.
	longer := r.firstStart("longer", 200_000, true)
	r.row(longer.peakMined/large.peakMined, "≤", 1.15, "× that of 100,000", "peak memory of introd network, 200,000 messages", "%.1f MB; with 100,000 messages %.1f MB, with 10,000 %.1f MB",
		longer.peakMined, large.peakMined, small.peakMined)
	r.row(longer.mined.wall.Seconds()/longer.bareMined.wall.Seconds(), "≤", 2, "× the bare client", "introd network, 200,000 messages", "introd %.2f s, of the processor %.2f s; bare client %.2f s",
		longer.mined.wall.Seconds(), longer.mined.cpu.Seconds(), longer.bareMined.wall.Seconds())
	if os.Getenv("INTROD_BENCH_MILLION") != "" {
		million := r.firstStart("million", 1_000_000, true)
		r.row(million.peak/small.peak, "≤", 1.15, "× that of 10,000", "peak memory, 1,000,000 short messages", "%.1f MB; %s", million.peak, million)
	}
}

func (s start) String() string {
	return fmt.Sprintf("introd %.2f s, of the processor %.2f s; bare client %.2f s, of the processor %.2f s (%d mails linked)",
		s.introd.wall.Seconds(), s.introd.cpu.Seconds(), s.bare.wall.Seconds(), s.bare.cpu.Seconds(), s.linked)
}

// A benchRig is the server, the programs and what was measured.
type benchRig struct {
	b             *testing.B
	server        *dovecot.Server
	introd, peers string
	rows          []string
}

func newBenchRig(b *testing.B) *benchRig {
	dir := b.TempDir()
	r := &benchRig{b: b, introd: filepath.Join(dir, "introd"), peers: filepath.Join(dir, "peers")}
	for program, source := range map[string]string{r.introd: ".", r.peers: "./testdata/peers"} {
		if out, err := exec.Command("go", "build", "-o", program, source).CombinedOutput(); err != nil {
			b.Fatalf("building %s: %v\n%s", source, err, out)
		}
	}
	r.server = dovecot.Start(b, []string{"small@home.test", "large@home.test", "longer@home.test", "million@home.test", "rest@home.test"})
	return r
}

func (r *benchRig) must(err error) {
	r.b.Helper()
	if err != nil {
		r.b.Fatal(err)
	}
}

// row notes one measurement, and whether it keeps its budget; sign "" is a row without one.
func (r *benchRig) row(value float64, sign string, budget float64, unit, what, detail string, args ...any) {
	verdict, wanted := "", ""
	if sign != "" {
		verdict, wanted = "kept", fmt.Sprintf("%s %.4g %s", sign, budget, unit)
		if value > budget {
			verdict = "MISSED"
		}
	}
	line := fmt.Sprintf("%s\t%.3g %s\t%s\t%s\t%s", what, value, unit, wanted, verdict, fmt.Sprintf(detail, args...))
	r.rows = append(r.rows, line)
	r.b.Log(line)
}

func (r *benchRig) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "\n%d cores, %s\nwhat\tmeasured\tbudget\t\tdetails\n", runtime.NumCPU(), runtime.Version())
	for _, line := range r.rows {
		fmt.Fprintln(w, line)
	}
	r.must(w.Flush())
}

// rounds is how often a first start is measured; bare client and introd take turns.
const rounds = 3

// knownPeople are those whose mail is to be found.
func knownPeople(n int) (addresses []string) {
	for i := range n {
		addresses = append(addresses, fmt.Sprintf("k%05d@known%d.test", i, i%37))
	}
	return addresses
}

// fetched are the header fields that tell whom a mail concerns: what the bare client asks for.
const fetched = "Message-ID In-Reply-To References From Sender Reply-To To Cc Bcc Subject Content-Type"

// A start is what first starts took, medians.
type start struct {
	introd, bare cost
	peak         float64 // MB
	linked       int
	mined        cost    // what introd network took after the last of them
	bareMined    cost    // what the bare client took for the same fields
	peakMined    float64 // MB
}

// A cost is how long something took, and how much of the processor it had itself: that holds on a busy machine too.
type cost struct{ wall, cpu time.Duration }

// middle are the medians of both.
func middle(all []cost) cost {
	var walls, cpus []time.Duration
	for _, c := range all {
		walls, cpus = append(walls, c.wall), append(cpus, c.cpu)
	}
	return cost{median(walls), median(cpus)}
}

// firstStart fills a mailbox and starts introd on it for the first time, again and again.
func (r *benchRig) firstStart(user string, messages int, short bool) (s start) {
	known := knownPeople(100)
	f := newFiller(uint64(messages), known, short)
	r.must(f.fill(r.maildir(user), messages))
	syscall.Sync() // the disk is introd's then
	s.linked = f.linked
	r.bare(user, fetched) // fills the server's own cache, as the owner's mail programs did
	var introds, bares []cost
	var peaks []float64
	for i := range rounds {
		bares = append(bares, r.bare(user, fetched))
		h := r.home(user, known)
		p := r.run(h)
		introds, peaks = append(introds, cost{p.ready, p.cpu()}), append(peaks, p.memory("VmHWM"))
		if i == rounds-1 {
			r.mine(&s, user, h, p)
		}
		p.stop()
		if n := h.mails(r); n != f.linked {
			r.b.Fatalf("%d of %d mails were linked", n, f.linked)
		}
	}
	s.introd, s.bare, s.peak = middle(introds), middle(bares), median(peaks)
	r.b.Logf("%s: introd %v, bare %v, peak %v MB", user, introds, bares, peaks)
	return s
}

// mine has introd read the whole mailbox for its network, again and again, in turns with the bare client.
func (r *benchRig) mine(s *start, user string, h home, p *process) {
	client, err := dialDaemon(filepath.Join(h.data, "introd.sock"))
	r.must(err)
	fields := strings.Join(network.MiningFields, " ")
	r.bare(user, fields) // fills the server's cache
	p.forgetPeak()
	var mined, bares []cost
	for i := range rounds {
		bares = append(bares, r.bare(user, fields))
		_, err := web.Call[daemon.Reply](context.Background(), client, "clear-network", daemon.None{})
		r.must(err)
		begun, before := time.Now(), p.cpu()
		for finished := false; !finished; {
			reply, err := web.Call[daemon.MineReply](context.Background(), client, "mine", daemon.None{})
			r.must(err)
			finished = reply.Finished
		}
		mined = append(mined, cost{time.Since(begun), p.cpu() - before})
		if i == 0 { // as an owner does it, who clears nothing before
			s.peakMined = p.memory("VmHWM")
		}
	}
	s.mined, s.bareMined = middle(mined), middle(bares)
	r.b.Logf("%s: network %v, bare %v, peak %v MB", user, mined, bares, s.peakMined)
}

func median[T time.Duration | float64](all []T) T {
	all = slices.Clone(all)
	slices.Sort(all)
	return all[len(all)/2]
}

func (r *benchRig) maildir(user string) string {
	return filepath.Join(r.server.Dir, "mail", "home.test", user, "Maildir")
}

func (r *benchRig) bare(user, fields string) cost {
	return r.peer("fetch", r.server.IMAP, r.server.CA, user+"@home.test", "INBOX", fields)
}

func (r *benchRig) peer(args ...string) cost {
	r.b.Helper()
	command := exec.Command(r.peers, args...)
	begun := time.Now()
	if out, err := command.CombinedOutput(); err != nil {
		r.b.Fatalf("peers %s: %v\n%s", args[0], err, out)
	}
	return cost{time.Since(begun), command.ProcessState.UserTime() + command.ProcessState.SystemTime()}
}

// A home is an introd's config and data.
type home struct{ config, data string }

// home makes one for a user who has added these people and never started introd.
func (r *benchRig) home(user string, people []string) home {
	h := r.configure(user, r.server.IMAP, "implicit")
	s, err := store.Open(h.data, store.Options{})
	r.must(err)
	e := daemon.New(daemon.Options{Store: s, Clock: daemon.System(), Log: slog.New(slog.DiscardHandler)})
	for _, address := range people {
		_, err := e.Add(context.Background(), daemon.AddRequest{Person: "Kim Known <" + address + ">"})
		r.must(err)
	}
	r.must(s.Close())
	return h
}

func (r *benchRig) configure(user, imap, tls string) home {
	dir, err := os.MkdirTemp("", "introd-bench-")
	r.must(err)
	r.b.Cleanup(func() { os.RemoveAll(dir) })
	h := home{filepath.Join(dir, "config.toml"), filepath.Join(dir, "data")}
	password := filepath.Join(dir, "password")
	r.must(os.WriteFile(password, []byte("secret"), 0o600))
	c := defaults()
	c.Owner.Name, c.Owner.About, c.Owner.Zone = "Sam Seeker", "a second-year chemistry student at Ohio State", "America/New_York"
	account := c.addAccount("main")
	account.Address, account.Aliases = user+"@home.test", []string{"me@home.test"}
	account.PasswordFile, account.CAFile, c.Daemon.Data = password, r.server.CA, h.data
	account.IMAP = serverAt(r.b, imap, tls)
	account.SMTP = serverAt(r.b, r.server.Submission, "implicit")
	text, err := c.write()
	r.must(err)
	r.must(os.WriteFile(h.config, []byte(text), 0o600))
	return h
}

func serverAt(b *testing.B, address, tls string) server {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		b.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		b.Fatal(err)
	}
	return server{Host: host, Port: number, TLS: tls}
}

// mails counts the mails from people in all histories.
func (h home) mails(r *benchRig) (n int) {
	s, err := store.Open(h.data, store.Options{})
	r.must(err)
	defer s.Close()
	r.must(s.View(func(tx *store.Tx) error {
		for p, err := range tx.People() {
			if err != nil {
				return err
			}
			history, err := tx.History(p.ID)
			if err != nil {
				return err
			}
			for _, ev := range history {
				if ev.Kind == store.MailIn {
					n++
				}
			}
		}
		return nil
	}))
	return n
}

// A process is an introd, or a peer, that runs.
type process struct {
	r     *benchRig
	cmd   *exec.Cmd
	ready time.Duration // from its start until it waits for mail
}

// run starts introd and returns when it waits for mail.
func (r *benchRig) run(h home) *process {
	r.b.Helper()
	p := &process{r: r, cmd: exec.Command(r.introd, "run", "--config", h.config)}
	said, err := p.cmd.StderrPipe()
	r.must(err)
	begun := time.Now()
	r.must(p.cmd.Start())
	var all []byte
	for chunk := make([]byte, 4096); !strings.Contains(string(all), "waiting for mail"); {
		n, err := said.Read(chunk)
		if all = append(all, chunk[:n]...); err != nil {
			r.b.Fatalf("introd ended: %v\n%s", err, all)
		}
	}
	p.ready = time.Since(begun)
	go func() { // until it ends: a full pipe would hold it up
		for chunk := make([]byte, 4096); ; {
			if _, err := said.Read(chunk); err != nil {
				return
			}
		}
	}()
	return p
}

func (p *process) stop() {
	p.r.must(p.cmd.Process.Signal(os.Interrupt))
	p.r.must(p.cmd.Wait())
}

// memory reads a line of /proc/PID/status, in MB: VmHWM is the peak of what was resident, VmRSS what is.
func (p *process) memory(line string) float64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	p.r.must(err)
	found := regexp.MustCompile(line + `:\s+(\d+) kB`).FindSubmatch(raw)
	if found == nil {
		p.r.b.Fatalf("no %s in %s", line, raw)
	}
	kB, err := strconv.Atoi(string(found[1]))
	p.r.must(err)
	return float64(kB) / 1024
}

// forgetPeak begins VmHWM anew (proc(5), clear_refs).
func (p *process) forgetPeak() {
	p.r.must(os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.cmd.Process.Pid), []byte("5"), 0))
}

// cpu is the processor time that a process has used.
func (p *process) cpu() time.Duration {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	p.r.must(err)
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	var ticks int
	for _, field := range fields[11:13] { // utime and stime (proc(5)), hundredths of a second
		n, err := strconv.Atoi(field)
		p.r.must(err)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// restWindow is how long the processor is watched: longer than one polling interval.
const restWindow = 125 * time.Second

// rest measures introd with many people and all mail read: its start, its memory, its idling, and
// how soon it answers a mail.
func (r *benchRig) rest(*testing.B) {
	const user = "rest"
	r.must(newFiller(1, nil, false).fill(r.maildir(user), 1000))
	tap := newTap(r, r.server)
	h, other := r.configure(user, tap.address(), "none"), r.configure(user, tap.address(), "none")
	for _, data := range []string{h.data, other.data} {
		r.must(r.populate(data, user, 10_000, 100_000))
	}
	r.run(h).stop() // what is only of the first start
	var readies, greets []time.Duration
	var p *process
	for i := range rounds {
		greets = append(greets, r.peer("greet", r.server.IMAP, r.server.CA, user+"@home.test", "INBOX", "Archive", "Junk", "Sent", "Drafts").wall)
		if p = r.run(h); i < rounds-1 {
			readies = append(readies, p.ready)
			p.stop()
		}
	}
	own := median(readies) - median(greets)
	r.row(float64(own.Milliseconds()), "≤", 200, "ms", "start until watching, 10,000 people", "%d ms less the %d ms in which a bare client says the same", median(readies).Milliseconds(), median(greets).Milliseconds())
	badger := &process{r: r, cmd: exec.Command(r.peers, "store", other.data)}
	end, err := badger.cmd.StdinPipe()
	r.must(err)
	r.must(badger.cmd.Start())
	time.Sleep(5 * time.Second) // both have settled
	mine, theirs := p.cpu(), badger.cpu()
	time.Sleep(restWindow)
	mine, theirs = p.cpu()-mine, badger.cpu()-theirs
	share := func(d time.Duration) float64 { return 100 * d.Seconds() / restWindow.Seconds() }
	r.row(p.memory("VmRSS"), "≤", 24, "MB", "resident memory at rest, 10,000 people, 100,000 mails", "of these %.1f MB are pages of files; an idle Badger of the same records: %.1f MB", p.memory("RssFile"), badger.memory("VmRSS"))
	r.row(share(mine-theirs), "≤", 0.3, "% of a core", "processor at rest, above an idle Badger", "introd %.2f %%, Badger %.2f %%", share(mine), share(theirs))
	r.must(end.Close())
	r.must(badger.cmd.Wait())
	r.notice(h, user, tap)
	p.stop()
}

// populate writes records as years of use would: people, and their mails to and fro.
func (r *benchRig) populate(data, user string, people, mails int) error {
	s, err := store.Open(data, store.Options{})
	if err != nil {
		return err
	}
	text := strings.Repeat("We met at the fair and talked about how your group came to work on membranes. ", 6)
	for first := 0; first < people; first += 20 {
		if err := s.Update(func(tx *store.Tx) error {
			for i := first; i < first+20; i++ {
				if err := somebody(tx, i, mails/people, text); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	session, err := mailer.Dial(context.Background(), mailer.Account{
		IMAP: mailer.Server(serverOf(r, user)), CAFile: r.server.CA, Password: func(context.Context) (string, error) { return "secret", nil },
	})
	if err != nil {
		return err
	}
	defer session.Close()
	box, err := session.Examine("INBOX")
	if err != nil {
		return err
	}
	return errors.Join(s.Update(func(tx *store.Tx) error {
		return tx.PutCursor(store.Cursor{Account: "main", Folder: "INBOX", UIDValidity: box.UIDValidity, UID: box.UIDNext - 1, ReadAt: tx.Now()})
	}), s.Close())
}

func serverOf(r *benchRig, user string) server {
	s := serverAt(r.b, r.server.IMAP, "implicit")
	s.User = user + "@home.test"
	return s
}

// somebody puts a person and their history. The last mail asks for a talk, a day ago.
func somebody(tx *store.Tx, i, mails int, text string) error {
	id, address := fmt.Sprintf("p%d", i), fmt.Sprintf("p%d@org%d.test", i, i%3000)
	p := store.Person{ID: id, Name: fmt.Sprintf("Pat %d", i), Address: address, Org: fmt.Sprintf("org%d", i%3000), Account: "main", Added: tx.Now().AddDate(-1, 0, 0)}
	err := errors.Join(tx.PutPerson(p), tx.PutOrg(store.Organization{ID: p.Org, Name: p.Org}), tx.Wake(id, tx.Now().AddDate(0, 0, 3+i%90)))
	for n := range mails {
		ev := store.Event{Person: id, At: tx.Now().Add(-time.Duration(mails-n) * 24 * time.Hour), Kind: store.MailIn, Mail: &store.Mail{
			MessageID: fmt.Sprintf("%d.%d@org.test", i, n), From: address, Subject: "Membranes", Text: text, Account: "main", Folder: "INBOX",
			Read: &store.Verdict{Kind: "person", Intent: "unclear"},
		}}
		if n == mails-1 {
			ev.Kind, ev.Want, ev.Variant, ev.Mail.From, ev.Mail.To = store.MailOut, "request/"+id+"/1", steps.Request+"-cold", "me@home.test", []string{address}
		}
		_, appendErr := tx.Append(ev)
		err = errors.Join(err, appendErr)
	}
	return err
}

// notices is how many mails are delivered to a watching introd.
const notices = 7

// notice measures from the server's word of a new mail to the draft that answers it.
func (r *benchRig) notice(h home, user string, tap *tap) {
	client, err := dialDaemon(filepath.Join(h.data, "introd.sock"))
	r.must(err)
	var took []time.Duration
	for i := range notices {
		id := fmt.Sprintf("p%d", 100+i)
		tap.forget()
		stored := make(chan time.Time, 1)
		go func() {
			deadline := time.Now().Add(20 * time.Second)
			for time.Now().Before(deadline) {
				if _, err := web.Call[[]daemon.DraftView](context.Background(), client, "drafts", daemon.DraftsRequest{Draft: id}); err == nil {
					stored <- time.Now()
					return
				}
				time.Sleep(2 * time.Millisecond)
			}
			close(stored)
		}()
		r.must(r.server.Deliver(fmt.Sprintf("%s@org%d.test", id, 100+i), user+"@home.test", []byte(fmt.Sprintf("From: Pat <%s@org%d.test>\r\nTo: Sam <me@home.test>\r\n"+
			"Subject: Re: Membranes\r\nMessage-ID: <answer.%d@org.test>\r\nIn-Reply-To: <%d.9@org.test>\r\nDate: %s\r\n\r\nHi Sam,\r\n\r\nHappy to talk. How about %s at 3pm?\r\n\r\nPat\r\n",
			id, 100+i, 100+i, 100+i, time.Now().Format(time.RFC1123Z), time.Now().AddDate(0, 0, 5).Format("Monday, January 2")))))
		at, ok := <-stored
		if !ok {
			r.b.Fatalf("no draft for %s came", id)
		}
		if noticed := tap.noticed(); !noticed.IsZero() { // else a poll found the mail before the notice came
			took = append(took, at.Sub(noticed))
		}
	}
	if len(took) < 3 {
		r.b.Fatalf("of %d mails only %d were noticed", notices, len(took))
	}
	r.row(float64(median(took).Microseconds())/1000, "≤", 50, "ms", "server's notice → draft stored", "of %d mails: %v", len(took), took)
}

// linking measures one mail with few and with many people, by the engine's own benchmark.
func (r *benchRig) linking(*testing.B) {
	out, err := exec.Command("go", "test", "-run", "^$", "-bench", "^BenchmarkReceive$", "-benchtime", "400x", "../../daemon").CombinedOutput()
	if err != nil {
		r.b.Fatalf("BenchmarkReceive: %v\n%s", err, out)
	}
	took := func(people string) float64 {
		found := regexp.MustCompile(people + `people\S*\s+\d+\s+(\d+) ns/op`).FindSubmatch(out)
		if found == nil {
			r.b.Fatalf("no figure for %s people in\n%s", people, out)
		}
		ns, err := strconv.ParseFloat(string(found[1]), 64)
		r.must(err)
		return ns / 1e6
	}
	few, many := took("1000"), took("100000")
	r.row(many/few, "≤", 1.3, "× that of 1,000", "linking and reconciling one mail, 100,000 people", "%.2f ms; with 1,000 people %.2f ms", many, few)
}

// A tap stands between introd and the server and notes when the server tells of new mail.
type tap struct {
	listener net.Listener
	mu       sync.Mutex
	at       time.Time
}

func newTap(r *benchRig, s *dovecot.Server) *tap {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	r.must(err)
	pem, err := os.ReadFile(s.CA)
	r.must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	t := &tap{listener: l}
	r.b.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := tls.Dial("tcp", s.IMAP, &tls.Config{RootCAs: roots})
			if err != nil {
				client.Close()
				continue
			}
			go t.pass(client, server, false)
			go t.pass(server, client, true)
		}
	}()
	return t
}

func (t *tap) address() string { return t.listener.Addr().String() }

func (t *tap) pass(from, to net.Conn, listen bool) {
	defer from.Close()
	defer to.Close()
	for chunk := make([]byte, 32<<10); ; {
		n, err := from.Read(chunk)
		if said := string(chunk[:n]); listen && strings.Contains(said, " EXISTS\r\n") && !strings.Contains(said, "FLAGS") { // else it answers an EXAMINE
			t.mu.Lock()
			if t.at.IsZero() {
				t.at = time.Now()
			}
			t.mu.Unlock()
		}
		if _, wErr := to.Write(chunk[:n]); err != nil || wErr != nil {
			return
		}
	}
}

func (t *tap) forget() { t.mu.Lock(); defer t.mu.Unlock(); t.at = time.Time{} }

func (t *tap) noticed() time.Time { t.mu.Lock(); defer t.mu.Unlock(); return t.at }
