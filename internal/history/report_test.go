package history

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"portolan/internal/netstat"
)

func TestReport(t *testing.T) {
	w := newWorld(listener(1, 3000, node))
	w.after(time.Minute, []netstat.Socket{connection(2, 40000, 443, browser), listener(3, 8080, nil)}, 1)
	w.churn(40*time.Second, 1000, 3)
	r := w.Report(noon, w.now)
	if len(r.Events) == 0 || len(r.Sums) == 0 || len(r.Tenures) != 2 || !r.Begun.Equal(noon) {
		t.Fatalf("%d events, %d sums, %d tenures, begun %v", len(r.Events), len(r.Sums), len(r.Tenures), r.Begun)
	}
	var text bytes.Buffer
	if _, err := r.WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	back, err := ReadReport(text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(back.Events[0].Socket.Local, back.Events[0].At, back.Events[0].What, back.Tenures[0].Process.Name, back.Sums[0]),
		fmt.Sprint(r.Events[0].Socket.Local, r.Events[0].At, r.Events[0].What, r.Tenures[0].Process.Name, r.Sums[0]); got != want {
		t.Errorf("read back %s\nwrote     %s", got, want)
	}
	for i := range r.Events {
		if !reflect.DeepEqual(r.Events[i].Socket, back.Events[i].Socket) {
			t.Fatalf("event %d: read back %+v, wrote %+v", i, back.Events[i].Socket, r.Events[i].Socket)
		}
	}
}

func TestEmptyReport(t *testing.T) {
	r := New(Options{}).Report(noon, noon)
	if len(r.Events)+len(r.Sums)+len(r.Tenures) != 0 || !r.Begun.IsZero() {
		t.Errorf("%+v", r)
	}
}

func FuzzReadReport(f *testing.F) {
	w := newWorld(listener(1, 3000, node))
	w.after(time.Minute, []netstat.Socket{connection(2, 40000, 443, browser)}, 1)
	r := w.Report(noon, w.now)
	var text bytes.Buffer
	if _, err := r.WriteTo(&text); err != nil {
		f.Fatal(err)
	}
	f.Add(text.Bytes())
	f.Add([]byte(`{"Processes":[null],"Events":[{"Process":1},{"Process":-1},{"Process":7}],"Tenures":[{}],"Sums":[{"Opened":-1}]}`))
	f.Fuzz(func(_ *testing.T, text []byte) {
		r, err := ReadReport(text)
		if err != nil {
			return
		}
		for _, e := range r.Events {
			for _, o := range e.Socket.Owners {
				_ = o.Process.Name
			}
		}
	})
}

// TestHostileReport: what no History writes is left out, and never taken for something else.
func TestHostileReport(t *testing.T) {
	good := `{"What":1,"Protocol":6,"Local":"127.0.0.1:3000","State":1,"Process":1}`
	r, err := ReadReport([]byte(`{"Processes":[{"PID":812,"Name":"node"},null],"Events":[` + good +
		`,{"What":1,"Protocol":6,"Local":"127.0.0.1:3000","Process":2},{"What":1,"Protocol":6,"Local":"127.0.0.1:3000","Process":3},` +
		`{"What":9,"Protocol":6,"Local":"127.0.0.1:3000"},{"What":1,"Protocol":99,"Local":"127.0.0.1:3000"},` +
		`{"What":1,"Protocol":6,"Local":"127.0.0.1:3000","State":200},{"What":1,"Protocol":6}],` +
		`"Sums":[{"Protocol":6,"Opened":-1},{"Protocol":6,"Opened":3}],"Tenures":[{"Protocol":6,"Local":"[::]:80","Process":9},{"Protocol":6,"Local":"[::]:80","Process":1}]}`))
	if err != nil || len(r.Events) != 1 || r.Events[0].Socket.Owners[0].Process.PID != 812 || len(r.Sums) != 1 || len(r.Tenures) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	many := `{"Events":[` + strings.Repeat(good+",", 2*maxEvents) + good + `],"Processes":[{"PID":1}]}`
	if r, err = ReadReport([]byte(many)); err != nil || len(r.Events) != maxEvents {
		t.Errorf("%d events, %v", len(r.Events), err)
	}
	for _, broken := range []string{"", "null{", `{"Events":1}`, `{"Events":[{"Local":"nowhere"}]}`} {
		if _, err := ReadReport([]byte(broken)); err == nil {
			t.Errorf("%q is taken", broken)
		}
	}
}

func TestAnswer(t *testing.T) {
	w := newWorld(listener(1, 3000, node))
	w.after(time.Minute, []netstat.Socket{listener(2, 3001, node)})
	w.after(time.Minute, []netstat.Socket{listener(3, 3002, node)})
	if got := Question(90*time.Second + time.Millisecond); got != "past 91" {
		t.Errorf("question %q", got)
	}
	var text bytes.Buffer
	if err := w.Answer(&text, "30", w.now); err != nil {
		t.Fatal(err)
	}
	r, err := ReadReport(text.Bytes())
	if err != nil || len(r.Events) != 1 || r.Events[0].Socket.Local.Port() != 3002 || len(r.Tenures) != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	for _, bad := range []string{"", "-1", "x", "99999999999", "3 4"} {
		if err := w.Answer(&text, bad, w.now); err == nil {
			t.Errorf("%q is answered", bad)
		}
	}
}

// TestLargestReport: all that a History may keep fits into an answer with room to spare (instance.Ask takes 64 MB).
func TestLargestReport(t *testing.T) {
	w := newWorld()
	w.churn(2*time.Minute, 1000, maxProcesses)
	r := w.Report(noon, w.now)
	var text bytes.Buffer
	if n, err := r.WriteTo(&text); err != nil || n > 16<<20 || len(r.Events) < 30_000 {
		t.Errorf("%d bytes for %d events, %v", n, len(r.Events), err)
	}
}
