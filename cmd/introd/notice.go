package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// noticeLimit is how long showing a notice may take.
const noticeLimit = 10 * time.Second

// desktopNotice shows a notice where there is a desktop to show it; elsewhere `introd status` says the same.
func desktopNotice(title, words string) {
	ctx, cancel := context.WithTimeout(context.Background(), noticeLimit)
	defer cancel()
	c := noticeCommand(ctx, runtime.GOOS, title, words)
	c.WaitDelay = time.Second
	_ = c.Run() // often there is no such program, or no desktop
}

// noticeCommand shows a notice on a system. The words are never part of a script: a mail server may have
// written some of them.
func noticeCommand(ctx context.Context, system, title, words string) *exec.Cmd {
	switch system {
	case "darwin":
		return exec.CommandContext(ctx, "osascript", "-e", "on run argv", "-e", "display notification (item 2 of argv) with title (item 1 of argv)", "-e", "end run", title, words)
	case "windows":
		c := exec.CommandContext(ctx, "powershell", "-NoProfile", "-NonInteractive", "-WindowStyle", "Hidden", "-Command", toast)
		c.Env = append(os.Environ(), "INTROD_TITLE="+title, "INTROD_WORDS="+words)
		return c
	}
	return exec.CommandContext(ctx, "notify-send", "--app-name=introd", "--", title, words)
}

// toast shows a notice on Windows, in PowerShell's name: introd has none of its own there.
const toast = `$manager = [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
$page = $manager::GetTemplateContent(1)
$lines = $page.GetElementsByTagName('text')
$null = $lines.Item(0).AppendChild($page.CreateTextNode($env:INTROD_TITLE))
$null = $lines.Item(1).AppendChild($page.CreateTextNode($env:INTROD_WORDS))
$notice = [Windows.UI.Notifications.ToastNotification, Windows.UI.Notifications, ContentType = WindowsRuntime]::new($page)
$manager::CreateToastNotifier('{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\WindowsPowerShell\v1.0\powershell.exe').Show($notice)`
