//go:build !linux && !darwin

package main

import "fyne.io/fyne/v2"

// notifier shows notifications as Fyne does, which tells of no click.
type notifier struct{ app fyne.App }

func newNotifier(a fyne.App, _ func()) *notifier { return &notifier{a} }

// notify shows one. Whether it was shown the system does not say.
func (n *notifier) notify(title, body string, _ func()) error {
	fyne.Do(func() { n.app.SendNotification(fyne.NewNotification(title, body)) })
	return nil
}
