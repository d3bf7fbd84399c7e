package app

import (
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"howett.net/plist"
)

func TestBundleOf(t *testing.T) {
	const cellar = "/opt/homebrew/Cellar/python@3.12/3.12.6/Frameworks/Python.framework/Versions/3.12/Resources/Python.app/Contents/MacOS/Python"
	const simulator = "/Users/me/Library/Developer/CoreSimulator/Devices/6E6F/data/Containers/Bundle/Application/0A1B/Shop.app/Shop"
	const runtime = "/Library/Developer/CoreSimulator/Volumes/iOS_21A328/Library/Developer/CoreSimulator/Profiles/Runtimes/iOS 17.0.simruntime/Contents/Resources/RuntimeRoot"
	const preboot = "/System/Volumes/Preboot/Cryptexes/App/System/Applications/Safari.app"
	tests := []struct {
		executable string
		want       bundle
	}{
		{"/Applications/iTerm.app/Contents/MacOS/iTerm2", bundle{name: "iTerm", path: "/Applications/iTerm.app"}},
		{"/Applications/Postgres.app/Contents/Versions/16/bin/postgres", bundle{name: "Postgres", path: "/Applications/Postgres.app"}},
		{"/Applications/Google Chrome.app/Contents/Frameworks/Google Chrome Framework.framework/Versions/129/Helpers/Google Chrome Helper.app/Contents/MacOS/Google Chrome Helper",
			bundle{name: "Google Chrome", path: "/Applications/Google Chrome.app"}},
		{"/Applications/Visual Studio Code.app/Contents/Frameworks/Code Helper (Plugin).app/Contents/MacOS/Code Helper (Plugin)", bundle{name: "Visual Studio Code", path: "/Applications/Visual Studio Code.app"}},
		{"/Applications/Slack.app/Contents/Frameworks/Slack Helper (Renderer).app/Contents/MacOS/Slack Helper (Renderer)", bundle{name: "Slack", path: "/Applications/Slack.app"}},
		{"/Users/me/Applications/IntelliJ IDEA Ultimate.app/Contents/jbr/Contents/Home/bin/java", bundle{name: "IntelliJ IDEA Ultimate", path: "/Users/me/Applications/IntelliJ IDEA Ultimate.app"}},
		{"/Applications/Docker.app/Contents/MacOS/com.docker.backend", bundle{name: "Docker", path: "/Applications/Docker.app"}},
		{"/Users/me/Applications/Chrome Apps.localized/Gmail.app/Contents/MacOS/app_mode_loader", bundle{name: "Gmail", path: "/Users/me/Applications/Chrome Apps.localized/Gmail.app"}},
		{"/private/var/folders/zz/T/AppTranslocation/1F2E/d/Tool.app/Contents/MacOS/Tool", bundle{name: "Tool", path: "/private/var/folders/zz/T/AppTranslocation/1F2E/d/Tool.app"}},
		{preboot + "/Contents/MacOS/Safari", bundle{name: "Safari", path: preboot}},
		{"/System/Library/CoreServices/ControlCenter.app/Contents/MacOS/ControlCenter", bundle{name: "ControlCenter", path: "/System/Library/CoreServices/ControlCenter.app"}},
		{"/System/Library/PrivateFrameworks/CoreFollowUp.framework/Versions/A/Resources/FollowUpUI.app/Contents/MacOS/FollowUpUI", bundle{name: "FollowUpUI", path: "/System/Library/PrivateFrameworks/CoreFollowUp.framework/Versions/A/Resources/FollowUpUI.app"}},
		{"/Applications/Notes.app/Wrapper/Inner.app/Notes", bundle{name: "Notes", path: "/Applications/Notes.app", inner: "/Applications/Notes.app/Wrapper/Inner.app"}}, // an iPhone app on a Mac
		{simulator, bundle{name: "Shop", path: path.Dir(simulator), simulated: true}},
		{runtime + "/Applications/MobileSafari.app/MobileSafari", bundle{name: "MobileSafari", path: runtime + "/Applications/MobileSafari.app", simulated: true}},
		{"/Applications/Xcode.app/Contents/MacOS/Xcode", bundle{name: "Xcode", path: "/Applications/Xcode.app"}},
		{"/Applications/Xcode.app/Contents/SharedFrameworks/DVTFoundation.framework/Versions/A/XPCServices/x.xpc/Contents/MacOS/x", bundle{name: "Xcode", path: "/Applications/Xcode.app"}},
		{"/Applications/Xcode.app/Contents/Developer/Applications/Simulator.app/Contents/MacOS/Simulator", bundle{name: "Simulator", path: "/Applications/Xcode.app/Contents/Developer/Applications/Simulator.app"}},
		{"/Applications/Xcode-beta.app/Contents/Applications/Instruments.app/Contents/MacOS/Instruments", bundle{name: "Instruments", path: "/Applications/Xcode-beta.app/Contents/Applications/Instruments.app"}},
		{"/Applications/Shouting.APP/Contents/MacOS/x", bundle{name: "Shouting", path: "/Applications/Shouting.APP"}},

		{executable: cellar},
		{executable: "/System/Library/Frameworks/Python.framework/Versions/2.7/Resources/Python.app/Contents/MacOS/Python"},
		{executable: "/Applications/Xcode.app/Contents/Developer/Library/Frameworks/Python3.framework/Versions/3.9/Resources/Python.app/Contents/MacOS/Python"},
		{executable: "/Applications/Xcode.app/Contents/Developer/usr/bin/git"},
		{executable: "/System/Library/Frameworks/WebKit.framework/Versions/A/XPCServices/com.apple.WebKit.Networking.xpc/Contents/MacOS/com.apple.WebKit.Networking"},
		{executable: "/Library/Java/JavaVirtualMachines/temurin-21.jdk/Contents/Home/bin/java"},
		{executable: "/opt/homebrew/Cellar/node/22.9.0/bin/node"},
		{executable: runtime + "/usr/libexec/nsurlsessiond"},
		{executable: "/Users/me/my.app/server"}, // a folder, not a bundle
		{executable: "/Applications/.app/Contents/MacOS/x"},
		{executable: "/Applications/iTerm.app"},
		{executable: "relative.app/Contents/MacOS/x"},
		{executable: ""},
	}
	for _, test := range tests {
		if got, ok := bundleOf(test.executable); ok != (test.want.name != "") || got != test.want {
			t.Errorf("%s: %+v, %v; want %+v", test.executable, got, ok, test.want)
		}
	}
}

// mac makes a macOS with apps, jobs and a project in it.
func mac(t testing.TB) *Finder {
	t.Helper()
	xml := func(v any) string { return string(encode(t, v, plist.XMLFormat)) }
	binary := func(v any) string { return string(encode(t, v, plist.BinaryFormat)) }
	named := func(name, display, id, icon string) map[string]any {
		return map[string]any{"CFBundleName": name, "CFBundleDisplayName": display, "CFBundleIdentifier": id, "CFBundleIconFile": icon}
	}
	launch := func(label string, arguments ...string) map[string]any {
		return map[string]any{"Label": label, "ProgramArguments": arguments, "KeepAlive": true}
	}
	root := folders(t, map[string]string{
		"/Applications/Google Chrome.app/Contents/Info.plist":                        binary(named("Chrome", "Google Chrome", "com.google.Chrome", "app.icns")),
		"/Applications/Google Chrome.app/Contents/Resources/app.icns":                "icns",
		"/Applications/Visual Studio Code.app/Contents/Info.plist":                   xml(named("Code", "Code", "com.microsoft.VSCode", "Code")),
		"/Applications/Visual Studio Code.app/Contents/Resources/Code.icns":          "icns",
		"/Applications/Safari.app/Contents/Info.plist":                               xml(map[string]any{"CFBundleName": "Safari", "CFBundleIdentifier": "com.apple.Safari", "CFBundleIconFile": "../../etc/passwd"}),
		"/Applications/Docker.app/Contents/Info.plist":                               binary(named("Docker", "Docker Desktop", "com.docker.docker", "gone.icns")),
		"/Applications/Bomb.app/Contents/Info.plist":                                 strings.Repeat("(", 1<<20),
		"/Applications/Big.app/Contents/Info.plist":                                  strings.Repeat(" ", 2<<20),
		"/Applications/Notes.app/Wrapper/Inner.app/Info.plist":                       binary(named("Notes", "My Notes", "com.example.notes", "")),
		"/Users/me/Sim/CoreSimulator/Devices/1/Shop.app/Info.plist":                  binary(named("Shop", "", "com.example.shop", "")),
		"/Users/me/site/package.json":                                                "{}",
		"/Users/me/site/node_modules/electron/dist/Electron.app/Contents/Info.plist": xml(named("Electron", "Electron", "com.github.Electron", "")),

		"/System/Library/LaunchDaemons/com.apple.rapportd.plist":           binary(map[string]any{"Label": "com.apple.rapportd", "Program": "/usr/libexec/rapportd"}),
		"/Library/LaunchDaemons/com.docker.vmnetd.plist":                   xml(map[string]any{"Label": "com.docker.vmnetd", "Program": "/Library/PrivilegedHelperTools/com.docker.vmnetd", "ProgramArguments": []string{"/Library/PrivilegedHelperTools/com.docker.vmnetd"}}),
		"/Library/LaunchDaemons/broken.plist":                              "{ not a list",
		"/Library/LaunchDaemons/no-label.plist":                            xml(map[string]any{"Program": "/usr/bin/x"}),
		"/Library/LaunchDaemons/odd.plist/":                                "",
		"/Users/me/Library/LaunchAgents/homebrew.mxcl.redis.plist":         xml(launch("homebrew.mxcl.redis", "/opt/homebrew/opt/redis/bin/redis-server", "/opt/homebrew/etc/redis.conf")),
		"/Users/me/Library/LaunchAgents/homebrew.mxcl.mysql.plist":         xml(launch("homebrew.mxcl.mysql", "/opt/homebrew/opt/mysql/bin/mysqld_safe", "--datadir=/opt/homebrew/var/mysql")),
		"/Users/me/Library/LaunchAgents/homebrew.mxcl.postgresql@16.plist": xml(launch("homebrew.mxcl.postgresql@16", "/opt/homebrew/opt/postgresql@16/bin/postgres", "-D", "/opt/homebrew/var/postgresql@16")),
		"/Users/me/Library/LaunchAgents/me.site.plist":                     xml(launch("me.site", "/opt/homebrew/bin/node", "/Users/me/site/server.js")),
		"/Users/me/Library/LaunchAgents/homebrew.mxcl.jupyterlab.plist":    xml(launch("homebrew.mxcl.jupyterlab", "/opt/homebrew/opt/jupyterlab/bin/jupyter-lab")),
		"/Users/me/Library/LaunchAgents/me.tool.plist":                     xml(launch("me.tool", "/Users/me/bin/tool.sh", "--now")),
		"/Users/me/Library/LaunchAgents/me.script.plist":                   xml(launch("me.script", "/bin/sh", "-c", "exec thing")),
		"/opt/homebrew/Cellar/redis/7.2.5/bin/redis-server":                "",
		"/opt/homebrew/Cellar/postgresql@16/16.4/bin/postgres":             "",
		"/opt/homebrew/Cellar/node/22.9.0/bin/node":                        "",
		"/opt/homebrew/opt/":                                               "",
		"/opt/homebrew/bin/":                                               "",
	})
	for link, target := range map[string]string{
		"/opt/homebrew/opt/redis": "../Cellar/redis/7.2.5", "/opt/homebrew/opt/postgresql@16": "../Cellar/postgresql@16/16.4", "/opt/homebrew/bin/node": "../Cellar/node/22.9.0/bin/node",
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	return NewFinder(Options{System: MacOS, Root: root, Home: "/Users/me"})
}

const (
	iTerm = "/Applications/iTerm.app/Contents/MacOS/iTerm2"
	code  = "/Applications/Visual Studio Code.app/Contents/MacOS/Electron"
)

func TestFindMacOS(t *testing.T) {
	f := mac(t)
	const node, postgres, redis = "/opt/homebrew/Cellar/node/22.9.0/bin/node", "/opt/homebrew/Cellar/postgresql@16/16.4/bin/postgres", "/opt/homebrew/Cellar/redis/7.2.5/bin/redis-server"
	const webkit = "/System/Library/Frameworks/WebKit.framework/Versions/A/XPCServices/com.apple.WebKit.Networking.xpc/Contents/MacOS/com.apple.WebKit.Networking"
	chrome := App{Name: "Google Chrome", Path: "/Applications/Google Chrome.app", Kind: Bundle, ID: "com.google.Chrome", Icon: "/Applications/Google Chrome.app/Contents/Resources/app.icns"}
	safari := App{Name: "Safari", Path: "/Applications/Safari.app", Kind: Bundle, ID: "com.apple.Safari"}
	tests := []struct {
		executable, args, dir, ancestors, responsible string
		terminal                                      bool
		want                                          App
	}{
		// Bundles.
		{executable: "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", want: chrome},
		{executable: "/Applications/Google Chrome.app/Contents/Frameworks/Google Chrome Framework.framework/Versions/129/Helpers/Google Chrome Helper.app/Contents/MacOS/Google Chrome Helper", ancestors: "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", want: chrome},
		{executable: code, want: App{Name: "Code", Path: "/Applications/Visual Studio Code.app", Kind: Bundle, ID: "com.microsoft.VSCode", Icon: "/Applications/Visual Studio Code.app/Contents/Resources/Code.icns"}},
		{executable: "/Applications/Docker.app/Contents/MacOS/com.docker.backend", ancestors: "/bin/zsh < " + iTerm, terminal: true, want: App{Name: "Docker Desktop", Path: "/Applications/Docker.app", Kind: Bundle, ID: "com.docker.docker"}},
		{executable: "/Applications/Postgres.app/Contents/Versions/16/bin/postgres", want: App{Name: "Postgres", Path: "/Applications/Postgres.app", Kind: Bundle}},
		{executable: "/Applications/Bomb.app/Contents/MacOS/Bomb", want: App{Name: "Bomb", Path: "/Applications/Bomb.app", Kind: Bundle}},
		{executable: "/Applications/Big.app/Contents/MacOS/Big", want: App{Name: "Big", Path: "/Applications/Big.app", Kind: Bundle}},
		{executable: "/Applications/Notes.app/Wrapper/Inner.app/Notes", want: App{Name: "My Notes", Path: "/Applications/Notes.app", Kind: Bundle, ID: "com.example.notes"}},
		{executable: "/Users/me/Sim/CoreSimulator/Devices/1/Shop.app/Shop", want: App{Name: "Shop", Path: "/Users/me/Sim/CoreSimulator/Devices/1/Shop.app", Kind: Bundle, ID: "com.example.shop", In: "Simulator"}},
		{executable: "/L/CoreSimulator/iOS 17.0.simruntime/Contents/Resources/RuntimeRoot/usr/libexec/apsd", ancestors: "/L/launchd_sim", want: App{Name: "apsd", Path: "/L/CoreSimulator/iOS 17.0.simruntime/Contents/Resources/RuntimeRoot/usr/libexec/apsd", In: "Simulator"}},
		{executable: "/Users/me/site/node_modules/electron/dist/Electron.app/Contents/MacOS/Electron", args: "Electron|.", dir: "/Users/me/site", ancestors: "/bin/zsh < " + iTerm, terminal: true, want: App{Name: "Electron - site", Path: "/Users/me/site", Kind: Command, In: "iTerm"}},

		{executable: "/Users/me/site/node_modules/electron/dist/Electron.app/Contents/Frameworks/Electron Helper.app/Contents/MacOS/Electron Helper", args: "Electron Helper|--type=utility", dir: "/", want: App{Name: "Electron - site", Path: "/Users/me/site", Kind: Command}},

		// In a terminal.
		{executable: node, args: "node|/Users/me/site/node_modules/.bin/vite", dir: "/Users/me/site", ancestors: "/bin/zsh < /usr/bin/login < " + iTerm, responsible: iTerm, terminal: true, want: App{Name: "vite - site", Path: "/Users/me/site", Kind: Command, In: "iTerm"}},
		{executable: node, args: "node|/Users/me/site/node_modules/.bin/vite", dir: "/Users/me/site", responsible: iTerm, want: App{Name: "vite - site", Path: "/Users/me/site", Kind: Command, In: "iTerm"}},
		{executable: "/usr/bin/nc", args: "nc|-l|80", dir: "/Users/me", ancestors: "/bin/zsh < " + code, terminal: true, want: App{Name: "nc", Path: "/usr/bin/nc", Kind: Command, In: "Code"}},
		{executable: redis, args: "redis-server", ancestors: "/bin/zsh < " + iTerm, terminal: true, want: App{Name: "redis-server", Path: redis, Kind: Command, In: "iTerm"}},

		// Jobs of launchd.
		{executable: "/usr/libexec/rapportd", want: App{Name: "rapportd", Path: "/usr/libexec/rapportd", Kind: Job, ID: "com.apple.rapportd"}},
		{executable: "/Library/PrivilegedHelperTools/com.docker.vmnetd", want: App{Name: "com.docker.vmnetd", Path: "/Library/PrivilegedHelperTools/com.docker.vmnetd", Kind: Job, ID: "com.docker.vmnetd"}},
		{executable: postgres, args: "/opt/homebrew/opt/postgresql@16/bin/postgres|-D|x", want: App{Name: "postgresql@16", Path: postgres, Kind: Job, ID: "homebrew.mxcl.postgresql@16"}},
		{executable: postgres, args: "postgres: checkpointer ", ancestors: postgres, want: App{Name: "postgresql@16", Path: postgres, Kind: Job, ID: "homebrew.mxcl.postgresql@16"}},
		{executable: redis, args: "/opt/homebrew/opt/redis/bin/redis-server 127.0.0.1:6379", want: App{Name: "redis", Path: redis, Kind: Job, ID: "homebrew.mxcl.redis"}},
		{executable: "/opt/homebrew/Cellar/mysql/9.0/bin/mysqld", ancestors: "/bin/sh", want: App{Name: "mysql", Path: "/opt/homebrew/Cellar/mysql/9.0/bin/mysqld", Kind: Job, ID: "homebrew.mxcl.mysql"}},
		{executable: node, args: "/opt/homebrew/bin/node|/Users/me/site/server.js", dir: "/", want: App{Name: "server.js - site", Path: node, Kind: Job, ID: "me.site"}},
		{executable: node, args: "/opt/homebrew/bin/node|/Users/me/site/other.js", dir: "/", want: App{Name: "other.js - site", Path: "/Users/me/site", Kind: Command}},
		{executable: "/bin/sh", args: "/bin/sh|-c|exec thing", want: App{Name: "me.script", Path: "/bin/sh", Kind: Job, ID: "me.script"}},
		{executable: "/opt/homebrew/Cellar/python@3.12/3.12.6/Frameworks/Python.framework/Versions/3.12/Resources/Python.app/Contents/MacOS/Python", args: "Python|/opt/homebrew/opt/jupyterlab/bin/jupyter-lab", dir: "/", want: App{Name: "jupyterlab", Path: "/opt/homebrew/Cellar/python@3.12/3.12.6/Frameworks/Python.framework/Versions/3.12/Resources/Python.app/Contents/MacOS/Python", Kind: Job, ID: "homebrew.mxcl.jupyterlab"}},
		{executable: "/bin/bash", args: "/bin/bash|-e|/Users/me/bin/tool.sh|--now", want: App{Name: "me.tool", Path: "/bin/bash", Kind: Job, ID: "me.tool"}},
		{executable: "/bin/sh", want: App{Name: "sh", Path: "/bin/sh"}},

		// The responsible process.
		{executable: webkit, responsible: "/Applications/Safari.app/Contents/MacOS/Safari", want: safari},
		{executable: webkit, want: App{Name: "com.apple.WebKit.Networking", Path: webkit}},
		{executable: "/Users/me/Library/tool", ancestors: "/Applications/Docker.app/Contents/MacOS/com.docker.backend", responsible: "/Applications/Docker.app/Contents/MacOS/Docker", want: App{Name: "Docker Desktop", Path: "/Applications/Docker.app", Kind: Bundle, ID: "com.docker.docker"}},
		{executable: node, args: "node|server.js", ancestors: "/Applications/Safari.app/Contents/MacOS/Safari", responsible: "/Applications/Safari.app/Contents/MacOS/Safari", want: safari},

		// Nothing is known but the program.
		{executable: "/usr/local/bin/thing", want: App{Name: "thing", Path: "/usr/local/bin/thing"}},
		{executable: "/opt/homebrew/Cellar/python@3.12/3.12.6/Frameworks/Python.framework/Versions/3.12/Resources/Python.app/Contents/MacOS/Python", args: "Python|-m|http.server", dir: "/", want: App{Name: "http.server", Path: "/opt/homebrew/Cellar/python@3.12/3.12.6/Frameworks/Python.framework/Versions/3.12/Resources/Python.app/Contents/MacOS/Python", Kind: Command}},
	}
	for _, test := range tests {
		e := &Evidence{PID: 99, Name: path.Base(test.executable), Executable: test.executable, Dir: test.dir, Responsible: test.responsible, Terminal: test.terminal, Ancestors: chain(test.ancestors)}
		if test.args != "" {
			e.Args = strings.Split(test.args, "|")
		}
		before := f.Version()
		got, _, settled := f.Find(e)
		if !settled { // the jobs are being read
			if err := f.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got, _, settled = f.Find(e); !settled {
				t.Errorf("%s is not settled when everything is read", test.executable)
			}
			if f.Version() == before {
				t.Errorf("%s: nobody is told to ask again", test.executable)
			}
		}
		if got != test.want {
			t.Errorf("%s %s < %s:\n got %+v\nwant %+v", test.executable, test.args, test.ancestors, got, test.want)
		}
	}
}

// A name is all that may be known of somebody else's process.
func TestFindMacOSWithoutEvidence(t *testing.T) {
	f := mac(t)
	for _, e := range []*Evidence{{}, {Name: "x"}, {Name: "x", Ancestors: []Ancestor{{}}}, {Executable: "/"}, {Args: []string{""}}, {Executable: "/node", Args: []string{}}} {
		if a, _, _ := f.Find(e); a.Kind != Executable && a.Kind != Command {
			t.Errorf("%+v: %+v", e, a)
		}
	}
}

func TestFinderIsForSeveral(t *testing.T) {
	f := mac(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				f.Find(&Evidence{Name: "Safari", Executable: "/Applications/Safari.app/Contents/MacOS/Safari"})
				f.Find(&Evidence{Name: "rapportd", Executable: "/usr/libexec/rapportd"})
				w := f.workOf(&Evidence{Name: "node", Executable: "/opt/homebrew/bin/node", Args: []string{"node", "x.js"}, Dir: "/Users/me/site"})
				if w.Project != "/Users/me/site" {
					t.Errorf("%+v", w)
				}
			}
		})
	}
	all.Wait()
}

// A program that is run for the computer and for each user has two jobs.
func TestDaemonAndAgent(t *testing.T) {
	job := func(label string) string {
		return string(encode(t, map[string]any{"Label": label, "Program": "/usr/sbin/cfprefsd"}, plist.XMLFormat))
	}
	root := folders(t, map[string]string{
		"/System/Library/LaunchDaemons/d.plist": job("com.apple.cfprefsd.daemon"),
		"/System/Library/LaunchAgents/a.plist":  job("com.apple.cfprefsd.agent"),
		"/Library/LaunchDaemons/only.plist":     string(encode(t, map[string]any{"Label": "org.only", "Program": "/opt/only"}, plist.XMLFormat)),
	})
	f := NewFinder(Options{System: MacOS, Root: root, Home: "/Users/me"})
	f.jobsReady()
	if err := f.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		program string
		uid     int
		want    string
	}{{"/usr/sbin/cfprefsd", 0, "com.apple.cfprefsd.daemon"}, {"/usr/sbin/cfprefsd", 501, "com.apple.cfprefsd.agent"}, {"/opt/only", 70, "org.only"}} {
		a, _, settled := f.Find(&Evidence{Name: path.Base(test.program), Executable: test.program, UID: test.uid})
		if a.ID != test.want || a.Kind != Job || !settled {
			t.Errorf("%s of %d: %+v", test.program, test.uid, a)
		}
	}
}

// A disk that does not answer is waited for once, and a few of them end the looking.
func TestProjectOnDeadDisk(t *testing.T) {
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		f := NewFinder(Options{System: MacOS, Root: root, Home: "/Users/me"})
		dead := make(chan struct{})
		f.lstat = func(name string) (os.FileInfo, error) {
			if strings.HasPrefix(name, f.root+"/net/") {
				<-dead
			}
			return nil, os.ErrNotExist
		}
		ask := func(dir string) time.Duration {
			begun := time.Now()
			if found := f.projectAt(dir); found != "" {
				t.Errorf("%s: %s", dir, found)
			}
			return time.Since(begun)
		}
		if took := ask("/net/a"); took != patience {
			t.Errorf("the first time: %v", took)
		}
		if took := ask("/net/a"); took != 0 {
			t.Errorf("again: %v", took)
		}
		for _, dir := range []string{"/net/b", "/net/c", "/net/d"} {
			ask(dir)
		}
		if took := ask("/net/e"); took != 0 {
			t.Errorf("when %d are stuck: %v", maxStuck, took)
		}
		e := &Evidence{Name: "node", Executable: "/Applications/x/node", Args: []string{"node"}, Dir: "/net/a", Ancestors: chain("/Applications/Safari.app/Contents/MacOS/Safari")}
		if _, _, settled := f.Find(e); settled {
			t.Error("settled while the disk has not answered")
		}
		before := f.Version()
		close(dead)
		synctest.Wait()
		if _, _, settled := f.Find(e); !settled || f.Version() == before {
			t.Errorf("settled %v, version %d after %d", settled, f.Version(), before)
		}
		if took := ask("/net/e"); took != 0 || f.disk.stuck.Load() != 0 {
			t.Errorf("when the disk is back: %v, %d stuck", took, f.disk.stuck.Load())
		}
	})
}

// One folder on a disk that does not answer is asked for once and not every minute, so that others go on being found; and
// when too many are stuck, what was known of others is still said.
func TestProjectBesideDeadDisk(t *testing.T) {
	root := folders(t, map[string]string{"/Users/me/shop/go.mod": ""})
	synctest.Test(t, func(t *testing.T) {
		f := NewFinder(Options{System: MacOS, Root: root, Home: "/Users/me"})
		dead := make(chan struct{})
		defer close(dead)
		f.lstat = func(name string) (os.FileInfo, error) {
			if strings.HasPrefix(name, f.root+"/net/") {
				<-dead
			}
			return os.Lstat(name)
		}
		for range 2 * maxStuck {
			f.projectAt("/net/a")
			time.Sleep(fresh)
		}
		if stuck := f.disk.stuck.Load(); stuck != 1 {
			t.Errorf("%d are stuck at one folder", stuck)
		}
		if found := f.projectAt("/Users/me/shop"); found != "/Users/me/shop" {
			t.Errorf("beside it: %q", found)
		}
		for _, dir := range []string{"/net/b", "/net/c", "/net/d"} {
			f.projectAt(dir)
		}
		time.Sleep(fresh)
		if found := f.projectAt("/Users/me/shop"); found != "/Users/me/shop" {
			t.Errorf("when %d are stuck: %q", maxStuck, found)
		}
	})
}

// A folder that becomes a project is one soon, though the answer is kept for a while.
func TestProjectIsAskedForAgain(t *testing.T) {
	root := folders(t, map[string]string{"/Users/me/new/": ""})
	synctest.Test(t, func(t *testing.T) {
		f := NewFinder(Options{System: MacOS, Root: root, Home: "/Users/me"})
		if found := f.projectAt("/Users/me/new"); found != "" {
			t.Fatal(found)
		}
		if err := os.WriteFile(filepath.Join(root, "/Users/me/new/go.mod"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if found := f.projectAt("/Users/me/new"); found != "" {
			t.Errorf("at once: %s", found)
		}
		time.Sleep(fresh)
		if found := f.projectAt("/Users/me/new"); found != "/Users/me/new" {
			t.Errorf("later: %q", found)
		}
	})
}

func TestKeptIsBounded(t *testing.T) {
	var (
		k kept[int]
		d disk
	)
	for i := range 3 * maxKept {
		if got, ok := k.get(&d, string(rune('a'+i)), 0, func() int { return i }); got != i || !ok {
			t.Fatal(i, got, ok)
		}
		if len(k.answers) > maxKept {
			t.Fatalf("%d answers are kept", len(k.answers))
		}
	}
	k.get(&d, "new", 0, func() int { return 7 })
	if got, _ := k.get(&d, "new", 0, func() int { return 8 }); got != 7 {
		t.Errorf("asked again: %d", got)
	}
}

// BenchmarkFindMacOS is what 500 processes cost that nothing is kept of: 60 apps, jobs, and what runs in terminals.
func BenchmarkFindMacOS(b *testing.B) {
	files := map[string]string{}
	var all []*Evidence
	for i := range 500 {
		e := &Evidence{PID: i, Name: "node", Executable: "/opt/homebrew/bin/node"}
		switch {
		case i < 300:
			name := "App" + string(rune('A'+i%60))
			files["/Applications/"+name+".app/Contents/Info.plist"] = string(encode(b, someInfo(map[string]any{"CFBundleName": name}), plist.XMLFormat))
			e.Name, e.Executable = name, "/Applications/"+name+".app/Contents/Frameworks/Helper.app/Contents/MacOS/Helper"
		case i < 400:
			project := "/Users/me/p" + string(rune('A'+i%60))
			files[project+"/package.json"] = "{}"
			e.Dir, e.Args, e.Terminal, e.Ancestors = project, []string{"node", project + "/node_modules/.bin/vite", "--port", "3000"}, true, chain("/bin/zsh < /usr/bin/login < "+iTerm)
		default:
			e.Name, e.Executable = "d"+string(rune('A'+i-400)), "/usr/libexec/d"+string(rune('A'+i-400))
		}
		all = append(all, e)
	}
	root := folders(b, files)
	b.ReportAllocs()
	for b.Loop() {
		f := NewFinder(Options{System: MacOS, Root: root, Home: "/Users/me"})
		for _, e := range all {
			f.Find(e)
		}
	}
}

// BenchmarkReadJobs is the index of as many jobs as macOS has; it is made in the background.
func BenchmarkReadJobs(b *testing.B) {
	files := map[string]string{}
	for i := range 900 {
		label := "com.apple.job" + strconv.Itoa(i)
		files["/System/Library/LaunchDaemons/"+label+".plist"] = string(encode(b, map[string]any{"Label": label, "ProgramArguments": []string{"/usr/libexec/" + label, "-x"}, "MachServices": map[string]any{label: true}, "EnablePressuredExit": true}, plist.BinaryFormat))
	}
	root := folders(b, files)
	b.ReportAllocs()
	for b.Loop() {
		f := NewFinder(Options{System: MacOS, Root: root, Home: "/Users/me"})
		f.jobsReady()
		if err := f.Settle(b.Context()); err != nil || len(f.jobs.byPath) != 900 {
			b.Fatal(len(f.jobs.byPath), err)
		}
	}
}
