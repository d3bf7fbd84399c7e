package main

/*
#cgo CFLAGS: -x objective-c -Wall
#cgo LDFLAGS: -framework Foundation -framework UserNotifications
#include <stdbool.h>
#include <stdlib.h>

bool portolanOpenNotifications(void);
void portolanNotify(const char *identifier, const char *title, const char *body);
*/
import "C"

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"fyne.io/fyne/v2"
)

// notifyTime is how long the answer of macOS is waited for. It comes late when the person is asked first whether
// Portolan may notify at all: then nothing has failed.
const notifyTime = 5 * time.Second

// errNotAllowed: the person has turned Portolan's notifications off.
var errNotAllowed = errors.New("they are turned off for Portolan in the System Settings")

// errNotEntitled: the notification centre does not know this program, as it was not signed, say.
var errNotEntitled = errors.New("macOS has no notifications for this program")

// What became of a notification, as notify_darwin.m has it.
const (
	notifyShown = iota
	notifyNotAllowed
	notifyNotEntitled
	notifyFailed
)

// notifier shows notifications by the user notification centre, which tells of clicks. It takes none from
// a program outside of a bundle: then Fyne shows them, by a script.
type notifier struct {
	app   fyne.App
	own   bool   // the centre is there
	other func() // what a click on a notification of an earlier run does
	run   string // what the identifiers of this run begin with

	mu      sync.Mutex
	clicks  clicks[string]        // by the notification's identifier
	answers map[string]chan error // of those that are being sent
	sent    int
}

// notifications is the one that the centre's callbacks are for.
var notifications atomic.Pointer[notifier]

// newNotifier gives the only one. It must be called before the Fyne loop runs: macOS
// tells a click that started the app to whom listens by then. other is called, from any goroutine, when a notification
// is clicked that an earlier run has shown.
func newNotifier(a fyne.App, other func()) *notifier {
	n := &notifier{app: a, other: other, run: fmt.Sprintf("portolan-%d-%d-", os.Getpid(), time.Now().UnixNano()), answers: map[string]chan error{}}
	notifications.Store(n)
	n.own = bool(C.portolanOpenNotifications())
	return n
}

// notify shows one; clicked is called, from any goroutine, when somebody clicks it.
func (n *notifier) notify(title, body string, clicked func()) error {
	if !n.own {
		n.fyne(title, body)
		return nil
	}
	id, answer := n.begin(clicked)
	text := func(s string) *C.char { return C.CString(s) }
	cID, cTitle, cBody := text(id), text(title), text(body)
	C.portolanNotify(cID, cTitle, cBody)
	for _, s := range []*C.char{cID, cTitle, cBody} {
		C.free(unsafe.Pointer(s))
	}
	timer := time.NewTimer(notifyTime)
	defer timer.Stop()
	select {
	case err := <-answer:
		if errors.Is(err, errNotEntitled) {
			n.fyne(title, body)
			return nil
		}
		return err
	case <-timer.C:
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.answers, id)
		return nil
	}
}

// fyne shows one as Fyne does. Whether it was shown nobody says.
func (n *notifier) fyne(title, body string) {
	fyne.Do(func() { n.app.SendNotification(fyne.NewNotification(title, body)) })
}

// begin gives the identifier of a new notification, and where the answer will come.
func (n *notifier) begin(clicked func()) (id string, answer <-chan error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sent++
	id = fmt.Sprint(n.run, n.sent)
	n.clicks.remember(id, clicked)
	c := make(chan error, 1)
	n.answers[id] = c
	return id, c
}

// answered takes what became of a notification.
func (n *notifier) answered(id string, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err != nil {
		n.clicks.take(id)
	}
	if c := n.answers[id]; c != nil {
		c <- err
		delete(n.answers, id)
	}
}

// clicked does what a click on a notification is for.
func (n *notifier) clicked(id string) {
	n.mu.Lock()
	act := n.clicks.take(id)
	n.mu.Unlock()
	if act == nil {
		act = n.other
	}
	act()
}

// portolanNotified is called by notify_darwin.m, on a thread of the system's.
//
//export portolanNotified
func portolanNotified(id *C.char, outcome C.int, why *C.char) {
	n := notifications.Load()
	if n == nil {
		return
	}
	var err error
	switch outcome {
	case notifyShown:
	case notifyNotAllowed:
		err = errNotAllowed
	case notifyNotEntitled:
		err = errNotEntitled
	default:
		err = errors.New(C.GoString(why))
	}
	n.answered(C.GoString(id), err)
}

// portolanClicked is called by notify_darwin.m when a notification was clicked.
//
//export portolanClicked
func portolanClicked(id *C.char) {
	if n := notifications.Load(); n != nil {
		n.clicked(C.GoString(id))
	}
}
