// Command release makes what people download: archives for each system, packages for Debian, and what a container is
// built from, with their checksums. Two runs on the same commit make the same bytes.
//
//	go run ./cmd/release -version 0.1.0 -out dist
package main

import (
	"crypto/sha256"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// A target is what a program is built for.
type target struct{ system, processor string }

// targets are what is built. Where it was run stands in docs/install.md.
var targets = []target{
	{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"},
}

// nfpm makes the packages.
const nfpm = "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2"

func main() {
	var r release
	flag.StringVar(&r.version, "version", "", "the `VERSION` to make")
	flag.StringVar(&r.out, "out", "dist", "the `FOLDER` to put it into, which is emptied first")
	flag.Parse()
	if err := r.make(); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// A release is one being made.
type release struct {
	version string
	out     string
	stage   string    // what goes into every archive, and is thrown away at the end
	at      time.Time // of every file: when the commit was made
}

func (r *release) make() (err error) {
	if r.version == "" {
		return errors.New("say which version: -version 0.1.0")
	}
	if r.at, err = commitTime(); err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(r.out), os.MkdirAll(r.out, 0o755)); err != nil {
		return err
	}
	if r.stage, err = os.MkdirTemp("", "introd-release-"); err != nil {
		return err
	}
	defer os.RemoveAll(r.stage)
	if err := r.documents(); err != nil {
		return err
	}
	for _, t := range targets {
		if err := r.build(t); err != nil {
			return fmt.Errorf("%s/%s: %w", t.system, t.processor, err)
		}
	}
	if err := r.container(); err != nil {
		return err
	}
	return r.sums()
}

// commitTime is when the commit was made that is built, or SOURCE_DATE_EPOCH.
func commitTime() (time.Time, error) {
	said := os.Getenv("SOURCE_DATE_EPOCH")
	if said == "" {
		out, err := exec.Command("git", "log", "-1", "--format=%ct").Output()
		if err != nil {
			return time.Time{}, fmt.Errorf("asking git when the commit was made (or set SOURCE_DATE_EPOCH): %w", err)
		}
		said = strings.TrimSpace(string(out))
	}
	seconds, err := strconv.ParseInt(said, 10, 64)
	return time.Unix(seconds, 0).UTC(), err
}

// run runs a command, and shows what it says if it fails.
func run(environment []string, name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), environment...)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

// compile builds introd for a target into a file.
func (r *release) compile(t target, file string) error {
	return run([]string{"CGO_ENABLED=0", "GOOS=" + t.system, "GOARCH=" + t.processor}, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -buildid= -X main.version="+r.version, "-o", file, "./cmd/introd")
}

// documents gathers what goes into every archive beside the program: documents, and what the program writes of itself.
func (r *release) documents() error {
	for _, name := range []string{"README.md", "LICENSE", "CHANGELOG.md", "config.example.toml", "docs"} {
		if err := copyInto(r.stage, name); err != nil {
			return err
		}
	}
	here, err := exec.Command("go", "env", "GOHOSTOS", "GOHOSTARCH").Output()
	if err != nil {
		return err
	}
	host := strings.Fields(string(here))
	program := filepath.Join(r.stage, "introd-host")
	if err := r.compile(target{host[0], host[1]}, program); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(r.stage, "completions"), 0o755); err != nil {
		return err
	}
	for shell, file := range map[string]string{"bash": "introd.bash", "zsh": "_introd", "fish": "introd.fish", "powershell": "introd.ps1"} {
		text, err := exec.Command(program, "completion", shell).Output()
		if err == nil {
			err = os.WriteFile(filepath.Join(r.stage, "completions", file), text, 0o644)
		}
		if err != nil {
			return fmt.Errorf("completion for %s: %w", shell, err)
		}
	}
	return errors.Join(run(nil, program, "man", filepath.Join(r.stage, "man")), os.Remove(program))
}

// copyInto copies a file or a folder of the repository.
func copyInto(dir, name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return os.CopyFS(filepath.Join(dir, name), os.DirFS(name))
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name), raw, 0o644)
}

// build makes the archive of a target, and the package where it is a Linux.
func (r *release) build(t target) error {
	name := map[bool]string{true: "introd.exe", false: "introd"}[t.system == "windows"]
	program := filepath.Join(r.stage, name)
	if err := r.compile(t, program); err != nil {
		return err
	}
	defer os.Remove(program)
	top := fmt.Sprintf("introd_%s_%s_%s", r.version, t.system, t.processor)
	fmt.Println(top)
	if t.system == "windows" {
		return r.zip(filepath.Join(r.out, top+".zip"), top)
	}
	if err := r.tar(filepath.Join(r.out, top+".tar.gz"), top); err != nil || t.system != "linux" {
		return err
	}
	return r.debian(t)
}

//go:embed nfpm.yaml.tmpl
var packageText string

// debian makes the package for Debian, Ubuntu and the like.
func (r *release) debian(t target) error {
	text, err := template.New("").Parse(packageText)
	if err != nil {
		return err
	}
	path := filepath.Join(r.stage, "nfpm.yaml")
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer os.Remove(path)
	err = text.Execute(f, map[string]string{"Version": r.version, "Processor": t.processor, "Stage": r.stage, "At": r.at.Format(time.RFC3339)})
	if err := errors.Join(err, f.Close(), r.compress()); err != nil {
		return err
	}
	defer os.RemoveAll(filepath.Join(r.stage, "compressed"))
	file := filepath.Join(r.out, fmt.Sprintf("introd_%s_%s.deb", r.version, t.processor))
	fmt.Println(filepath.Base(file))
	return run([]string{"SOURCE_DATE_EPOCH=" + strconv.FormatInt(r.at.Unix(), 10)}, "go", "run", nfpm, "package", "--config", path, "--packager", "deb", "--target", file)
}

// container lays out what a container is built from: buildah build dist/container.
func (r *release) container() error {
	dir := filepath.Join(r.out, "container")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := r.compile(target{"linux", "amd64"}, filepath.Join(dir, "introd")); err != nil {
		return err
	}
	trusted, err := os.ReadFile(authorities)
	if err != nil {
		return fmt.Errorf("the authorities that a container is to trust come from this computer (package ca-certificates): %w", err)
	}
	return errors.Join(
		os.Mkdir(filepath.Join(dir, "data"), 0o755), os.WriteFile(filepath.Join(dir, "ca-certificates.crt"), trusted, 0o644),
		os.WriteFile(filepath.Join(dir, "Containerfile"), []byte(containerText), 0o644),
	)
}

// authorities is where Debian and its kin keep whom to trust.
const authorities = "/etc/ssl/certs/ca-certificates.crt"

//go:embed Containerfile
var containerText string

// sums writes the checksums of all that was made.
func (r *release) sums() error {
	files, err := filepath.Glob(filepath.Join(r.out, "introd_*"))
	if err != nil {
		return err
	}
	slices.Sort(files)
	var lines strings.Builder
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(raw), filepath.Base(file))
	}
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(lines.String()), 0o644)
}
