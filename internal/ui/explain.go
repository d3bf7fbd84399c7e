package ui

import (
	"log/slog"
	"runtime"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/explain"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// explainFacts are those of this system, in the language of the window.
func (w *window) explainFacts() explain.Facts {
	rules := w.ui.options.Rules()
	return explain.Facts{System: runtime.GOOS, Language: languageInUse(), TimeWait: rules.TimeWait, Ephemeral: rules.Ephemeral}
}

// topic finds the explanation of a word.
func (w *window) topic(word string) (explain.Topic, bool) {
	if word == "" {
		return explain.Topic{}, false
	}
	return explain.Find(word, w.explainFacts())
}

// explain shows the explanation of a word, if there is one.
func (w *window) explain(word string) {
	if topic, ok := w.topic(word); ok {
		w.showTopic(topic)
	}
}

// explainPort shows what there is to know of a port number.
func (w *window) explainPort(number uint16) { w.showTopic(explain.Port(number, w.explainFacts())) }

// explainWidth is that of the dialog with an explanation.
const explainWidth = 520

// showTopic shows an explanation: text, commands to copy, and what belongs to it.
func (w *window) showTopic(topic explain.Topic) {
	if w.asking() {
		return
	}
	slog.Debug("explained", "topic", topic.ID)
	body := container.New(layout.NewCustomPaddedVBoxLayout(8), strongRemark(topic.Short))
	for paragraph := range strings.SplitSeq(topic.Text, "\n\n") {
		body.Add(remark(paragraph, widget.MediumImportance))
	}
	if len(topic.Verify) > 0 {
		body.Add(remark(language.T("To see for yourself, in a terminal:"), widget.LowImportance))
		for _, command := range topic.Verify {
			body.Add(w.newCommandLine(command))
		}
	}
	if links := w.newTopicLinks(topic.See); links != nil {
		body.Add(links)
	}
	w.explaining = w.showModal(explainWidth, topic.Title, body, func() { w.explaining = nil },
		newModalButton(language.T("Close"), widget.HighImportance, nil))
}

// strongRemark is the sentence that says it all.
func strongRemark(text string) *words {
	label := remark(text, widget.MediumImportance)
	label.TextStyle.Bold = true
	return label
}

// newCommandLine is a command with a button that copies it.
func (w *window) newCommandLine(command string) fyne.CanvasObject {
	text := newReadable()
	text.Text, text.TextStyle.Monospace, text.Wrapping = command, true, fyne.TextWrapBreak
	copying := newLinkButton(language.T("Copy"), theme.ContentCopyIcon(), nil)
	copying.OnTapped = func() {
		w.copy(command)
		copying.SetText(language.T("Copied"))
		copying.SetIcon(theme.ConfirmIcon())
	}
	line := container.NewBorder(nil, nil, nil, container.NewCenter(copying), text)
	return container.NewStack(newGround(theme.ColorNameInputBackground), container.New(layout.NewCustomPaddedLayout(2, 2, 6, 4), line))
}

// newTopicLinks leads to other topics; nil when there are none.
func (w *window) newTopicLinks(see []string) fyne.CanvasObject {
	links := container.New(&flow{gap: 4})
	for _, id := range see {
		other, ok := w.topic(id)
		if !ok {
			continue
		}
		link := widget.NewHyperlink(topicName(other), nil)
		link.OnTapped = func() {
			if w.explaining != nil {
				w.explaining.close()
			}
			w.showTopic(other)
		}
		links.Add(link)
	}
	if len(links.Objects) == 0 {
		return nil
	}
	heading := newWords(language.T("See also"))
	heading.Importance = widget.LowImportance
	top := theme.InnerPadding() - wordsInset // a link keeps more around its text
	return container.NewBorder(nil, nil, container.NewVBox(container.New(layout.NewCustomPaddedLayout(top, 0, 0, 0), heading)), nil, links)
}

// topicName is what a link to a topic says: the heading up to what it explains.
func topicName(t explain.Topic) string {
	name, _, _ := strings.Cut(t.Title, ":")
	return name
}

// explainItems are the lines of a row's menu that lead to explanations: of its state, its class and its port.
func (w *window) explainItems(row table.Row) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for _, id := range topicsOf(&row) {
		if topic, ok := w.topic(id); ok {
			items = append(items, fyne.NewMenuItem(language.F("What is “%s”?", topicName(topic)), func() { w.explain(id) }))
		}
	}
	if number := portOf(&row); number != 0 {
		items = append(items, fyne.NewMenuItem(language.F("What is port %d?", number), func() { w.explainPort(number) }))
	}
	return items
}

// portOf is the port that a row is about, of an app or a process the only one that it waits on; 0 when there is none.
func portOf(row *table.Row) uint16 {
	switch {
	case row.Socket != nil:
		return row.Socket.Local.Port()
	case row.Group != nil && row.Flow == nil && len(row.Group.Ports) == 1:
		return row.Group.Ports[0]
	default:
		return 0
	}
}

// explainSelected explains the gauge that the keyboard is at or whose figures are open, else the row.
func (w *window) explainSelected() {
	if (w.popover != nil || w.Canvas().Focused() == w.gauges) && w.gauges.at < len(w.gauges.heads) {
		w.closePopover()
		w.explain(w.gauges.heads[w.gauges.at].Topic)
		return
	}
	w.onSelected(func(rows []table.Row) string { return w.explainRow(&rows[0]) })
}

// explainRow explains what tells most of a row, with links to the rest; it says why not where there is nothing.
func (w *window) explainRow(row *table.Row) string {
	ids, number := topicsOf(row), portOf(row)
	switch {
	case len(ids) > 0:
		topic, ok := w.topic(ids[0])
		if !ok {
			break
		}
		topic.See = distinct(slices.Concat(ids[1:], topic.See))
		topic.See = slices.DeleteFunc(topic.See, func(id string) bool { return id == topic.ID })
		w.showTopic(topic)
		return ""
	case number != 0:
		w.explainPort(number)
		return ""
	}
	return language.T("There is nothing to explain in this row.")
}

// mostTopics is how many explanations a row's menu offers.
const mostTopics = 6

// topicsOf are the explanations that belong to a row, the most telling first.
func topicsOf(row *table.Row) []string {
	var ids []string
	add := func(id string) {
		if id != "" && len(ids) < mostTopics {
			ids = append(ids, id)
		}
	}
	if s := row.Socket; s != nil {
		if s.State != 0 {
			add(s.State.String())
		}
		add(classTopic(row))
		if row.Ephemeral {
			add("ephemeral")
		}
		add(reachTopic(row.Exposure))
		if s.DualStack {
			add("dual-stack")
		}
		add(absenceTopic(s.Absence))
		return ids
	}
	switch {
	case row.Flow != nil && row.Flow.Sentence != "":
		add(netstat.TimeWait.String())
	case row.Flow != nil:
		add("outgoing")
		add("ephemeral")
	}
	if g := row.Group; g != nil && (row.Flow == nil || row.Flow.Sentence == "") {
		for _, part := range []struct {
			count int
			topic string
		}{{g.Listening, "listening"}, {g.Outgoing, "outgoing"}, {g.Incoming, "incoming"}, {g.Closing, "closing"}, {g.UDP, "udp"}, {g.Ephemeral, "ephemeral"}} {
			if part.count > 0 && row.Flow == nil {
				add(part.topic)
			}
		}
		add(absenceTopic(g.Absence))
	}
	return ids
}

// classTopic explains the class of a socket.
func classTopic(row *table.Row) string {
	switch {
	case row.Class == 0, row.Class == table.Unconnected && row.Socket.Protocol != netstat.UDP: // the state says it
		return ""
	case row.Class == table.Unconnected:
		return "udp"
	default:
		return row.Class.String()
	}
}

func reachTopic(e port.Exposure) string {
	switch e {
	case port.Loopback:
		return "loopback"
	case port.Network:
		return "network"
	case port.LinkLocal:
		return "link-local"
	default:
		return ""
	}
}

func absenceTopic(a netstat.Absence) string {
	switch a {
	case netstat.Kernel:
		return "kernel"
	case netstat.Concealed:
		return "hidden"
	default:
		return ""
	}
}

// columnTopics are the explanations that a column's title leads to.
var columnTopics = map[table.ColumnID][]string{
	table.ColumnState:        stateTopics(),
	table.ColumnClass:        {"listening", "outgoing", "incoming", "closing", "udp"},
	table.ColumnLocal:        {"loopback", "network", "dual-stack"},
	table.ColumnPort:         {"ephemeral", "listening"},
	table.ColumnRemote:       {"outgoing", "incoming"},
	table.ColumnProcess:      {"kernel", "hidden"},
	table.ColumnApp:          {"kernel", "hidden"},
	table.ColumnName:         {"kernel", "hidden"},
	table.ColumnListening:    {"listening", "LISTEN"},
	table.ColumnEstablished:  {"ESTABLISHED", "outgoing", "incoming"},
	table.ColumnEphemeral:    {"ephemeral"},
	table.ColumnClosing:      {"closing", "TIME_WAIT", "CLOSE_WAIT"},
	table.ColumnUDP:          {"udp"},
	table.ColumnReceived:     {"bytes"},
	table.ColumnSent:         {"bytes"},
	table.ColumnReceivedRate: {"bytes"},
	table.ColumnSentRate:     {"bytes"},
	table.ColumnNow:          {"outgoing", "ephemeral"},
	table.ColumnOpened:       {"outgoing", "ephemeral"},
	table.ColumnClosed:       {"closing", "TIME_WAIT"},
	table.ColumnTrend:        {"outgoing"},
	table.ColumnRemotes:      {"outgoing"},
}

// stateTopics are all states.
func stateTopics() []string {
	var all []string
	for s := netstat.Listen; s <= netstat.Closed; s++ {
		all = append(all, s.String())
	}
	return all
}

// manyTopics is how many words of one column get a menu of their own.
const manyTopics = 6

// titlesExplained is the line of the header's menu that leads to what explains its words, and those of the cells below.
func (w *window) titlesExplained() *fyne.MenuItem {
	line := fyne.NewMenuItem(language.T("Explain"), nil)
	line.ChildMenu = fyne.NewMenu("")
	seen := map[string]bool{}
	for _, c := range slices.Concat(w.table.columns.columns, w.table.columns.own) {
		into := line.ChildMenu
		many := len(columnTopics[c.ID]) >= manyTopics
		if many {
			into = fyne.NewMenu("")
		}
		for _, word := range columnTopics[c.ID] {
			topic, ok := w.topic(word)
			if !ok || seen[topic.ID] && !many {
				continue
			}
			seen[topic.ID] = true
			into.Items = append(into.Items, fyne.NewMenuItem(topicName(topic), func() { w.showTopic(topic) }))
		}
		if many {
			group := fyne.NewMenuItem(c.Title, nil)
			group.ChildMenu = into
			line.ChildMenu.Items = append(line.ChildMenu.Items, group)
		}
	}
	return line
}

// flow places objects one after another, in as many lines as it takes.
type flow struct {
	gap   float32
	width float32 // what it was laid out for
}

func (f *flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	widest := float32(0)
	for _, o := range objects {
		widest = max(widest, o.MinSize().Width)
	}
	return fyne.NewSize(widest, f.lay(objects, max(widest, f.width), false))
}

func (f *flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	f.width = size.Width
	f.lay(objects, size.Width, true)
}

// lay gives the height that the objects take in a width, and moves them there if asked to.
func (f *flow) lay(objects []fyne.CanvasObject, width float32, move bool) float32 {
	var x, y, line float32
	for _, o := range objects {
		size := o.MinSize()
		if x > 0 && x+size.Width > width {
			x, y, line = 0, y+line+f.gap, 0
		}
		line = max(line, size.Height)
		if move {
			o.Move(fyne.NewPos(x, y))
			o.Resize(size)
		}
		x += size.Width + f.gap
	}
	return y + line
}
