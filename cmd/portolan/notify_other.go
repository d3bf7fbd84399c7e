//go:build !linux

package main

import "fyne.io/fyne/v2"

// notifier shows notifications as Fyne does: on macOS by UNUserNotificationCenter from within a bundle, else by a
// script. A click on one opens the app, but is not told to it.
type notifier struct{ app fyne.App }

func newNotifier(a fyne.App) *notifier { return &notifier{a} }

// notify shows one. Whether it was shown the system does not say.
func (n *notifier) notify(title, body string, _ func()) error {
	fyne.Do(func() { n.app.SendNotification(fyne.NewNotification(title, body)) })
	return nil
}
