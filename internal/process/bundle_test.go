package process

import (
	"testing"

	"portolan/internal/app"
)

func TestBundleOf(t *testing.T) {
	const cellar = "/opt/homebrew/Cellar/python@3.12/3.12.6/Frameworks/Python.framework/Versions/3.12/Resources/Python.app/Contents/MacOS/Python"
	const simulator = "/Users/me/Library/Developer/CoreSimulator/Devices/6E6F/data/Containers/Bundle/Application/0A1B/Shop.app/Shop"
	tests := []struct{ executable, name, path string }{
		{"/Applications/iTerm.app/Contents/MacOS/iTerm2", "iTerm", "/Applications/iTerm.app"},
		{"/Applications/Postgres.app/Contents/Versions/16/bin/postgres", "Postgres", "/Applications/Postgres.app"},
		{"/Applications/Google Chrome.app/Contents/Frameworks/Google Chrome Framework.framework/Versions/129/Helpers/Google Chrome Helper.app/Contents/MacOS/Google Chrome Helper",
			"Google Chrome", "/Applications/Google Chrome.app"},
		{"/private/var/folders/zz/T/AppTranslocation/1F2E/d/Tool.app/Contents/MacOS/Tool", "Tool", "/private/var/folders/zz/T/AppTranslocation/1F2E/d/Tool.app"},
		{"/System/Volumes/Preboot/Cryptexes/App/System/Applications/Safari.app/Contents/MacOS/Safari", "Safari", "/System/Volumes/Preboot/Cryptexes/App/System/Applications/Safari.app"},
		{"/Applications/Notes.app/Wrapper/Notes.app/Notes", "Notes", "/Applications/Notes.app"}, // an iPhone app on a Mac
		{simulator, "Shop", simulator[:len(simulator)-len("/Shop")]},
		{"/Applications/Xcode.app/Contents/MacOS/Xcode", "Xcode", "/Applications/Xcode.app"},
		{"/Applications/Xcode.app/Contents/Developer/Applications/Simulator.app/Contents/MacOS/Simulator", "Simulator", "/Applications/Xcode.app/Contents/Developer/Applications/Simulator.app"},
		{"/Applications/Shouting.APP/Contents/MacOS/x", "Shouting", "/Applications/Shouting.APP"},

		{executable: cellar},
		{executable: "/Applications/Xcode.app/Contents/Developer/Library/Frameworks/Python3.framework/Versions/3.9/Resources/Python.app/Contents/MacOS/Python"},
		{executable: "/Applications/Xcode.app/Contents/Developer/usr/bin/git"},
		{executable: "/System/Library/Frameworks/WebKit.framework/Versions/A/XPCServices/com.apple.WebKit.Networking.xpc/Contents/MacOS/com.apple.WebKit.Networking"},
		{executable: "/opt/homebrew/Cellar/node/22.9.0/bin/node"},
		{executable: "/Users/me/my.app/server"}, // a folder, not a bundle
		{executable: "/Applications/.app/Contents/MacOS/x"},
		{executable: "/Applications/iTerm.app"},
		{executable: "relative.app/Contents/MacOS/x"},
		{executable: ""},
	}
	for _, test := range tests {
		found, ok := bundleOf(test.executable)
		want := app.App{Name: test.name, Path: test.path}
		if test.name != "" {
			want.Kind = app.Bundle
		}
		if ok != (test.name != "") || found != want {
			t.Errorf("%s: %+v, %v; want %+v", test.executable, found, ok, want)
		}
	}
}
