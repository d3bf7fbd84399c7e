package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
	"portolan/internal/table"
)

// filter is a query that was saved under a name.
type filter struct{ name, query string }

// keyFilters is where the saved filters are remembered: each a name, a tab and a query.
const keyFilters = "search.filters"

// The bounds of what is remembered.
const (
	filterLimit     = 40
	filterNameLimit = 60 // bytes
)

// loadFilters gives the saved filters by name. What makes no sense, or no sense any more, is left out.
func loadFilters(p fyne.Preferences) []filter {
	var all []filter
	for _, line := range p.StringList(keyFilters) {
		name, query, ok := strings.Cut(line, "\t")
		name = filterName(name)
		if _, err := table.ParseQuery(query); !ok || err != nil || name == "" || strings.TrimSpace(query) == "" || len(all) == filterLimit {
			continue
		}
		if !slices.ContainsFunc(all, func(f filter) bool { return f.name == name }) {
			all = append(all, filter{name, query})
		}
	}
	slices.SortFunc(all, func(a, b filter) int { return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
	return all
}

func saveFilters(p fyne.Preferences, all []filter) {
	lines := make([]string, len(all))
	for i, f := range all {
		lines[i] = f.name + "\t" + f.query
	}
	p.SetStringList(keyFilters, lines)
}

// filterName makes what was typed fit to be a name: clean, short, without blanks around it.
func filterName(typed string) string {
	name := strings.TrimSpace(table.Clean(strings.TrimSpace(typed)))
	if len(name) > filterNameLimit {
		name = strings.TrimSpace(strings.ToValidUTF8(name[:filterNameLimit], ""))
	}
	return name
}

// with gives the filters with one more; one of the same name gives way. ok is false when there are too many.
func withFilter(all []filter, f filter) (_ []filter, ok bool) {
	if i := slices.IndexFunc(all, func(old filter) bool { return old.name == f.name }); i >= 0 {
		all = slices.Clone(all)
		all[i] = f
		return all, true
	}
	if len(all) >= filterLimit {
		return all, false
	}
	return append(slices.Clip(all), f), true
}

// savedAs gives the name under which the query is saved; "" when it is not.
func savedAs(all []filter, query string) string {
	query = strings.TrimSpace(query)
	for _, f := range all {
		if strings.TrimSpace(f.query) == query {
			return f.name
		}
	}
	return ""
}

func starIcon(saved bool) fyne.Resource {
	if saved {
		return theme.NewPrimaryThemedResource(symbol(symbolStarred))
	}
	return symbol(symbolStar)
}

// showStar fills the star when the query is a saved one.
func (w *window) showStar() {
	w.search.star.SetIcon(starIcon(savedAs(w.filters(), w.search.Text) != ""))
}

func (w *window) filters() []filter { return loadFilters(w.ui.app.Preferences()) }

// showFilters opens the menu of the star, below its end.
func (w *window) showFilters() {
	star := w.search.star
	menu := w.newMenu(w.filterItems(), star)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(star)
	menu.showAt(at.AddXY(star.Size().Width-menu.panels[0].MinSize().Width, star.Size().Height))
}

// filterItems are the saved filters, and what can be done with them.
func (w *window) filterItems() []*fyne.MenuItem {
	all, query := w.filters(), strings.TrimSpace(w.search.Text)
	saved := savedAs(all, query)
	var items []*fyne.MenuItem
	for _, f := range all {
		item := fyne.NewMenuItem(abbreviated(f.name, menuNameLength), func() { w.setQuery(f.query) })
		item.Checked = f.name == saved
		items = append(items, item)
	}
	if len(items) > 0 {
		items = append(items, fyne.NewMenuItemSeparator())
	}
	save := fyne.NewMenuItem(language.T("Save this filter…"), w.nameFilter)
	save.Disabled = query == "" || saved != "" || w.wrong != nil
	items = append(items, save)
	if len(all) > 0 {
		remove := fyne.NewMenuItem(language.T("Remove"), nil)
		var names []*fyne.MenuItem
		for _, f := range all {
			names = append(names, fyne.NewMenuItem(abbreviated(f.name, menuNameLength), func() { w.removeFilter(f.name) }))
		}
		remove.ChildMenu = fyne.NewMenu("", names...)
		items = append(items, remove)
	}
	return items
}

// nameFilter asks for the name of the present query, and saves it.
func (w *window) nameFilter() {
	query := strings.TrimSpace(w.search.Text)
	name := &nameEntry{}
	name.ExtendBaseWidget(name)
	name.SetText(filterName(query))
	save := newModalButton(language.T("Save"), widget.HighImportance, func() { w.addFilter(filter{filterName(name.Text), query}) })
	text := newWords(table.Clean(query))
	text.Truncation = fyne.TextTruncateEllipsis
	text.Importance = widget.LowImportance
	dialog := w.showModal(dialogWidth, language.T("Save this filter"), column(text, container.New(layout.NewCustomPaddedLayout(2, 2, 2, 6), name)), func() { w.Canvas().Focus(w.search) },
		newModalButton(language.T("Cancel"), widget.MediumImportance, nil), save)
	name.onEscape, name.onEnter = dialog.cancel, func() {
		if !save.Disabled() {
			save.Tapped(nil)
		}
	}
	name.OnChanged = func(typed string) {
		if filterName(typed) == "" {
			save.Disable()
		} else {
			save.Enable()
		}
	}
	w.Canvas().Focus(name)
	name.TypedShortcut(&fyne.ShortcutSelectAll{})
}

func (w *window) addFilter(f filter) {
	all, ok := withFilter(w.filters(), f)
	if !ok {
		w.notice.tell(theme.ColorNameWarning, language.F("There are %d saved filters already: remove one first", filterLimit), "", nil)
		return
	}
	saveFilters(w.ui.app.Preferences(), all)
	w.showStar()
}

func (w *window) removeFilter(name string) {
	saveFilters(w.ui.app.Preferences(), slices.DeleteFunc(w.filters(), func(f filter) bool { return f.name == name }))
	w.showStar()
}

// nameEntry is the entry of a dialog, with its keys.
type nameEntry struct {
	widget.Entry
	onEscape, onEnter func()
}

// TypedKey leaves on Escape and saves on Enter.
func (e *nameEntry) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeyEscape:
		e.onEscape()
	case fyne.KeyReturn, fyne.KeyEnter:
		e.onEnter()
	default:
		e.Entry.TypedKey(key)
	}
}
