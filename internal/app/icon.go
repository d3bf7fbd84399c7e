package app

import (
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// iconThemes are looked through in this order. Apps bring their own icons for hicolor, on which every theme falls
// back (Icon Theme Specification); the others hold those of the desktops' own programs.
var iconThemes = []string{"hicolor", "Adwaita", "breeze", "Yaru", "Papirus", "gnome", "oxygen", "elementary", "Humanity", "Mint-Y", "locolor"}

// iconFolders are the folders that hold the icons of apps, the best size first.
type iconFolders struct {
	root    string
	folders []iconFolder
	plain   []string // those without sizes: /usr/share/pixmaps
}

type iconFolder struct {
	path  string
	order int // the smaller the better
}

// Limits of the look-up: of the folders that are looked through, and of a folder's list.
const maxIconFolders = 96

// newIconFolders finds out once which folders there are, so that to look an icon up is a few look-ups of files.
func newIconFolders(root, home string, data []string) *iconFolders {
	x := &iconFolders{root: root}
	bases := make([]string, 0, len(data)+1)
	if home != "" {
		bases = append(bases, path.Join(home, ".icons"))
	}
	for _, folder := range data {
		bases = append(bases, path.Join(folder, "icons"))
	}
	for _, theme := range iconThemes {
		for _, base := range bases {
			x.addTheme(path.Join(base, theme))
		}
	}
	for _, folder := range data {
		x.addPlain(path.Join(folder, "icons"))
		x.addPlain(path.Join(folder, "pixmaps"))
	}
	return x
}

func (x *iconFolders) addPlain(folder string) {
	if info, err := os.Stat(x.root + folder); err == nil && info.IsDir() {
		x.plain = append(x.plain, folder)
	}
}

// addTheme adds the folders of a theme with icons of apps: "48x48/apps" as most have it, "apps/48" as KDE does.
func (x *iconFolders) addTheme(theme string) {
	list, err := os.ReadDir(x.root + theme)
	if err != nil {
		return
	}
	var found []iconFolder
	for _, size := range list {
		if order, ok := sizeOrder(size.Name()); ok {
			found = append(found, iconFolder{path.Join(theme, size.Name(), "apps"), order})
		}
		if size.Name() == "apps" {
			sizes, err := os.ReadDir(x.root + path.Join(theme, "apps"))
			if err != nil {
				continue
			}
			for _, size := range sizes {
				if order, ok := sizeOrder(size.Name()); ok {
					found = append(found, iconFolder{path.Join(theme, "apps", size.Name()), order})
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b iconFolder) int { return a.order - b.order })
	for _, folder := range found {
		if len(x.folders) < maxIconFolders {
			x.folders = append(x.folders, folder)
		}
	}
}

// sizeOrder ranks the folder of a size for a row of a list on a screen with one or two pixels a point: 64, 48,
// then what can be made smaller without a blur, then the rest. Sizes for doubled screens ("48x48@2") are the size itself doubled.
func sizeOrder(name string) (int, bool) {
	if name == "scalable" {
		return 8, true
	}
	text, scale, scaled := strings.Cut(name, "@")
	text, _, _ = strings.Cut(text, "x")
	size, err := strconv.Atoi(text)
	if err != nil || size <= 0 {
		return 0, false
	}
	if scaled {
		factor, err := strconv.Atoi(strings.TrimSuffix(scale, "x"))
		if err != nil || factor < 1 || factor > 4 {
			return 0, false
		}
		size *= factor
	}
	for i, best := range []int{64, 48, 96, 72, 128, 32, 40, 256} {
		if size == best {
			return i, true
		}
	}
	switch {
	case size > 64 && size <= 1024:
		return 10, true
	case size >= 16 && size < 64:
		return 20 + 64 - size, true
	}
	return 0, false
}

// find gives the file of an icon, "" when there is none that can be drawn: a path as it is, or a
// name in the themes. XPM, the third format of the specification, is not drawn by anything here.
func (x *iconFolders) find(icon string) string {
	if strings.HasPrefix(icon, "/") {
		if file := path.Clean(icon); isDrawable(file) && x.isFile(file) {
			return file
		}
		return ""
	}
	if icon == "" || strings.ContainsRune(icon, '/') {
		return ""
	}
	if isDrawable(icon) { // against the specification, but common
		icon = strings.TrimSuffix(icon, path.Ext(icon))
	}
	for _, folder := range x.folders {
		for _, extension := range []string{".png", ".svg"} {
			if file := folder.path + "/" + icon + extension; x.isFile(file) {
				return file
			}
		}
	}
	for _, folder := range x.plain {
		for _, extension := range []string{".png", ".svg"} {
			if file := folder + "/" + icon + extension; x.isFile(file) {
				return file
			}
		}
	}
	return ""
}

func isDrawable(file string) bool {
	switch strings.ToLower(path.Ext(file)) {
	case ".png", ".svg":
		return true
	}
	return false
}

// maxIconFile is the largest file that is taken for an icon: a larger one is a picture, and slow to draw.
const maxIconFile = 2 << 20

func (x *iconFolders) isFile(file string) bool {
	info, err := os.Stat(x.root + file)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0 && info.Size() <= maxIconFile
}

// icon looks the icon of an app up, once. It may name a file anywhere, also on a disk that does not answer: then it
// is "" until that does.
func (d *desktopEntries) icon(a *desktopApp) string {
	file, _ := d.iconPaths.get(d.disk, a.icon, 0, func() string { return d.icons().find(a.icon) })
	return file
}
