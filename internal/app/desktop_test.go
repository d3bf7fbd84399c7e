package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

func TestDesktopEntry(t *testing.T) {
	tests := []struct {
		name, text string
		want       desktopEntry
		ok         bool
	}{
		{"Chrome", "[Desktop Entry]\nVersion=1.0\nName=Google Chrome\nName[de]=Chrome von Google\nExec=/usr/bin/google-chrome-stable %U\nStartupNotify=true\nTerminal=false\n" +
			"Icon=google-chrome\nType=Application\nCategories=Network;WebBrowser;\nActions=new-window;\n\n[Desktop Action new-window]\nName=New Window\nExec=/usr/bin/other\n",
			desktopEntry{name: "Google Chrome", program: "/usr/bin/google-chrome-stable", icon: "google-chrome", plain: true, shown: true}, true},
		{"a page as an app", "[Desktop Entry]\nType=Application\nName=Mail\nExec=/opt/google/chrome/google-chrome --profile-directory=Default --app-id=abc\n",
			desktopEntry{name: "Mail", program: "/opt/google/chrome/google-chrome", shown: true}, true},
		{"snap", "[Desktop Entry]\nX-SnapInstanceName=code\nName=Visual Studio Code\nExec=env BAMF_DESKTOP_FILE_HINT=/var/lib/snapd/desktop/applications/code_code.desktop /snap/bin/code --force-user-env %F\n" +
			"Icon=/snap/code/current/meta/gui/vscode.png\nType=Application\n",
			desktopEntry{name: "Visual Studio Code", program: "/snap/bin/code", icon: "/snap/code/current/meta/gui/vscode.png", snap: "code", shown: true}, true},
		{"flatpak", "[Desktop Entry]\nName=Firefox\nExec=/usr/bin/flatpak run --branch=stable --command=firefox --file-forwarding org.mozilla.firefox @@u %u @@\n" +
			"Icon=org.mozilla.firefox\nType=Application\nX-Flatpak=org.mozilla.firefox\n",
			desktopEntry{name: "Firefox", icon: "org.mozilla.firefox", flatpak: "org.mozilla.firefox", shown: true}, true},
		{"JetBrains", "[Desktop Entry]\nType=Application\nName=IntelliJ IDEA\nExec=\"/opt/My Tools/idea/bin/idea.sh\" %f\nIcon=/opt/My Tools/idea/bin/idea.svg\n",
			desktopEntry{name: "IntelliJ IDEA", program: "/opt/My Tools/idea/bin/idea.sh", icon: "/opt/My Tools/idea/bin/idea.svg", plain: true, shown: true}, true},
		{"a terminal", "[Desktop Entry]\nType=Application\nName=Konsole\nExec=konsole\nCategories=Qt;KDE;System;TerminalEmulator;\n",
			desktopEntry{name: "Konsole", program: "konsole", plain: true, shown: true, emulator: true}, true},
		{"not in the menus", "[Desktop Entry]\r\nType=Application\r\nName=Vim\r\nExec=vim %F\r\nTerminal=true\r\nNoDisplay=true\r\n",
			desktopEntry{name: "Vim", program: "vim", plain: true, terminal: true}, true},
		{"escapes", `[Desktop Entry]` + "\n" + `Type=Application` + "\n" + `Name=A\sB\\C\tD` + "\n" + `Exec="/opt/a\\\\b\\"c/run" %u` + "\n",
			desktopEntry{name: "A B\\C\tD", program: `/opt/a\b"c/run`, plain: true, shown: true}, true},
		{"an interpreter's script", "[Desktop Entry]\nType=Application\nName=Script\nExec=python3 /opt/tool/main.py\n", desktopEntry{name: "Script", shown: true}, true},
		{"a shell's line", "[Desktop Entry]\nType=Application\nName=Line\nExec=sh -c \"exec foo\"\n", desktopEntry{name: "Line", shown: true}, true},
		{"deleted", "[Desktop Entry]\nHidden=true\n", desktopEntry{hidden: true, shown: true}, true},
		{"a link", "[Desktop Entry]\nType=Link\nName=Page\nURL=https://example.org\n", desktopEntry{}, false},
		{"keys of another group", "[Other]\nType=Application\nName=X\n", desktopEntry{}, false},
		{"not UTF-8", "[Desktop Entry]\nType=Application\nName=Caf\xe9\n", desktopEntry{name: "Caf\uFFFD", shown: true}, true},
		{"only env", "[Desktop Entry]\nType=Application\nName=X\nExec=env A=b -u\n", desktopEntry{name: "X", shown: true}, true},
		{"empty", "", desktopEntry{}, false},
		{"junk", "\x00\x01\xff[[[\n===\n[Desktop Entry\nType\n", desktopEntry{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := readDesktopEntry([]byte(tt.text))
			if ok != tt.ok || ok && got != tt.want {
				t.Errorf("got %+v, %t\nwant %+v, %t", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestDesktopEntryBounds(t *testing.T) {
	text := "[Desktop Entry]\nType=Application\nName=" + strings.Repeat("ä", maxDesktopFile)
	d, ok := readDesktopEntry([]byte(text))
	if !ok || len(d.name) > maxDesktopText || !utf8.ValidString(d.name) || d.name == "" {
		t.Errorf("a name of %d bytes: %d are left, %t", len(text), len(d.name), ok)
	}
}

func TestExecWords(t *testing.T) {
	tests := map[string][]string{
		`firefox %u`:              {"firefox", "%u"},
		`  a   b `:                {"a", "b"},
		`"a b" c`:                 {"a b", "c"},
		`foo "" bar`:              {"foo", "", "bar"},
		`"a\"b\$c\\d"`:            {`a"b$c\d`},
		`"no end`:                 {"no end"},
		``:                        nil,
		"a\tb\nc":                 {"a", "b", "c"},
		strings.Repeat("a ", 100): slices.Repeat([]string{"a"}, 32),
	}
	for line, want := range tests {
		if got := execWords(line); !slices.Equal(got, want) {
			t.Errorf("execWords(%q) = %q, want %q", line, got, want)
		}
	}
}

func TestDataFolders(t *testing.T) {
	env := map[string]string{"XDG_DATA_HOME": "/d", "XDG_DATA_DIRS": "/x:relative::/usr/share/:/x"}
	got := dataFolders(func(k string) string { return env[k] }, "/home/u")
	want := []string{"/d", "/home/u/.local/share/flatpak/exports/share", "/x", "/usr/share", "/usr/local/share", "/var/lib/flatpak/exports/share", "/var/lib/snapd/desktop"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got := dataFolders(func(string) string { return "" }, ""); len(got) != 4 {
		t.Errorf("without a home: %q", got)
	}
}

// fileTree is a folder that stands for "/".
type fileTree struct {
	t    testing.TB
	root string
}

func newTree(t testing.TB) fileTree {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return fileTree{t, root}
}

// file writes a file and the folders above it.
func (tr fileTree) file(name, text string) {
	tr.t.Helper()
	name = filepath.Join(tr.root, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		tr.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
		tr.t.Fatal(err)
	}
}

// link makes a link to a path of the tree; it is relative, so that it stays in the tree.
func (tr fileTree) link(name, target string) {
	tr.t.Helper()
	name = filepath.Join(tr.root, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		tr.t.Fatal(err)
	}
	relative, err := filepath.Rel(filepath.Dir(name), filepath.Join(tr.root, target))
	if err != nil {
		tr.t.Fatal(err)
	}
	if err := os.Symlink(relative, name); err != nil {
		tr.t.Fatal(err)
	}
}

// entry writes a .desktop file of an application.
func (tr fileTree) entry(file, name, exec string, more ...string) {
	tr.t.Helper()
	tr.file(file, "[Desktop Entry]\nType=Application\nName="+name+"\nExec="+exec+"\n"+strings.Join(more, "\n")+"\n")
}

const apps = "usr/share/applications/"

func (tr fileTree) index() *desktopIndex {
	return newDesktopIndex(tr.root, "/home/u", dataFolders(func(string) string { return "" }, "/home/u"), &disk{})
}

// TestDesktopPrecedence: the user's file wins over the system's, also where it only deletes it.
func TestDesktopPrecedence(t *testing.T) {
	tr := newTree(t)
	tr.entry(apps+"a.desktop", "System's A", "a")
	tr.entry("home/u/.local/share/applications/a.desktop", "Own A", "a")
	tr.entry(apps+"b.desktop", "B", "/opt/b/b")
	tr.file("opt/b/b", "#!")
	tr.file("home/u/.local/share/applications/b.desktop", "[Desktop Entry]\nHidden=true\n")
	tr.entry(apps+"kde4/c.desktop", "C", "c")
	d := tr.index().read()
	if a := d.visible("a"); a == nil || a.name != "Own A" {
		t.Errorf("a: %+v", a)
	}
	if b := d.visible("b"); b != nil {
		t.Errorf("b was deleted: %+v", b)
	}
	if b := d.match("/opt/b/b", "/home/u"); b != nil {
		t.Errorf("b's program was deleted: %+v", b)
	}
	if c := d.visible("kde4-c"); c == nil || c.name != "C" {
		t.Errorf("kde4-c: %+v", c)
	}
}

// TestDesktopJunk: what is no .desktop file, or no file, neither blocks nor ends up in the index.
func TestDesktopJunk(t *testing.T) {
	tr := newTree(t)
	tr.entry(apps+"good.desktop", "Good", "good")
	tr.file(apps+"junk.desktop", "\x00\xff\xfe junk")
	tr.file(apps+"huge.desktop", "[Desktop Entry]\nType=Application\n"+strings.Repeat("# comment\n", maxDesktopFile/10)+"Name=Behind the limit\n")
	tr.file(apps+"folder.desktop/x", "")
	tr.link(apps+"dangling.desktop", "nowhere")
	if err := os.Symlink("/dev/zero", filepath.Join(tr.root, apps, "device.desktop")); err != nil {
		t.Fatal(err)
	}
	// To open a pipe for reading would block for ever.
	if err := syscall.Mkfifo(filepath.Join(tr.root, apps, "pipe.desktop"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := tr.index().read()
	if d.visible("good") == nil {
		t.Error("the good one is not there")
	}
	if huge := d.visible("huge"); huge == nil || huge.name != "huge" {
		t.Errorf("one without a name is called by its id: %+v", huge)
	}
	if len(d.byID) != 2 {
		t.Errorf("%d entries, want 2", len(d.byID))
	}
}

// TestDesktopRefresh: a change in a folder is noticed, and nothing is read again without one.
func TestDesktopRefresh(t *testing.T) {
	tr := newTree(t)
	tr.entry(apps+"a.desktop", "A", "a")
	x := tr.index()
	before := x.read()
	if x.read() != before {
		t.Error("nothing changed, and all was read again")
	}
	tr.entry(apps+"b.desktop", "B", "b")
	stamp := time.Now().Add(time.Minute) // the clock of a file system may be coarse
	if err := os.Chtimes(filepath.Join(tr.root, apps), stamp, stamp); err != nil {
		t.Fatal(err)
	}
	if after := x.read(); after.visible("b") == nil {
		t.Error("a new file was not noticed")
	}
}

// TestDesktopMatch finds the app of programs as they are installed in fact.
func TestDesktopMatch(t *testing.T) {
	tr := newTree(t)
	tr.entry(apps+"google-chrome.desktop", "Google Chrome", "/usr/bin/google-chrome-stable %U")
	tr.entry(apps+"com.google.Chrome.desktop", "Google Chrome", "/usr/bin/google-chrome-stable %U", "NoDisplay=true")
	tr.entry("home/u/.local/share/applications/chrome-abc-Default.desktop", "Mail", "/opt/google/chrome/google-chrome --app-id=abc")
	tr.file("opt/google/chrome/google-chrome", "#!")
	tr.file("opt/google/chrome/chrome", "ELF")
	tr.link("usr/bin/google-chrome-stable", "opt/google/chrome/google-chrome")

	tr.entry(apps+"code.desktop", "Visual Studio Code", "/usr/share/code/code --unity-launch %F")
	tr.entry(apps+"code-url-handler.desktop", "Visual Studio Code - URL Handler", "/usr/share/code/code --open-url %U", "NoDisplay=true")
	tr.file("usr/share/code/code", "ELF")

	tr.entry(apps+"firefox.desktop", "Firefox Web Browser", "firefox %u")
	tr.file("usr/bin/firefox", "#!/bin/sh")

	tr.entry(apps+"jetbrains-idea.desktop", "IntelliJ IDEA", `"/opt/idea/bin/idea.sh" %f`)
	tr.file("opt/idea-241/bin/idea.sh", "#!")
	tr.link("opt/idea", "opt/idea-241")
	tr.entry(apps+"toolbox-pycharm.desktop", "PyCharm", "/home/u/.local/share/JetBrains/Toolbox/apps/pycharm/bin/pycharm %f")
	tr.file("home/u/.local/share/JetBrains/Toolbox/apps/pycharm/bin/pycharm", "ELF")

	tr.entry(apps+"openjdk-17-jconsole.desktop", "OpenJDK 17 Console", "/usr/lib/jvm/java-17-openjdk-amd64/bin/jconsole")
	tr.file("usr/lib/jvm/java-17-openjdk-amd64/bin/jconsole", "ELF")
	tr.entry(apps+"python3.11.desktop", "Python (v3.11)", "/usr/bin/python3.11", "NoDisplay=true")
	tr.file("usr/bin/python3.11", "ELF")
	tr.entry(apps+"libreoffice-startcenter.desktop", "LibreOffice", "libreoffice %U")
	tr.entry(apps+"libreoffice-writer.desktop", "LibreOffice Writer", "libreoffice --writer %U")
	tr.file("usr/lib/libreoffice/program/soffice", "#!")
	tr.link("usr/bin/libreoffice", "usr/lib/libreoffice/program/soffice")
	tr.entry(apps+"suite-one.desktop", "One", "/opt/suite/bin/one")
	tr.entry(apps+"suite-two.desktop", "Two", "/opt/suite/bin/two")
	tr.file("opt/suite/bin/one", "ELF")
	tr.file("opt/suite/bin/two", "ELF")
	tr.entry(apps+"gone.desktop", "Gone", "/opt/gone/gone")

	d := tr.index().read()
	for program, want := range map[string]string{
		"/opt/google/chrome/chrome":                                          "Google Chrome",
		"/opt/google/chrome/chrome_crashpad_handler":                         "Google Chrome",
		"/usr/share/code/code":                                               "Visual Studio Code",
		"/usr/share/code/resources/app/node_modules/@vscode/ripgrep/bin/rg":  "Visual Studio Code",
		"/usr/lib/firefox/firefox":                                           "Firefox Web Browser",
		"/usr/lib/firefox/plugin-container":                                  "", // by the process that it comes from: TestFindLinux
		"/home/u/build/firefox":                                              "",
		"/opt/idea-241/jbr/bin/java":                                         "IntelliJ IDEA",
		"/opt/idea-241/bin/fsnotifier":                                       "IntelliJ IDEA",
		"/home/u/.local/share/JetBrains/Toolbox/apps/pycharm/jbr/bin/java":   "PyCharm",
		"/home/u/.local/share/JetBrains/Toolbox/apps/pycharm/bin/remote-dev": "PyCharm",
		"/usr/lib/jvm/java-17-openjdk-amd64/bin/java":                        "",
		"/usr/lib/jvm/java-17-openjdk-amd64/bin/jconsole":                    "OpenJDK 17 Console",
		"/usr/bin/python3.11":                                                "",
		"/usr/lib/libreoffice/program/soffice.bin":                           "LibreOffice",
		"/opt/suite/bin/one":                                                 "One",
		"/opt/suite/bin/two":                                                 "Two",
		"/opt/suite/bin/three":                                               "",
		"/opt/gone/gone":                                                     "",
		"/opt/other/other":                                                   "",
		"/usr/bin/nothing":                                                   "",
		"":                                                                   "",
		"/":                                                                  "",
		"relative":                                                           "",
	} {
		got := ""
		if a := d.match(program, "/home/u"); a != nil {
			got = a.name
		}
		if got != want {
			t.Errorf("%s is %q, want %q", program, got, want)
		}
	}
}

func TestIsInterpreter(t *testing.T) {
	for base, want := range map[string]bool{
		"node": true, "python3.11": true, "python": true, "java": true, "ruby3.2": true, "php8.2": true, "electron27": true, "deno": true, "go": true, "R": true,
		"code": false, "goland": false, "nodejs-mobile": false, "google-chrome": false, "redis": false, "Rstudio": false, "": false,
	} {
		if got := isInterpreter(base); got != want {
			t.Errorf("isInterpreter(%q) = %t", base, got)
		}
	}
}

// FuzzDesktopEntry: whatever the file holds, the reader ends within its bounds.
func FuzzDesktopEntry(f *testing.F) {
	f.Add([]byte("[Desktop Entry]\nType=Application\nName=Firefox\nExec=env A=b \"/opt/a b/c\" %u @@u\nIcon=firefox\nHidden=false\n[Desktop Action x]\nName=y\n"))
	f.Add([]byte("[Desktop Entry]\nType=Application\nName=\\s\\n\\t\\r\\\\\\x\nExec=\"\\\"\\`\\$\nCategories=;;TerminalEmulator"))
	f.Add([]byte("\xef\xbb\xbf[Desktop Entry]\n\xff=\xfe"))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, _ := readDesktopEntry(text)
		for _, s := range []string{d.name, d.icon, d.flatpak, d.snap, d.program} {
			if !utf8.ValidString(s) || len(s) > 2*maxDesktopPath {
				t.Errorf("%q", s)
			}
		}
	})
}
