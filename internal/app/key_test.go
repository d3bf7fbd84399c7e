package app

import "testing"

func TestKey(t *testing.T) {
	same := [][2]App{
		{{Kind: Container, ID: id1, Name: "docker 3f2a91bc04de"}, {Kind: Container, ID: id1, Name: "web", Image: "nginx"}},
		{{Kind: Desktop, ID: "firefox", Path: "/usr/lib/firefox/firefox"}, {Kind: Desktop, ID: "firefox", Unit: "app-gnome-firefox-1.scope"}},
		{{Kind: Command, Name: "vite - shop", Path: "/src/shop", In: "iTerm"}, {Kind: Command, Name: "vite - shop", Path: "/src/shop", In: "Code"}},
		{{Kind: Executable, Name: "a", Path: "/bin/a"}, {Kind: Executable, Name: "b", Path: "/bin/a"}},
	}
	for _, pair := range same {
		if pair[0].Key() != pair[1].Key() {
			t.Errorf("%+v and %+v are two apps", pair[0], pair[1])
		}
	}
	different := []App{
		{Kind: Command, Name: "vite", Path: "/src/a"},
		{Kind: Command, Name: "vite", Path: "/src/b"},
		{Kind: Command, Name: "vite/src/a"},
		{Kind: Unit, ID: "x.service"},
		{Kind: Unit, ID: "x.service", UserUnit: true},
		{Kind: Snap, ID: "x.service"},
		{Kind: Executable, Path: "/bin/x"},
		{Kind: Executable, Name: "x"},
		{Kind: Container, Name: "docker 172.17.0.2"},
		{Kind: Container, Name: "docker 172.17.0.3"},
	}
	keys := map[string]App{}
	for _, a := range different {
		if b, ok := keys[a.Key()]; ok {
			t.Errorf("%+v and %+v are one app", a, b)
		}
		keys[a.Key()] = a
	}
}
