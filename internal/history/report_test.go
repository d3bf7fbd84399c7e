package history

import (
	"bytes"
	"fmt"
	"reflect"
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
	f.Add([]byte(`{"Events":[{"Socket":{"Owners":[{"Process":null}]}}],"Tenures":[{}],"Sums":[{"Opened":-1}]}`))
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
