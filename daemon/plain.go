package daemon

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Plain is what an error says, in plain words where the system speaks of a file in its own: "open x: no such file or directory".
func Plain(err error) string {
	var file *fs.PathError
	if !errors.As(err, &file) {
		return err.Error()
	}
	return strings.Replace(err.Error(), file.Error(), fileWords(file), 1)
}

func fileWords(file *fs.PathError) string {
	dir := filepath.Dir(file.Path)
	_, lacks := os.Stat(dir)
	switch {
	case errors.Is(file, fs.ErrNotExist) && lacks != nil:
		return "there is no folder " + dir
	case errors.Is(file, fs.ErrNotExist):
		return "there is no file " + file.Path
	case errors.Is(file, fs.ErrPermission):
		return "you have no right to " + file.Path
	case errors.Is(file, syscall.EISDIR):
		return file.Path + " is a folder, not a file"
	case errors.Is(file, syscall.ENOTDIR):
		return file.Path + " lies in something that is no folder"
	}
	return file.Path + ": " + file.Err.Error()
}
