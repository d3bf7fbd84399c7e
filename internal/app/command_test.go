package app

import "testing"

// TestCommand: two scripts of one name that work in two folders are two apps.
func TestCommand(t *testing.T) {
	e := &Evidence{PID: 7, Name: "python3.11", Executable: "/usr/bin/python3.11"}
	tests := []struct {
		work Work
		want App
	}{
		{Work{Title: "vite - shop", Project: "/src/shop", Dir: "/src/shop/web"}, App{Kind: Command, Name: "vite - shop", Path: "/src/shop", In: "kitty"}},
		{Work{Title: "http.server", Dir: "/srv/a"}, App{Kind: Command, Name: "http.server", Path: "/srv/a", In: "kitty"}},
		{Work{Title: "http.server", Dir: "/"}, App{Kind: Command, Name: "http.server", Path: "/usr/bin/python3.11", In: "kitty"}},
		{Work{Dir: "/srv/a"}, App{Kind: Command, Name: "python3.11", Path: "/usr/bin/python3.11", In: "kitty"}},
	}
	for _, tt := range tests {
		if got := command(e, tt.work, "kitty"); got != tt.want {
			t.Errorf("%+v is %+v, want %+v", tt.work, got, tt.want)
		}
	}
	if a := command(&Evidence{PID: 7}, Work{}, ""); a.Name != "PID 7" {
		t.Errorf("of nothing: %+v", a)
	}
}
