package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"introd/daemon"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Short: "Save everything in one file", Args: cobra.ExactArgs(1),
		Example: examples(`introd backup introd.backup`),
		RunE:    func(c *cobra.Command, args []string) error { return a.withFile(c, "backup", args[0]) },
	}
}

func (a *app) restoreCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "restore FILE", Short: "Go back to what a backup holds", Args: cobra.ExactArgs(1),
		Example: examples(`introd restore --yes introd.backup`),
		RunE: func(c *cobra.Command, args []string) error {
			if !yes {
				return &daemon.Refusal{Words: "This replaces all present records by those in " + args[0] + ". If you mean it, say so: introd restore --yes " + args[0]}
			}
			return a.withFile(c, "restore", args[0])
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "replace the present records")
	return c
}

// withFile makes a call about a file, named as the daemon will find it.
func (a *app) withFile(c *cobra.Command, name, file string) error {
	path, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	return a.words(c.Context(), name, daemon.FileRequest{Path: path})
}

func (a *app) forgetCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "forget PERSON", Short: "Remove a person wholly", Args: cobra.ExactArgs(1),
		Example: examples(`introd forget --yes dana`),
		Long: "Remove a person from the records, wholly: their mails, drafts, meetings and notes, and their name where others' records bear it.\n" +
			"The mail in your mailbox is yours and stays. This cannot be undone.",
		RunE: func(c *cobra.Command, args []string) error {
			if !yes {
				return &daemon.Refusal{Words: "This removes every record of " + args[0] + " and cannot be undone. If you mean it, say so: introd forget --yes " + args[0]}
			}
			return a.words(c.Context(), "forget", daemon.PersonRequest{Person: args[0]})
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "remove them")
	return c
}
