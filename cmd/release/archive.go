package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// walk hands over all files of the stage, in the order of their names, as they stand in an archive below a folder top.
func (r *release) walk(top string, put func(name string, mode fs.FileMode, size int64, in io.Reader) error) error {
	return filepath.WalkDir(r.stage, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		inside, err := filepath.Rel(r.stage, file)
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if strings.TrimSuffix(inside, ".exe") == "introd" {
			mode = 0o755
		}
		in, err := os.Open(file)
		if err != nil {
			return err
		}
		defer in.Close()
		info, err := in.Stat()
		if err != nil {
			return err
		}
		return put(path.Join(top, filepath.ToSlash(inside)), mode, info.Size(), in)
	})
}

// tar writes the stage as a .tar.gz, owned by root.
func (r *release) tar(file, top string) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	packed, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	all := tar.NewWriter(packed)
	err = r.walk(top, func(name string, mode fs.FileMode, size int64, in io.Reader) error {
		header := &tar.Header{Name: name, Mode: int64(mode), Size: size, ModTime: r.at, Uname: "root", Gname: "root", Format: tar.FormatPAX}
		if err := all.WriteHeader(header); err != nil {
			return err
		}
		_, err := io.Copy(all, in)
		return err
	})
	return errors.Join(err, all.Close(), packed.Close(), out.Close())
}

// zip writes the stage as a .zip.
func (r *release) zip(file, top string) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	all := zip.NewWriter(out)
	err = r.walk(top, func(name string, mode fs.FileMode, _ int64, in io.Reader) error {
		header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: r.at}
		header.SetMode(mode)
		to, err := all.CreateHeader(header)
		if err != nil {
			return err
		}
		_, err = io.Copy(to, in)
		return err
	})
	return errors.Join(err, all.Close(), out.Close())
}

// compress lays out the manual pages and the changelog as Debian wants them: compressed, without name and time.
func (r *release) compress() error {
	pages, err := filepath.Glob(filepath.Join(r.stage, "man", "*.1"))
	if err != nil {
		return err
	}
	for _, page := range append(pages, filepath.Join(r.stage, "CHANGELOG.md")) {
		raw, err := os.ReadFile(page)
		if err != nil {
			return err
		}
		name := strings.Replace(filepath.Base(page), "CHANGELOG.md", "changelog", 1)
		kind := map[bool]string{true: "doc", false: "man"}[name == "changelog"]
		if err := writeGzip(filepath.Join(r.stage, "compressed", kind, name+".gz"), raw); err != nil {
			return err
		}
	}
	return nil
}

func writeGzip(file string, raw []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	packed, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	_, err = packed.Write(raw)
	return errors.Join(err, packed.Close(), out.Close())
}
