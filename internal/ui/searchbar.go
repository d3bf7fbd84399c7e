package ui

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/table"
)

// newSearch makes the search field with all that belongs to it: the line that says what is wrong, the chips
// below it, and the suggestions.
func (w *window) newSearch() {
	w.search = newSearchField(&w.keys)
	w.search.OnChanged = w.searched
	w.search.onEscape = w.escape
	w.search.onLeave = func() { w.showWrong(); w.table.enter() }
	w.search.onTyped = w.suggest
	w.search.onFocus = func(gained bool) {
		if !gained {
			w.showWrong()
			w.typed()
		}
	}
	w.search.suggest.onPick = w.complete
	w.search.suggest.onOpen = func(open bool) { w.table.list(open) }
	w.search.star.OnTapped = w.showFilters
	w.searchError = newStrip()
	w.searchError.Hide()
	w.chips = newChips()
	w.chips.onToggle = w.toggleFacet
	w.showStar()
}

// above puts the suggestions and the tips over the content of the window.
func (w *window) above(content fyne.CanvasObject) fyne.CanvasObject {
	return container.NewStack(content, container.New(floating{}, w.search.suggest, w.tips))
}

// floating leaves objects where they are put, and needs no room for them: the window must not grow with what lies over it.
type floating struct{}

func (floating) MinSize([]fyne.CanvasObject) fyne.Size     { return fyne.Size{} }
func (floating) Layout(_ []fyne.CanvasObject, _ fyne.Size) {}

// searched takes a new query. While it makes no sense the last good one stays, and what is wrong is marked and
// said; but not of a word that is still being typed.
func (w *window) searched(text string) {
	w.search.showClear()
	w.showStar()
	query, err := table.ParseQuery(text)
	w.wrong = nil
	if errors.As(err, &w.wrong) {
		w.chips.ask(table.Query{}, false)
		if w.wrong.Unfinished && w.Canvas().Focused() == w.search {
			w.searchError.Hide()
			w.search.mark.set(w.search, 0, 0)
			return
		}
		w.showWrong()
		return
	}
	w.searchError.Hide()
	w.search.mark.set(w.search, 0, 0)
	w.chips.ask(query, true)
	view := w.view
	view.Query = query
	w.view = view
	w.typing = w.Canvas().Focused() == w.search && table.HalfTyped(text, w.search.cursor())
	if c, ok := w.ui.model.answer(view, w.typing); ok {
		w.ui.apply(c)
	}
}

// typed takes the query as it stands: nobody goes on typing.
func (w *window) typed() {
	if w.typing && w.wrong == nil && !w.search.suggest.hovered {
		w.typing = false
		w.ui.model.search(w.view, false)
	}
}

// showWrong says what is wrong with the query, and marks the place.
func (w *window) showWrong() {
	if w.wrong == nil {
		return
	}
	w.search.mark.set(w.search, w.wrong.Start, w.wrong.End)
	w.searchError.say(theme.ColorNameError, table.Clean(w.wrong.Error()))
}

// setQuery puts a query into the search field.
func (w *window) setQuery(text string) {
	w.search.SetText(text)
	w.search.suggest.offer(nil, -1)
}

// suggest offers what the word at the cursor may become. A word without a field means itself: there Enter
// must not take an offer that nobody has chosen.
func (w *window) suggest() {
	offers := table.Complete(w.search.Text, w.search.cursor(), w.shown.listed, w.view)
	chosen := -1
	if len(offers) > 0 && !offers[0].Field && offers[0].Start > 0 {
		if before := w.search.Text[offers[0].Start-1]; before == ':' || before == ',' {
			chosen = 0
		}
	}
	w.search.suggest.offer(offers, chosen)
	if len(offers) > 0 {
		w.placeSuggestions(offers[0].Start)
	}
}

// placeSuggestions puts the list below the field, at the word that it is about.
func (w *window) placeSuggestions(start int) {
	const gap = 2
	list, field := w.search.suggest, fyne.CurrentApp().Driver().AbsolutePositionForObject(w.search)
	origin := fyne.CurrentApp().Driver().AbsolutePositionForObject(w.Content())
	field = field.Subtract(origin)
	room := w.Canvas().Size()
	need := list.MinSize()
	size := fyne.NewSize(fyne.Min(need.Width, room.Width-2*gap), fyne.Min(need.Height, room.Height-field.Y-w.search.Size().Height-2*gap))
	x := field.X + fyne.Max(0, w.search.textX(start)-suggestPad-suggestEdge)
	list.Move(fyne.NewPos(fyne.Max(gap, fyne.Min(x, room.Width-size.Width-gap)), field.Y+w.search.Size().Height+gap))
	list.Resize(size)
}

// complete puts an offer into the query. The values of a field are offered at once.
func (w *window) complete(offer table.Completion) {
	text, cursor := offer.Apply(w.search.Text)
	w.search.suggest.offer(nil, -1)
	w.search.suggest.hovered = false
	w.Canvas().Focus(w.search)
	w.search.replace(text, cursor)
	if offer.Field {
		w.suggest()
	}
}

// toggleFacet puts a facet into the query, or takes it out. Where the view that is shown can have nothing of it, the
// flat table shows it.
func (w *window) toggleFacet(f table.Facet) {
	if w.view.Lens && !f.InLens() && !w.view.Query.Has(f) {
		w.turnTo(turnFlat)
	}
	w.setQuery(w.view.Query.Toggled(f))
}

// doubted is what a doubt was told of.
type doubted struct {
	query string
	turn  int
}

// tellDoubt says once what of a new query cannot be known: the moments in it may go on with the time.
func (w *window) tellDoubt(c content) {
	of := doubted{c.view.Query.String(), turnOf(c.view)}
	if c.doubt == "" {
		of = doubted{}
	}
	if of == w.doubted {
		return
	}
	w.doubted = of
	if c.doubt != "" {
		w.notice.tell(theme.ColorNamePrimary, c.doubt, "", nil)
	}
}
