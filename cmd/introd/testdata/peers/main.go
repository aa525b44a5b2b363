// Command peers is what `make bench` compares introd with: as little as can be done.
//
//	peers fetch ADDRESS CA USER FOLDER FIELDS   fetch these header fields of all messages and throw the bytes away
//	peers greet ADDRESS CA USER FOLDER…         sign in, list the folders and open each of these
//	peers store FOLDER                          open a data folder and do nothing until standard input ends
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"os"

	"introd/store"
)

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run(what string, args []string) error {
	if what == "store" {
		s, err := store.Open(args[0], store.Options{})
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
			return err
		}
		return s.Close()
	}
	c, err := dial(args[0], args[1])
	if err != nil {
		return err
	}
	defer c.Close()
	commands := []string{`LOGIN "` + args[2] + `" "secret"`}
	if what == "fetch" {
		commands = append(commands, `EXAMINE "`+args[3]+`"`, `UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (`+args[4]+`)])`)
	} else {
		commands = append(commands, "CAPABILITY", `LIST "" "*"`)
		for _, folder := range args[3:] {
			commands = append(commands, `EXAMINE "`+folder+`"`)
		}
	}
	buffer := make([]byte, 64<<10)
	for i, command := range commands {
		tag := fmt.Sprintf("a%d", i)
		if _, err := io.WriteString(c, tag+" "+command+"\r\n"); err != nil {
			return err
		}
		if err := await(c, buffer, tag); err != nil {
			return fmt.Errorf("%s: %w", tag, err)
		}
	}
	return nil
}

func dial(address, ca string) (*tls.Conn, error) {
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	c, err := tls.Dial("tcp", address, &tls.Config{RootCAs: roots})
	if err != nil {
		return nil, err
	}
	return c, await(c, make([]byte, 8<<10), "*")
}

// await reads until a line begins with mark. It keeps only the last bytes of each read.
func await(c *tls.Conn, buffer []byte, mark string) error {
	const most = 4 << 10 // no tagged line is longer
	kept := copy(buffer, "\r\n")
	for {
		n, err := c.Read(buffer[kept:])
		if err != nil {
			return err
		}
		kept += n
		tail := buffer[max(0, kept-most):kept]
		if at := bytes.Index(tail, []byte("\r\n"+mark+" ")); at >= 0 && bytes.HasSuffix(tail, []byte("\r\n")) {
			if line := tail[at+2:]; !bytes.HasPrefix(line, []byte(mark+" OK")) {
				return fmt.Errorf("the server said: %s", line)
			}
			return nil
		}
		if kept > most {
			kept = copy(buffer, tail)
		}
	}
}
