package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// folders makes a folder that stands for "/" with these files in it; a name that ends in a slash is a folder.
func folders(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		dir := filepath.Dir(file)
		if strings.HasSuffix(name, "/") {
			dir = file
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if dir != file {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}

// projectTree has the projects of the tests.
var projectTree = map[string]string{
	"/home/me/shop-frontend/package.json": "{}", "/home/me/shop-frontend/src/deep/": "", "/home/me/shop-frontend/dist/package.json": "{}", "/home/me/.git/HEAD": "",
	"/home/me/shop/.git/HEAD": "", "/home/me/shop/frontend/package.json": "{}", "/home/me/shop/api/pyproject.toml": "", "/home/me/shop/tools/x": "", "/home/me/go/billing/go.mod": "",
	"/home/me/rusty/Cargo.toml": "", "/home/me/plain/notes.txt": "", "/srv/blog/Gemfile": "", "/opt/crm/package.json": "{}", "/usr/lib/node_modules/npm/package.json": "{}", "/package.json": "{}",
	"/Users/me/site/package.json": "{}", "/home/me/gen/.output/package.json": "{}", "/home/me/.pyenv/.git/HEAD": "", "/home/me/.npm/_npx/1f2e/package.json": "{}", "/home/me/lara/composer.json": "{}",
}

func TestWork(t *testing.T) {
	f := NewFinder(Options{System: Linux, Root: folders(t, projectTree), Home: "/home/me"})
	const shop, py, node, java = "/home/me/shop-frontend", "/usr/bin/python3.12", "/usr/bin/node", "/usr/lib/jvm/java-21-openjdk-amd64/bin/java"
	tests := []struct{ executable, args, dir, title, project string }{ // arguments are separated by "|"
		// Node.
		{node, "node|" + shop + "/node_modules/.bin/vite", shop, "vite - shop-frontend", shop},
		{node, "node|" + shop + "/node_modules/.bin/vite|--port|3000", shop + "/src/deep", "vite - shop-frontend", shop},
		{node, "node|" + shop + "/node_modules/vite/bin/vite.js|dev", "/", "vite - shop-frontend", shop},
		{node, "node|server.js", "/opt/crm", "server.js - crm", "/opt/crm"},
		{node, "node|--inspect=9229|-r|dotenv/config|--import|tsx|src/main.ts|--port|1", shop, "main.ts - shop-frontend", shop},
		{node, "node|--require|" + shop + "/node_modules/tsx/dist/preflight.cjs|--import|file:///home/me/shop-frontend/node_modules/tsx/dist/loader.mjs|src/server.ts", shop, "server.ts - shop-frontend", shop},
		{node, "/usr/bin/node|" + shop + "/node_modules/.bin/ts-node|src/app.ts", shop, "ts-node app.ts - shop-frontend", shop},
		{node, "node|" + shop + "/node_modules/.bin/tsx|watch|src/app.ts", shop, "tsx app.ts - shop-frontend", shop},
		{node, "node|/usr/local/bin/nodemon|server.js", shop, "nodemon - shop-frontend", shop},
		{node, "node|" + shop + "/node_modules/.bin/../@angular/cli/bin/ng.js|serve", shop, "ng - shop-frontend", shop},
		{node, "node|" + shop + "/node_modules/webpack-dev-server/bin/webpack-dev-server.js", shop, "webpack-dev-server - shop-frontend", shop},
		{node, "node|" + shop + "/node_modules/react-scripts/scripts/start.js", shop, "react-scripts - shop-frontend", shop},
		{node, "node|" + shop + "/node_modules/.pnpm/next@14.1.0/node_modules/next/dist/bin/next|dev", shop, "next - shop-frontend", shop},
		{node, "next-server (v14.2.3)||||", shop, "next - shop-frontend", shop},
		{node, "npm run dev|||", shop, "npm run dev - shop-frontend", shop},
		{node, "node|/usr/lib/node_modules/npm/bin/npm-cli.js|run|dev", shop, "npm run dev - shop-frontend", shop},
		{node, "node|/usr/bin/npx|serve|-l|3000", shop, "npx serve - shop-frontend", shop},
		{node, "node|/usr/bin/yarn|start", shop, "yarn start - shop-frontend", shop},
		{node, "node|/usr/local/bin/pnpm|--filter|web|run|dev", shop, "pnpm run dev - shop-frontend", shop},
		{node, "PM2 v5.3.0: God Daemon (/home/me/.pm2)", "/home/me", "pm2", ""},
		{node, "node /opt/crm/server.js", "/opt/crm", "server.js - crm", "/opt/crm"},
		{node, "node|-e|require('http')", "/", "node -e", ""},
		{node, "node|-r|dotenv/config|-e|const token = 'x'", "/", "node -e", ""},
		{node, "node|-p|process.env", "/", "node -e", ""},
		{"/usr/bin/ruby", "ruby|-r|socket|-ne|puts 'x'", "/", "ruby -e", ""},
		{"/usr/bin/perl", "perl|-I|lib|-MIO::Socket|-lane|print", "/", "perl -e", ""},
		{"/usr/bin/php", "php|-d|a=b|-r|echo 'x';", "/", "php -r", ""},
		{shop + "/node_modules/electron/dist/electron", "electron|main.js", shop, "Electron - shop-frontend", shop},
		{shop + "/node_modules/electron/dist/electron", "electron|--type=renderer|--x", "/", "Electron - shop-frontend", shop},
		{"/usr/lib/R/bin/exec/R", "R|--slave|--file=app.R", "/home/me", "app.R", ""},
		{"/usr/bin/julia", "julia|-e|serve()", "/", "", ""},
		{node, "node", shop, "node - shop-frontend", shop},
		{node, "node", "/", "", ""},
		{node, "node|dist/main.js", shop + "/dist", "main.js - shop-frontend", shop},
		{node, "node|.output/server/index.mjs", "/home/me/gen/.output", "index.mjs", ""},
		{node, "node|server.js", "/home/me/shop/frontend", "server.js - shop/frontend", "/home/me/shop/frontend"},
		{node, "node|x.js", "/home/me", "x.js", ""},
		{node, "node|/home/me/plain/x.js", "/home/me", "x.js", ""},
		{"/home/me/.nvm/versions/node/v22.9.0/bin/node", "node|" + shop + "/node_modules/.bin/next|start", shop, "next - shop-frontend", shop},
		{node, "node|--test", shop, "node --test - shop-frontend", shop},
		{node, "node|--", "/", "", ""},

		{"/home/me/.pyenv/versions/3.11.7/bin/python3.11", "python3|/tmp/serv.py|28222", "/", "serv.py", ""},

		{node, "node|/home/me/.npm/_npx/1f2e/node_modules/.bin/serve", "/home/me", "serve", ""},
		{"/home/me/shop/api/.venv/bin/python3.12", "python|/home/me/shop/api/.venv/bin/celery|-A|x", "/", "celery - shop/api", "/home/me/shop/api"},
		{"/usr/lib/electron28/electron", "/usr/lib/electron28/electron|/usr/lib/element/app.asar", "/home/me", "element", ""},

		// Others in JavaScript.
		{"/home/me/.bun/bin/bun", "bun|run|dev", shop, "bun run dev - shop-frontend", shop},
		{"/home/me/.bun/bin/bun", "bun|--hot|src/index.ts", shop, "index.ts - shop-frontend", shop},
		{"/usr/bin/bun", "bun|run|server.ts", shop, "server.ts - shop-frontend", shop},
		{"/usr/bin/deno", "deno|run|-A|--allow-net=:8000|main.ts", shop, "main.ts - shop-frontend", shop},
		{"/usr/bin/deno", "deno|task|dev", shop, "deno task dev - shop-frontend", shop},
		{"/usr/bin/deno", "deno|run|-A|npm:vite@5.1", shop, "vite - shop-frontend", shop},
		{"/usr/bin/deno", "deno|serve|--port|80|main.ts", shop, "main.ts - shop-frontend", shop},

		// Python.
		{py, "python3|manage.py|runserver|0.0.0.0:8000", "/home/me/shop/api", "manage.py runserver - shop/api", "/home/me/shop/api"},
		{py, "python3|-m|http.server|8000", "/home/me/plain", "http.server", ""},
		{py, "python3|-um|http.server", "/home/me/shop/tools", "http.server - tools", "/home/me/shop"},
		{py, "/home/me/shop/api/.venv/bin/python|/home/me/shop/api/.venv/bin/uvicorn|main:app|--reload", "/home/me/shop/api", "uvicorn - shop/api", "/home/me/shop/api"},
		{py, "python3|-m|uvicorn|main:app", "/home/me/shop/api", "uvicorn - shop/api", "/home/me/shop/api"},
		{py, "gunicorn: master [shop:app]", "/home/me/shop/api", "gunicorn - shop/api", "/home/me/shop/api"},
		{py, "/usr/bin/python3|/usr/local/bin/flask|run", "/home/me/shop/api", "flask - shop/api", "/home/me/shop/api"},
		{py, "python3|-c|from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=5, pipe_handle=7)|--multiprocessing-fork", "/home/me/shop/api", "python worker - shop/api", "/home/me/shop/api"},
		{py, "python3|-X|dev|-W|ignore|-u|app.py", "/home/me/shop/api", "app.py - shop/api", "/home/me/shop/api"},
		{py, "python3|-c|import socket", "/", "python -c", ""},
		{py, "/usr/bin/python3|/home/me/.local/bin/jupyter-lab|--port=8888", "/home/me", "jupyter lab", ""},
		{py, "python3|-m|debugpy|--listen|5678|app.py", "/home/me/shop/api", "app.py - shop/api", "/home/me/shop/api"},
		{py, "python3|/usr/lib/python3/dist-packages/tool/__main__.py", "/", "tool", ""},
		{"/Library/Frameworks/Python.framework/Versions/3.12/Resources/Python.app/Contents/MacOS/Python", "Python|app.py", "/home/me/shop/api", "app.py - shop/api", "/home/me/shop/api"},
		{"/usr/bin/uv", "uv|run|--with|x|uvicorn|main:app", "/home/me/shop/api", "uv run uvicorn - shop/api", "/home/me/shop/api"},

		// Ruby.
		{"/usr/bin/ruby3.2", "puma 6.4.2 (tcp://localhost:3000) [blog]", "/srv/blog", "puma - blog", "/srv/blog"},
		{"/usr/bin/ruby", "puma: cluster worker 0: 26104 [20161025160704]  ", "/srv/blog", "puma - blog", "/srv/blog"},
		{"/usr/bin/ruby", "ruby|bin/rails|s|-p|3000", "/srv/blog", "rails server - blog", "/srv/blog"},
		{"/usr/bin/ruby", "ruby|/usr/local/bin/bundle|exec|sidekiq", "/srv/blog", "sidekiq - blog", "/srv/blog"},
		{"/usr/bin/ruby", "ruby|-run|-e|httpd|.", "/srv/blog", "ruby -e - blog", "/srv/blog"},
		{"/usr/bin/ruby", "/usr/bin/ruby|-W0|/usr/bin/jekyll|serve", "/srv/blog", "jekyll serve - blog", "/srv/blog"},

		// Java.
		{java, "java|-Xmx2g|-Dserver.port=8080|-jar|target/shop-1.0.jar|--spring.profiles.active=dev", "/home/me/shop", "shop-1.0.jar - shop", "/home/me/shop"},
		{java, "java|-cp|a.jar:b.jar|--add-opens|java.base/java.lang=ALL-UNNAMED|com.example.shop.Application", "/home/me/shop", "Application - shop", "/home/me/shop"},
		{java, "java|-Dcatalina.base=/opt/tomcat|-classpath|x|org.apache.catalina.startup.Bootstrap|start", "/opt", "Tomcat", ""},
		{java, "java|--module-path|/m|-m|org.elasticsearch.server/org.elasticsearch.bootstrap.Elasticsearch", "/", "Elasticsearch", ""},
		{java, "java|@args|Main.java", "/home/me/shop", "Main.java - shop", "/home/me/shop"},
		{java, "java|-jar", "/", "", ""},

		// Go.
		{"/tmp/go-build2511/b001/exe/server", "/tmp/go-build2511/b001/exe/server|-addr|:8080", "/home/me/go/billing", "go run server - billing", "/home/me/go/billing"},
		{"/home/me/.cache/go-build/3f/3f9a-d/server", "server", "/home/me/go/billing", "go run server - billing", "/home/me/go/billing"},
		{"/tmp/go-build2511/b001/netstat.test", "netstat.test|-test.v=true", "/home/me/go/billing", "go test netstat - billing", "/home/me/go/billing"},
		{"/usr/local/go/bin/go", "go|run|-tags|dev|./cmd/api", "/home/me/go/billing", "go run ./cmd/api - billing", "/home/me/go/billing"},
		{"/home/me/go/billing/__debug_bin314", "__debug_bin314", "/home/me/go/billing", "go debug - billing", "/home/me/go/billing"},

		// PHP, .NET, Perl, Erlang and the rest.
		{"/usr/bin/php8.3", "php|-S|localhost:8000|-t|public", "/home/me/lara", "php -S - lara", "/home/me/lara"},
		{"/usr/bin/php", "php|-d|x=1|-f|w.php|-f|y", "/home/me/lara", "w.php - lara", "/home/me/lara"},
		{"/usr/bin/php", "php|w.php|-f|y", "/home/me/lara", "w.php - lara", "/home/me/lara"},
		{"/usr/bin/ruby", "ruby|-S|rackup|-p|9292", "/srv/blog", "rackup - blog", "/srv/blog"},
		{"/usr/bin/php", "php|artisan|serve", "/home/me/lara", "artisan serve - lara", "/home/me/lara"},
		{"/usr/bin/php", "php|-d|memory_limit=1G|worker.php", "/home/me/lara", "worker.php - lara", "/home/me/lara"},
		{"/usr/bin/dotnet", "dotnet|/opt/crm/bin/Debug/net8.0/Shop.Api.dll", "/opt/crm", "Shop.Api - crm", "/opt/crm"},
		{"/usr/bin/dotnet", "dotnet|run|--project|src", "/opt/crm", "dotnet run - crm", "/opt/crm"},
		{"/usr/bin/dotnet", "dotnet|exec|--depsfile|x|a/Worker.dll", "/opt/crm", "Worker - crm", "/opt/crm"},
		{"/usr/bin/perl", "perl|-w|server.pl", "/home/me/shop", "server.pl - shop", "/home/me/shop"},
		{"/usr/lib/erlang/erts-14/bin/beam.smp", "/usr/lib/erlang/erts-14/bin/beam.smp|-root|/usr/lib/erlang|-extra|/usr/bin/mix|phx.server", "/home/me/shop", "mix phx.server - shop", "/home/me/shop"},
		{"/usr/lib/erlang/erts-14/bin/beam.smp", "beam.smp|-W|w|-s|rabbit|boot", "/", "RabbitMQ", ""},

		// What is nobody's project.
		{"/usr/sbin/nginx", "nginx: master process /usr/sbin/nginx", "/home/me/shop", "", ""},
		{"/usr/lib/postgresql/16/bin/postgres", "postgres|-D|/var/lib", "/var/lib/postgresql", "", ""},
		{"", "", "", "", ""},
	}
	for _, test := range tests {
		e := &Evidence{Name: filepath.Base(test.executable), Executable: test.executable, Dir: test.dir, Args: strings.Split(test.args, "|")}
		w := f.workOf(e)
		if test.dir == "/home/me/shop/tools" {
			test.title = "http.server - shop" // the .git is in the folder above
		}
		if w.Title != test.title || w.Project != test.project || w.Dir != test.dir {
			t.Errorf("%s in %s:\n got %q, %q\nwant %q, %q", test.args, test.dir, w.Title, w.Project, test.title, test.project)
		}
	}
}

// A program that a person starts in a project is shown with it, and needs no interpreter for that.
func TestWorkInTerminal(t *testing.T) {
	f := NewFinder(Options{System: Linux, Root: folders(t, projectTree), Home: "/home/me"})
	shell := []Ancestor{{PID: 12, Name: "zsh", Executable: "/usr/bin/zsh"}, {PID: 11, Name: "kitty", Executable: "/usr/bin/kitty"}}
	e := &Evidence{Name: "rusty", Executable: "/home/me/rusty/target/debug/rusty", Args: []string{"target/debug/rusty"}, Dir: "/home/me/rusty", Terminal: true, Ancestors: shell}
	if w := f.workOf(e); w.Title != "rusty" || w.Project != "/home/me/rusty" {
		t.Errorf("in a terminal: %+v", w)
	}
	e.Dir = "/"
	if w := f.workOf(e); w.Project != "/home/me/rusty" {
		t.Errorf("started from elsewhere: %+v", w)
	}
	e.Dir, e.Executable = "/home/me", "/usr/bin/nc"
	if w := f.workOf(e); w != (Work{Line: "target/debug/rusty", Dir: "/home/me"}) {
		t.Errorf("in no project: %+v", w)
	}
	e.Ancestors, e.Dir = nil, "/home/me/rusty"
	if w := f.workOf(e); w.Title != "" {
		t.Errorf("without a terminal: %+v", w)
	}
}

func FuzzWork(f *testing.F) {
	finder := NewFinder(Options{System: Linux, Root: folders(f, projectTree), Home: "/home/me"})
	for _, program := range []string{"node", "python3", "ruby", "java", "go", "php", "dotnet", "perl", "deno", "bun", "beam.smp", "uv", "dart", "npm"} {
		f.Add(program, program+"|-m|x|-jar|y|--|run|z", "/home/me/shop-frontend")
	}
	f.Add("node", "next-server (v1)|", "relative\xff")
	f.Fuzz(func(t *testing.T, program, args, dir string) {
		e := &Evidence{Name: program, Executable: "/usr/bin/" + program, Args: strings.Split(args, "|"), Dir: dir}
		w := finder.workOf(e)
		if len(w.Line) > MaxLine || len(w.Title) > 5*maxWord {
			t.Errorf("%d bytes of title, %d of line", len(w.Title), len(w.Line))
		}
		if utf8.ValidString(program+args+dir) && !utf8.ValidString(w.Title) {
			t.Errorf("%q", w.Title)
		}
	})
}

func BenchmarkWork(b *testing.B) {
	f := NewFinder(Options{System: Linux, Root: folders(b, projectTree), Home: "/home/me"})
	e := &Evidence{Name: "node", Executable: "/usr/bin/node", Args: []string{"node", "/home/me/shop-frontend/node_modules/.bin/vite", "--port", "3000"}, Dir: "/home/me/shop-frontend"}
	b.ReportAllocs()
	for b.Loop() {
		f.workOf(e)
	}
}
