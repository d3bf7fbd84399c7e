package restart

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"portolan/internal/process"
)

func TestSupervisors(t *testing.T) {
	in := func(p *process.Process, dir string) *process.Process { p.Work.Dir = dir; return p }
	of := func(p *process.Process, uid int) *process.Process { p.UID = uid; return p }
	tests := map[string]struct {
		p       *process.Process
		above   []*process.Process
		by      string // "": no cause
		stop    string
		returns bool
	}{
		"nodemon": {proc(30, "node", "node server.js"), []*process.Process{proc(20, "node", "node /usr/local/bin/nodemon server.js")},
			"nodemon (PID 20)", "kill 20", false},
		"nodemon by npm and a shell": {proc(30, "node", "node server.js"), []*process.Process{proc(25, "sh", "sh -c 'node server.js'"), proc(20, "node", "node /p/node_modules/.bin/nodemon"), proc(19, "zsh", "-zsh")},
			"nodemon (PID 20)", "kill 20", false},
		"nodemon behind a person's shell": {proc(30, "node", "node server.js"), []*process.Process{proc(25, "bash", "bash"), proc(20, "node", "node nodemon server.js")}, "", "", false},
		"node --watch":                    {proc(30, "node", "node app.js"), []*process.Process{proc(20, "node", "node --watch-path=src --watch app.js")}, "node --watch (PID 20)", "kill 20", false},
		"--watch of a script":             {proc(30, "node", "node app.js"), []*process.Process{proc(20, "node", "node build.js --watch")}, "", "", false},
		"tsx watch":                       {proc(30, "node", "node x"), []*process.Process{proc(20, "node", "node /p/node_modules/tsx/dist/cli.mjs watch src/index.ts")}, "tsx watch (PID 20)", "kill 20", false},
		"tsx":                             {proc(30, "node", "node x"), []*process.Process{proc(20, "node", "node /p/node_modules/tsx/dist/cli.mjs src/watch.ts")}, "", "", false},
		"vite is none":                    {proc(30, "esbuild", "esbuild --service"), []*process.Process{proc(20, "node", "node /p/node_modules/.bin/vite")}, "", "", false},
		"cargo-watch":                     {proc(30, "server", "target/debug/server"), []*process.Process{proc(25, "cargo", "cargo run"), proc(20, "cargo-watch", "cargo-watch -x run")}, "cargo-watch (PID 20)", "kill 20", false},
		"a program between":               {proc(30, "server", "server"), []*process.Process{proc(25, "code-server", "code-server"), proc(20, "s6-supervise", "s6-supervise code")}, "", "", false},
		"cargo-watch directly":            {proc(30, "server", "target/debug/server"), []*process.Process{proc(20, "cargo-watch", "cargo-watch -x run")}, "cargo-watch (PID 20)", "kill 20", false},
		"air":                             {proc(30, "main", "tmp/main"), []*process.Process{proc(25, "sh", "/bin/sh -c tmp/main"), proc(20, "air", "air")}, "air (PID 20)", "kill 20", false},
		"entr":                            {proc(30, "node", "node x"), []*process.Process{proc(20, "entr", "entr -r node x")}, "entr (PID 20)", "kill 20", false},
		"dotnet watch":                    {proc(30, "Shop", "bin/Shop"), []*process.Process{proc(20, "dotnet", "dotnet watch run")}, "dotnet watch (PID 20)", "kill 20", false},
		"dotnet run":                      {proc(30, "Shop", "bin/Shop"), []*process.Process{proc(20, "dotnet", "dotnet run")}, "", "", false},
		"uvicorn --reload":                {proc(30, "python3.12", "python3.12 -c from multiprocessing"), []*process.Process{proc(20, "python3.12", "/v/bin/python3.12 /v/bin/uvicorn shop:app --reload")}, "uvicorn --reload (PID 20)", "kill 20", false},
		"foreman":                         {proc(30, "ruby", "ruby app.rb"), []*process.Process{proc(25, "sh", "sh -c 'ruby app.rb'"), proc(20, "ruby", "foreman: master")}, "foreman (PID 20)", "kill 20", false},
		"honcho":                          {proc(30, "node", "node x"), []*process.Process{proc(20, "python3", "python3 /usr/bin/honcho start")}, "honcho (PID 20)", "kill 20", false},
		"overmind":                        {proc(30, "node", "node x"), []*process.Process{proc(25, "sh", "sh -c 'node x'"), in(proc(20, "tmux", "tmux -C -L overmind-shop-xY new -n web"), "/home/alice/my shop")}, "overmind (PID 20)", "overmind quit -s '/home/alice/my shop/.overmind.sock'", false},
		"tmux":                            {proc(30, "node", "node x"), []*process.Process{proc(20, "tmux", "tmux new -s work")}, "", "", false},
		"supervisord, no environment":     {proc(30, "node", "node x"), []*process.Process{of(proc(20, "python3", "/usr/bin/python3 /usr/bin/supervisord -n"), 0)}, "supervisord (PID 20)", "", true},
		"runsv":                           {proc(30, "nginx", "nginx"), []*process.Process{in(of(proc(20, "runsv", "runsv web"), 0), "/etc/service/web")}, "runit (PID 20)", "sudo sv down /etc/service/web", true},
		"s6":                              {proc(30, "web", "web"), []*process.Process{in(proc(20, "s6-supervise", "s6-supervise web"), "/run/s6/web")}, "s6 (PID 20)", "s6-svc -d /run/s6/web", true},
		"daemontools, a hostile folder":   {proc(30, "web", "web"), []*process.Process{in(proc(20, "supervise", "supervise web"), "/service/a'; touch owned; '")}, "daemontools (PID 20)", "", true},
		"forever":                         {proc(30, "node", "node app.js"), []*process.Process{proc(20, "node", "node /usr/lib/node_modules/forever/bin/monitor app.js")}, "forever (PID 20)", "forever stop 30", true},
		"circusd":                         {proc(30, "x", "x"), []*process.Process{proc(20, "python3", "python3 /usr/bin/circusd c.ini")}, "circusd (PID 20)", "", true},
		"uvicorn's worker": {proc(31, "python3.12", "/v/bin/python3.12 -c 'from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=5)'"), []*process.Process{proc(20, "python3.12", "/v/bin/python3.12 /v/bin/uvicorn shop:app --workers 4")},
			"uvicorn (PID 20)", "kill 20", true},
		"pm2 without a daemon": {proc(30, "node", "node /p/app.js"), []*process.Process{proc(20, "node", "node node_modules/.bin/pm2 start app.js --no-daemon")}, "pm2 (PID 20)", "kill 20", true},
		"pm2-runtime":          {proc(30, "node", "node /p/app.js"), []*process.Process{proc(20, "node", "node /usr/local/bin/pm2-runtime app.js")}, "pm2 (PID 20)", "kill 20", true},
		"pm2's own port":       {proc(31, "node", "PM2 v5.4.2: God Daemon (/home/alice/.pm2)"), []*process.Process{proc(1, "systemd", "/sbin/init")}, "pm2", "", false},
		"gunicorn": {proc(31, "python3.11", "/v/bin/python3 /v/bin/gunicorn shop:app"), []*process.Process{proc(20, "python3.11", "/v/bin/python3 /v/bin/gunicorn shop:app")},
			"gunicorn (PID 20)", "kill 20", true},
		"gunicorn with titles": {proc(31, "gunicorn", "gunicorn: worker [shop]"), []*process.Process{proc(20, "gunicorn", "gunicorn: master [shop]")}, "gunicorn (PID 20)", "kill 20", true},
		"nginx": {proc(31, "nginx", "nginx: worker process"), []*process.Process{of(proc(20, "nginx", "nginx: master process /usr/sbin/nginx"), 0)},
			"nginx (PID 20)", "sudo kill 20", true},
		"nginx's child that is none": {proc(31, "perl", "perl x.cgi"), []*process.Process{of(proc(20, "nginx", "nginx: master process /usr/sbin/nginx"), 0)}, "", "", false},
		"php-fpm":                    {proc(31, "php-fpm8.2", "php-fpm: pool www"), []*process.Process{of(proc(20, "php-fpm8.2", "php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)"), 0)}, "PHP-FPM (PID 20)", "sudo kill 20", true},
		"puma":                       {proc(31, "ruby", "puma: cluster worker 0: 20 [shop]"), []*process.Process{proc(20, "ruby", "puma 6.4.0 (tcp://0.0.0.0:3000) [shop]")}, "puma (PID 20)", "kill 20", true},
		"uwsgi":                      {proc(31, "uwsgi", "uwsgi --ini x"), []*process.Process{proc(20, "uwsgi", "uwsgi --ini x")}, "uWSGI (PID 20)", "kill 20", true},
		"the first process is nobody's to end": {proc(31, "web", "web"), []*process.Process{of(proc(1, "supervisord", "supervisord"), 0)},
			"supervisord (PID 1)", "", true},
		"a name that only begins like one": {proc(30, "x", "x"), []*process.Process{proc(20, "aircrack", "aircrack"), proc(19, "nodemonitor", "nodemonitor")}, "", "", false},
		"a line of nothing":                {proc(30, "x", ""), []*process.Process{proc(20, "", "   "), proc(19, "nodemon", "")}, "", "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			causes := explainer(test.above...).Causes(t.Context(), test.p, nil)
			if test.by == "" {
				if causes != nil {
					t.Errorf("%+v", causes)
				}
				return
			}
			c := one(t, causes)
			if c.Kind != Supervisor || c.By != test.by || c.Stop != test.stop || c.Returns != test.returns {
				t.Errorf("%+v", c)
			}
			if !strings.HasSuffix(c.Text, ".") || c.Text == "" {
				t.Errorf("text %q", c.Text)
			}
		})
	}
}

// TestTwoSupervisors: pm2 that runs nodemon is two, the nearer first.
func TestTwoSupervisors(t *testing.T) {
	x := explainer(proc(20, "node", "node /usr/bin/nodemon x.js"), proc(10, "node", "PM2 v5.4.2: God Daemon (/home/alice/.pm2)"))
	causes := x.Causes(t.Context(), proc(30, "node", "node x.js"), nil)
	if len(causes) != 2 || causes[0].By != "nodemon (PID 20)" || causes[1].By != "pm2 (PID 10)" {
		t.Errorf("%+v", causes)
	}
}

func TestStopPM2(t *testing.T) {
	root := t.TempDir()
	pids := filepath.Join(root, "home/alice/.pm2/pids")
	if err := os.MkdirAll(pids, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"shop-web-3.pid": "30\n", "shop-0.pid": "31", "x.pid": "30", "evil-1; touch owned.pid": "30", "long-7.pid": strings.Repeat("3", 1000)} {
		if err := os.WriteFile(filepath.Join(pids, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[int]string{30: "pm2 stop 3", 31: "pm2 stop 0", 32: ""}
	for pid, want := range tests {
		x := explainer(proc(20, "node", "PM2 v5.4.2: God Daemon (/home/alice/.pm2)"))
		x.root, x.home = root, "/home/alice"
		if c := one(t, x.Causes(t.Context(), proc(pid, "node", "node x"), nil)); c.Stop != want || !c.Returns || c.By != "pm2 (PID 20)" {
			t.Errorf("PID %d: %+v, want %q", pid, c, want)
		}
	}
}

// TestStopOfAnother: a command that asks the one who gives it is no command for what another user's supervisor watches over.
func TestStopOfAnother(t *testing.T) {
	root := t.TempDir()
	for _, folder := range []string{"/home/alice/.pm2", "/home/bob/.pm2", "/srv/it's"} {
		pids := filepath.Join(root, folder, "pids")
		if err := os.MkdirAll(pids, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(pids, "web-3.pid"), []byte("30"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const bob = we + 1
	for _, test := range []struct {
		uid  int
		line string
		as   int
		stop string
	}{
		{we, "PM2 v5: God Daemon (/home/alice/.pm2)", we, "pm2 stop 3"},
		{we, "PM2 v5: God Daemon (/home/bob/.pm2)", we, "env 'PM2_HOME=/home/bob/.pm2' pm2 stop 3"},
		{we, "PM2 v5: God Daemon (/srv/it's)", we, ""},
		{bob, "PM2 v5: God Daemon (/home/bob/.pm2)", we, "sudo env 'PM2_HOME=/home/bob/.pm2' pm2 stop 3"},
		{bob, "PM2 v5: God Daemon (/home/bob/.pm2)", 0, "env 'PM2_HOME=/home/bob/.pm2' pm2 stop 3"},
		{bob, "node /usr/lib/node_modules/forever/bin/monitor app.js", we, ""},
		{bob, "node /usr/lib/node_modules/forever/bin/monitor app.js", 0, ""},
	} {
		parent := proc(20, "node", test.line)
		parent.UID = test.uid
		x := explainer(parent)
		x.root, x.home, x.uid = root, "/home/alice", test.as
		if c := one(t, x.Causes(t.Context(), proc(30, "node", "node x"), nil)); c.Stop != test.stop {
			t.Errorf("%+v: %q", test, c.Stop)
		}
	}
}

func TestStopSupervisord(t *testing.T) {
	tests := map[string]string{
		"PATH=/bin\x00SUPERVISOR_PROCESS_NAME=web\x00SUPERVISOR_GROUP_NAME=web\x00":      "supervisorctl stop web",
		"SUPERVISOR_GROUP_NAME=shop\x00SUPERVISOR_PROCESS_NAME=web_01":                   "supervisorctl stop shop:web_01",
		"SUPERVISOR_PROCESS_NAME=my web\x00":                                             "", // supervisorctl would read two names
		"SUPERVISOR_PROCESS_NAME=$(touch owned)'\x00":                                    "",
		"SUPERVISOR_PROCESS_NAME=--help\x00":                                             "",
		"SUPERVISOR_PROCESS_NAME=all\x00SUPERVISOR_GROUP_NAME=\x00\x00\x00=\x00nonsense": "", // it would stop all
		"SUPERVISOR_PROCESS_NAME=*\x00SUPERVISOR_GROUP_NAME=shop\x00":                    "",
		"": "",
	}
	for environ, want := range tests {
		root := t.TempDir()
		dir := filepath.Join(root, "proc", strconv.Itoa(30))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "environ"), []byte(environ), 0o600); err != nil {
			t.Fatal(err)
		}
		x := explainer(proc(20, "supervisord", "supervisord"))
		x.root = root
		if c := one(t, x.Causes(t.Context(), proc(30, "node", "node x"), nil)); c.Stop != want {
			t.Errorf("%q: %q, want %q", environ, c.Stop, want)
		}
	}
}

func TestNetworkService(t *testing.T) {
	p := proc(30, "Google Chrome Helper", "/Applications/Google Chrome Helper --type=utility --utility-sub-type=network.mojom.NetworkService --lang=en")
	p.App.Name = "Google Chrome\x1b"
	c := one(t, explainer().Causes(t.Context(), p, nil))
	if c.By != `Google Chrome\x1b` || !c.Returns || c.Stop != "" {
		t.Errorf("%+v", c)
	}
}
