package main

import (
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"howett.net/plist"
)

// infoPlist is what matters to us of an Info.plist (Apple, "Information Property List").
type infoPlist struct {
	Identifier     string   `plist:"CFBundleIdentifier"`
	Name           string   `plist:"CFBundleName"`
	Executable     string   `plist:"CFBundleExecutable"`
	Icon           string   `plist:"CFBundleIconFile"`
	Type           string   `plist:"CFBundlePackageType"`
	Format         string   `plist:"CFBundleInfoDictionaryVersion"`
	Version        string   `plist:"CFBundleShortVersionString"`
	Build          string   `plist:"CFBundleVersion"`
	Region         string   `plist:"CFBundleDevelopmentRegion"`
	Localizations  []string `plist:"CFBundleLocalizations"`
	Principal      string   `plist:"NSPrincipalClass"`
	MinimumSystem  string   `plist:"LSMinimumSystemVersion"`
	Category       string   `plist:"LSApplicationCategoryType"`
	MenuBarOnly    bool     `plist:"LSUIElement"`
	HighResolution bool     `plist:"NSHighResolutionCapable"`
}

func TestInfoPlist(t *testing.T) {
	text, err := os.ReadFile("Info.plist")
	if err != nil {
		t.Fatal(err)
	}
	var info infoPlist
	format, err := plist.Unmarshal(text, &info)
	if err != nil {
		t.Fatal(err)
	}
	if format != plist.XMLFormat {
		t.Errorf("format %v, want XML", plist.FormatNames[format])
	}
	if !info.MenuBarOnly {
		t.Error("LSUIElement is not true: the app would have a Dock icon")
	}
	if !info.HighResolution {
		t.Error("NSHighResolutionCapable is not true: the window would be blurred")
	}
	if !slices.Contains(info.Localizations, info.Region) {
		t.Errorf("CFBundleLocalizations %v lacks the development region %q", info.Localizations, info.Region)
	}
	if !regexp.MustCompile(`^\d+(\.\d+){2}$`).MatchString(info.Version) {
		t.Errorf("CFBundleShortVersionString %q is not three numbers", info.Version)
	}
	for key, pair := range map[string][2]string{
		"CFBundleExecutable":            {info.Executable, "portolan"},
		"CFBundleIconFile":              {info.Icon, "Portolan"},
		"CFBundlePackageType":           {info.Type, "APPL"},
		"CFBundleInfoDictionaryVersion": {info.Format, "6.0"},
		"NSPrincipalClass":              {info.Principal, "NSApplication"},
		"LSMinimumSystemVersion":        {info.MinimumSystem, "12.0"},
		"LSApplicationCategoryType":     {info.Category, "public.app-category.developer-tools"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", key, pair[0], pair[1])
		}
	}
}

// TestOneNameEverywhere: the app is called the same in Info.plist, in FyneApp.toml and by itself.
func TestOneNameEverywhere(t *testing.T) {
	text, err := os.ReadFile("Info.plist")
	if err != nil {
		t.Fatal(err)
	}
	var info infoPlist
	if _, err := plist.Unmarshal(text, &info); err != nil {
		t.Fatal(err)
	}
	var fyneApp struct {
		Details struct{ Icon, Name, ID, Version string }
	}
	if _, err := toml.DecodeFile("../FyneApp.toml", &fyneApp); err != nil {
		t.Fatal(err)
	}
	if d := fyneApp.Details; d.ID != info.Identifier || d.Name != info.Name || d.Version != info.Version {
		t.Errorf("FyneApp.toml says %+v, Info.plist %+v", d, info)
	}
	if _, err := os.Stat(filepath.Join("..", fyneApp.Details.Icon)); err != nil {
		t.Errorf("the icon of FyneApp.toml: %v", err)
	}
	code, err := os.ReadFile("../app.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{info.Identifier, info.Name} {
		if !strings.Contains(string(code), `"`+name+`"`) {
			t.Errorf("app.go does not say %q", name)
		}
	}
}

// TestIconSet: every size that iconutil looks for is drawn, in the right number of pixels, with a
// transparent corner and something in the middle.
func TestIconSet(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Portolan.iconset")
	if err := drawSet("../../../assets/icon.svg", dir); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{
		"icon_16x16.png": 16, "icon_16x16@2x.png": 32,
		"icon_32x32.png": 32, "icon_32x32@2x.png": 64,
		"icon_128x128.png": 128, "icon_128x128@2x.png": 256,
		"icon_256x256.png": 256, "icon_256x256@2x.png": 512,
		"icon_512x512.png": 512, "icon_512x512@2x.png": 1024,
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(want) {
		t.Errorf("%d files, want %d", len(entries), len(want))
	}
	for name, pixels := range want {
		file, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		img, err := png.Decode(file)
		file.Close()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if size := img.Bounds().Size(); size.X != pixels || size.Y != pixels {
			t.Errorf("%s is %v, want %d x %d", name, size, pixels, pixels)
		}
		if _, _, _, a := img.At(0, 0).RGBA(); a != 0 {
			t.Errorf("%s: the corner is not transparent", name)
		}
		if _, _, _, a := img.At(pixels/2, pixels/2).RGBA(); a != 0xffff {
			t.Errorf("%s: the middle is not opaque", name)
		}
	}
}

func TestBadIcon(t *testing.T) {
	dir := t.TempDir()
	if err := drawSet(filepath.Join(dir, "none.svg"), dir); err == nil {
		t.Error("an icon that is not there was drawn")
	}
	bad := filepath.Join(dir, "bad.svg")
	if err := os.WriteFile(bad, []byte("<svg"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := drawSet(bad, dir); err == nil {
		t.Error("an icon that makes no sense was drawn")
	}
}
