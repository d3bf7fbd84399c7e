package app

import (
	"os"
	"path"
	"strings"
)

// info is what is wanted of a bundle's Info.plist (Apple's "Information Property List").
type info struct {
	Identifier  string `plist:"CFBundleIdentifier"`
	DisplayName string `plist:"CFBundleDisplayName"`
	Name        string `plist:"CFBundleName"`
	Icon        string `plist:"CFBundleIconFile"`
}

// maxName bounds a name from a file, in bytes. Longer ones are no names.
const maxName = 200

// parseInfo reads an Info.plist. What is no name is left empty: a build that did not put one in for its
// ${PRODUCT_NAME}, or a text without an end.
func parseInfo(data []byte) (info, error) {
	var i info
	if err := DecodePlist(data, &i); err != nil {
		return info{}, err
	}
	for _, s := range []*string{&i.Identifier, &i.DisplayName, &i.Name, &i.Icon} {
		*s = strings.TrimSpace(*s)
		if len(*s) > maxName || strings.Contains(*s, "$(") || strings.Contains(*s, "${") || strings.ContainsRune(*s, 0) {
			*s = ""
		}
		*s = strings.Clone(*s) // strings of a binary list are parts of the file's bytes
	}
	return i, nil
}

// appOfBundle is the app that a bundle is: with its names, its identifier and its icon
// from Info.plist, and by its folder's name when that cannot be read.
func (f *Finder) appOfBundle(b bundle) App {
	a, ok := f.bundles.get(&f.disk, join(b.path, b.inner), 0, func() App { return f.readBundle(b) })
	if !ok {
		return b.app()
	}
	return a
}

// app is what is known of a bundle without a look at it.
func (b bundle) app() App {
	a := App{Name: b.name, Path: b.path, Kind: Bundle}
	if b.simulated {
		a.In = "Simulator"
	}
	return a
}

// readBundle reads a bundle's Info.plist.
func (f *Finder) readBundle(b bundle) App {
	a := b.app()
	for _, folder := range b.infoFolders() {
		data, err := readRegular(f.real(path.Join(folder, "Info.plist")), maxPlist)
		if err != nil {
			continue
		}
		if i, err := parseInfo(data); err == nil {
			a.Name = b.nameWith(i)
			a.ID = i.Identifier
			a.Icon = f.iconOf(folder, i.Icon)
		}
		break
	}
	return a
}

// nameWith chooses the name to show. The Finder shows the folder's name, and for good
// reason: the others are often short or internal. But a folder may have been renamed ("Firefox 2") and
// the display name is what the app calls itself.
func (b bundle) nameWith(i info) string { return first(i.DisplayName, i.Name, b.name) }

// infoFolders are the folders where Info.plist may be: in Contents, or at the top of apps of iOS.
func (b bundle) infoFolders() []string {
	if b.inner != "" {
		return []string{b.inner}
	}
	return []string{path.Join(b.path, "Contents"), b.path}
}

// iconOf gives the path of the icon that an Info.plist in folder names; "" when there is none, as in apps that have
// it in their asset catalogue only.
func (f *Finder) iconOf(folder, name string) string {
	if name == "" || strings.ContainsRune(name, '/') {
		return ""
	}
	if path.Ext(name) == "" {
		name += ".icns"
	}
	icon := path.Join(folder, "Resources", name)
	if st, err := os.Stat(f.real(icon)); err != nil || !st.Mode().IsRegular() {
		return ""
	}
	return icon
}
