package ui

import (
	"image/color"
	"math"
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
	// ratesApart is how far two values may lie apart to belong to the same plot.
	ratesApart = 2 * time.Minute
	// ratesLabel is the room for the words beside them.
	ratesLabel = 150
)

// rateSeries is how fast a row has received and sent since it was selected, as the history tells. Where that was not
// known, as of a counter that went back, there is NaN.
type rateSeries struct {
	of      plotted
	at      time.Time // of the last value
	in, out []float64
	least   bool // the last were at least so much
}

// plotted is what a series is of: with another query, or in another view, the same app has other sockets.
type plotted struct {
	key   table.Key
	view  int
	query string
}

// add takes the traffic at a moment.
func (r *rateSeries) add(of plotted, t table.Traffic, at time.Time) {
	if gap := at.Sub(r.at); r.of != of || gap < 0 || gap > ratesApart {
		*r = rateSeries{of: of}
	} else if gap < ratesStep/2 { // the same moment, or nearly
		return
	}
	switch {
	case t.Known:
		r.in, r.out = append(r.in, float64(t.Received)), append(r.out, float64(t.Sent))
	case len(r.in) == 0: // nothing was known yet
		return
	default:
		r.in, r.out = append(r.in, math.NaN()), append(r.out, math.NaN())
	}
	r.at, r.least = at, t.Least
	if over := len(r.in) - int(ratesKept/ratesStep); over > 0 {
		r.in, r.out = r.in[over:], r.out[over:]
	}
}

// rateText is the last of some rates; unknown where there is none.
func rateText(values []float64, least bool) string {
	if len(values) == 0 {
		return language.T("unknown")
	}
	if now := values[len(values)-1]; !math.IsNaN(now) {
		if least {
			return "≥ " + table.Rate(now)
		}
		return table.Rate(now)
	}
	return language.T("unknown")
}

// ratePlot shows a series: what comes in and what goes out, each as a line of words and a plot. Of an app in the lens, of which
// the pane tells all sockets, a line above says that the plots are of less.
type ratePlot struct {
	widget.BaseWidget
	series   rateSeries
	fitter   textFitter
	scope    *canvas.Text
	outgoing bool // they are of outgoing connections alone
	lines    [2]rateLine
}

type rateLine struct {
	word *canvas.Text
	plot *sparkline
}

func newRatePlot() *ratePlot {
	p := &ratePlot{scope: &canvas.Text{}}
	for i := range p.lines {
		p.lines[i] = rateLine{&canvas.Text{}, newSparkline()}
	}
	p.ExtendBaseWidget(p)
	p.Hide()
	return p
}

// look takes the row that the pane is about; it reports whether the plot has come or gone, or needs another room.
func (p *ratePlot) look(row *table.Row, view table.View, at time.Time) bool {
	was, outgoing := p.Visible(), p.outgoing
	p.outgoing = row != nil && row.Flow != nil
	if row == nil {
		p.series = rateSeries{}
	} else {
		p.series.add(plotted{row.Key, turnOf(view), view.Query.String()}, row.Speed(), at)
	}
	if len(p.series.in) == 0 {
		p.Hide()
		return was
	}
	if !was {
		p.Show()
	}
	p.place()
	return !was || p.outgoing != outgoing
}

// ratesRoom is how many values the width of a plot stands for: it is not stretched before there are some.
const ratesRoom = 40

func (p *ratePlot) place() {
	if p.fitter.size == 0 {
		p.fitter.use(p.Theme())
	}
	th, v := p.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	width, row := p.Size().Width, p.fitter.rowHeight
	top := p.placeScope(width, th.Color(theme.ColorNamePlaceHolder, v))
	for i, of := range []struct {
		values []float64
		word   string
		ink    color.Color
	}{
		{p.series.in, language.F("Received %s", rateText(p.series.in, p.series.least)), th.Color(theme.ColorNamePrimary, v)},
		{p.series.out, language.F("Sent %s", rateText(p.series.out, p.series.least)), th.Color(theme.ColorNameSuccess, v)},
	} {
		line := &p.lines[i]
		word, ink := p.fitter.fit(of.word, ratesLabel, false), th.Color(theme.ColorNamePlaceHolder, v)
		p.write(line.word, word, ink)
		line.word.Move(fyne.NewPos(0, top+float32(i)*row))
		line.word.Resize(fyne.NewSize(ratesLabel, row))
		line.plot.set(of.values, max(ratesRoom, len(of.values)), of.ink)
		line.plot.raster.Move(fyne.NewPos(ratesLabel, top+float32(i)*row+3))
		line.plot.raster.Resize(fyne.NewSize(max(0, width-ratesLabel), row-5))
	}
}

// placeScope places the line that says what the plots are of, if it needs to be said, and gives where they begin.
func (p *ratePlot) placeScope(width float32, ink color.Color) float32 {
	if !p.outgoing {
		p.write(p.scope, "", ink)
		return 0
	}
	p.write(p.scope, p.fitter.fit(language.T("Outgoing connections:"), width, false), ink)
	p.scope.Resize(fyne.NewSize(width, p.fitter.rowHeight))
	return p.fitter.rowHeight
}

// write has a text say something, and draws it anew only when that is something else.
func (p *ratePlot) write(text *canvas.Text, word string, ink color.Color) {
	if text.Text != word || text.Color != ink || text.TextSize != p.fitter.size {
		text.Text, text.Color, text.TextSize = word, ink, p.fitter.size
		text.Refresh()
	}
}

// MinSize is that of two lines, and of the one above them.
func (p *ratePlot) MinSize() fyne.Size {
	p.ExtendBaseWidget(p)
	if p.fitter.size == 0 {
		p.fitter.use(p.Theme())
	}
	lines := float32(len(p.lines))
	if p.outgoing {
		lines++
	}
	return fyne.NewSize(ratesLabel+40, lines*p.fitter.rowHeight+4)
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
	all := []fyne.CanvasObject{r.p.scope}
	for _, line := range r.p.lines {
		all = append(all, line.word, line.plot.raster)
	}
	return all
}

// lookAtRates has the plots show the row that the pane is about, at the moment of its snapshot; of several (nil) there are none.
func (d *detail) lookAtRates(row *table.Row, s *netstat.Snapshot) {
	if row == nil || !d.known {
		row, s = nil, &netstat.Snapshot{}
	}
	if d.rates.look(row, d.window.shown.view, s.Taken) {
		d.Refresh()
	}
}
