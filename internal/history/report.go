package history

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Report is all that a History knows of a time, in one piece: what the running app tells portctl.
type Report struct {
	// Taken is when it was made, Begun when the record began.
	Taken, Begun time.Time
	// Whole is the moment from which on Events has every event; those before are in Sums.
	Whole   time.Time
	Events  []Event
	Sums    []Sum
	Tenures []Tenure
}

// Report gives what is known from since on.
func (h *History) Report(since, now time.Time) Report {
	r := Report{Taken: now, Begun: h.Begun(), Sums: h.Sums(since), Tenures: h.Tenures(since)}
	r.Events, r.Whole = h.Events(since)
	return r
}

// WriteTo writes the report for ReadReport, as JSON.
func (r *Report) WriteTo(w io.Writer) (int64, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return 0, fmt.Errorf("write the history: %w", err)
	}
	n, err := w.Write(text)
	return int64(n), err
}

// ReadReport reads what WriteTo wrote, in this version of Portolan or in another: fields that are
// missing are empty, and those that are not known are left out.
func ReadReport(text []byte) (Report, error) {
	var r Report
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&r); err != nil {
		return Report{}, fmt.Errorf("read the history: %w", err)
	}
	for i := range r.Events {
		owners := r.Events[i].Socket.Owners[:0]
		for _, o := range r.Events[i].Socket.Owners {
			if o.Process != nil { // nobody else's words make a nil where there never is one
				owners = append(owners, o)
			}
		}
		r.Events[i].Socket.Owners = owners
	}
	return r, nil
}
