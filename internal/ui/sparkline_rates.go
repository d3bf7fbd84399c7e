package ui

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

const (
	// ratesKept is how far back the plots of the detail pane go, once something is selected for so long.
	ratesKept = history.Keep
	// ratesStep is what one value of them stands for at least.
	ratesStep = 3 * time.Second
	// ratesLabel is the room for the words beside them.
	ratesLabel = 150
)

// rateSeries is how fast a row has received and sent since it was selected. It compares the byte counters of one
// moment with those of the moment before.
type rateSeries struct {
	key            table.Key
	at             time.Time
	received, sent uint64
	in, out        []float64
	known          bool // counters were told
}

// counters gives the byte counters of a row.
func rowCounters(row *table.Row) (received, sent uint64) {
	switch {
	case row.Socket != nil:
		return row.Socket.RxBytes, row.Socket.TxBytes
	case row.Group != nil:
		return row.Group.RxBytes, row.Group.TxBytes
	default:
		return 0, 0
	}
}

// add takes a row at a moment. Of an app whose connections have gone the counters go back: then nothing is known of that moment,
// and the last rate stands for it.
func (r *rateSeries) add(row *table.Row, at time.Time) {
	received, sent := rowCounters(row)
	if r.key != row.Key {
		*r = rateSeries{key: row.Key}
	}
	gap := at.Sub(r.at)
	switch {
	case received|sent == 0:
		return
	case !r.known || gap > 2*time.Minute:
		r.in, r.out, r.known = nil, nil, true
	case gap < ratesStep/2: // the same moment, or nearly
		return
	case received < r.received || sent < r.sent:
		r.in, r.out = append(r.in, last(r.in)), append(r.out, last(r.out))
	default:
		r.in = append(r.in, float64(received-r.received)/gap.Seconds())
		r.out = append(r.out, float64(sent-r.sent)/gap.Seconds())
	}
	r.at, r.received, r.sent = at, received, sent
	if over := len(r.in) - int(ratesKept/ratesStep); over > 0 {
		r.in, r.out = r.in[over:], r.out[over:]
	}
}

func last(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return values[len(values)-1]
}

// ratePlot shows a series: what comes in and what goes out, each as a line of words and a plot.
type ratePlot struct {
	widget.BaseWidget
	series rateSeries
	fitter textFitter
	lines  [2]rateLine
}

type rateLine struct {
	word *canvas.Text
	plot *sparkline
}

func newRatePlot() *ratePlot {
	p := &ratePlot{}
	for i := range p.lines {
		p.lines[i] = rateLine{&canvas.Text{}, newSparkline()}
	}
	p.ExtendBaseWidget(p)
	p.Hide()
	return p
}

// look takes the row that the pane is about; it reports whether the plot has come or gone.
func (p *ratePlot) look(row *table.Row, at time.Time) bool {
	was := p.Visible()
	if row == nil {
		p.series = rateSeries{}
	} else {
		p.series.add(row, at)
	}
	if len(p.series.in) == 0 {
		p.Hide()
		return was
	}
	if !was {
		p.Show()
	}
	p.place()
	return !was
}

// ratesRoom is how many values the width of a plot stands for: it is not stretched before there are some.
const ratesRoom = 40

func (p *ratePlot) place() {
	if p.fitter.size == 0 {
		p.fitter.use(p.Theme())
	}
	th, v := p.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	width, row := p.Size().Width, p.fitter.rowHeight
	for i, of := range []struct {
		values []float64
		word   string
		ink    color.Color
	}{
		{p.series.in, language.F("Received %s", table.Rate(last(p.series.in))), th.Color(theme.ColorNamePrimary, v)},
		{p.series.out, language.F("Sent %s", table.Rate(last(p.series.out))), th.Color(theme.ColorNameSuccess, v)},
	} {
		line := &p.lines[i]
		word, ink := p.fitter.fit(of.word, ratesLabel, false), th.Color(theme.ColorNamePlaceHolder, v)
		if line.word.Text != word || line.word.Color != ink || line.word.TextSize != p.fitter.size {
			line.word.Text, line.word.Color, line.word.TextSize = word, ink, p.fitter.size
			line.word.Refresh()
		}
		line.word.Move(fyne.NewPos(0, float32(i)*row))
		line.word.Resize(fyne.NewSize(ratesLabel, row))
		line.plot.set(of.values, max(ratesRoom, len(of.values)), of.ink)
		line.plot.raster.Move(fyne.NewPos(ratesLabel, float32(i)*row+3))
		line.plot.raster.Resize(fyne.NewSize(max(0, width-ratesLabel), row-5))
	}
}

// MinSize is that of two lines.
func (p *ratePlot) MinSize() fyne.Size {
	p.ExtendBaseWidget(p)
	if p.fitter.size == 0 {
		p.fitter.use(p.Theme())
	}
	return fyne.NewSize(ratesLabel+40, 2*p.fitter.rowHeight+4)
}

// CreateRenderer is for Fyne.
func (p *ratePlot) CreateRenderer() fyne.WidgetRenderer { return ratePlotRenderer{p} }

type ratePlotRenderer struct{ p *ratePlot }

func (r ratePlotRenderer) Layout(fyne.Size)   { r.p.place() }
func (r ratePlotRenderer) MinSize() fyne.Size { return r.p.MinSize() }
func (r ratePlotRenderer) Destroy()           {}

// Refresh takes size and colours of the theme, which may have changed.
func (r ratePlotRenderer) Refresh() {
	r.p.fitter.use(r.p.Theme())
	r.p.place()
}

func (r ratePlotRenderer) Objects() []fyne.CanvasObject {
	var all []fyne.CanvasObject
	for _, line := range r.p.lines {
		all = append(all, line.word, line.plot.raster)
	}
	return all
}

// lookAtRates has the plots show the row that the pane is about, at the moment of its snapshot.
func (d *detail) lookAtRates(row *table.Row, s *netstat.Snapshot) {
	if !d.known {
		row, s = nil, &netstat.Snapshot{}
	}
	if d.rates.look(row, s.Taken) {
		d.Refresh()
	}
}
