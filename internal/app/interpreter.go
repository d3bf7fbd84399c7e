package app

import (
	"path"
	"slices"
	"strings"
)

// An interpreter says nothing: what it runs does. Each has its own way to be told, so each
// has a reader of its own for its arguments.

// task is what an interpreter was told to run.
type task struct {
	// what says it in a word or two: "vite", "manage.py runserver", "uvicorn"; "" when it is not known.
	what string
	// script is the path of the file that runs, as it was given; "" when there is none.
	script string
}

// reader reads the arguments behind an interpreter's name.
type reader func(args []string) task

// readers are known by the base name of the program; versions behind it do not matter.
var readers map[string]reader

func init() {
	readers = map[string]reader{
		"node": readNode, "nodejs": readNode, "iojs": readNode, "electron": readNode, "bun": readBun, "bunx": readBun, "deno": readDeno, "tsx": readNode, "ts-node": readNode,
		"python": readPython, "pypy": readPython, "pypy3": readPython, "uv": readUV, "ruby": readRuby, "jruby": readRuby, "truffleruby": readRuby, "rbx": readRuby,
		"java": readJava, "javaw": readJava, "go": readGo, "php": readPHP, "dotnet": readDotnet, "perl": readPerl, "mono": readScript, "lua": readScript, "luajit": readScript,
		"beam.smp": readErlang, "Rscript": readR, "R": readR, "julia": readScript, "guile": readScript, "tclsh": readScript, "escript": readScript, "dart": readDart, "osascript": readScript, "npm": readNPM("npm"), "npx": readNPM("npx"), "yarn": readNPM("yarn"), "pnpm": readNPM("pnpm"),
	}
}

// interpreter gives the reader for a program's arguments; nil for a program that is none.
func interpreter(program string) reader {
	if r, ok := readers[program]; ok {
		return r
	}
	// python3.12, ruby3.2, php8.3, perl5.36.0, java-21; and Python, as the program in Python.app is called.
	name := strings.ToLower(strings.TrimRight(program, "0123456789.-"))
	if program != "R" && name != program {
		return readers[strings.TrimSuffix(name, "-debug")]
	}
	return nil
}

// taskOf says what a process runs, if it is an interpreter or a development server.
func taskOf(e *Evidence) (t task, ok bool) {
	base := path.Base(e.Executable)
	if e.Executable == "" {
		base = e.Name
	}
	if what := goBuilt(e.Executable); what != "" {
		return task{what: what}, true
	}
	// Every process of an Electron under development has the same to say: it is one app.
	if strings.Contains(e.Executable, "/node_modules/electron/dist/") {
		return task{what: "Electron"}, true
	}
	read := interpreter(base)
	if read == nil {
		return task{}, false
	}
	if len(e.Args) == 0 {
		return task{}, true
	}
	if title, ok := ownTitle(base, e.Args); ok {
		return title, true
	}
	return read(e.Args[1:]), true
}

// goBuilt says what a program is that the go command built to run it at once: go run in a temporary folder or, since Go
// 1.24, in the build cache; go test; a debugger. "" for another program.
func goBuilt(executable string) string {
	dir, base := path.Split(executable)
	if strings.HasPrefix(base, "__debug_bin") {
		return "go debug"
	}
	if !strings.Contains(dir, "/go-build") {
		return ""
	}
	if name, ok := strings.CutSuffix(base, ".test"); ok {
		return "go test " + shortWord(name)
	}
	if strings.HasSuffix(dir, "/exe/") || strings.HasSuffix(dir, "-d/") {
		return "go run " + shortWord(base)
	}
	return ""
}

// ownTitle reads a title that a program gave itself in place of its arguments: "next-server (v14.2.3)", "puma 6.4.2
// (tcp://localhost:3000) [shop]", "gunicorn: master [shop:app]", "npm run dev", "node /srv/x.js".
func ownTitle(interpreterName string, args []string) (task, bool) {
	title := args[0]
	if strings.HasPrefix(title, "/") || !strings.Contains(title, " ") {
		// setproctitle leaves one text; a name without spaces is how the interpreter itself was called.
		if len(args) > 1 || interpreter(path.Base(title)) != nil || strings.Contains(title, "/") || title == "" {
			return task{}, false
		}
		title = strings.TrimPrefix(title, "-")
		if title == interpreterName {
			return task{}, false
		}
	}
	words := strings.Fields(title)
	if len(words) == 0 {
		return task{}, false
	}
	first := strings.TrimSuffix(words[0], ":")
	if read := interpreter(path.Base(first)); read != nil && len(words) > 1 && !strings.HasPrefix(words[1], "(") {
		return read(words[1:]), true
	}
	if strings.Contains(first, "/") {
		first = path.Base(first)
	}
	return task{what: known(shortWord(first))}, true
}

// maxWord bounds a word of a title, in bytes.
const maxWord = 60

// shortWord is a word as it is shown in a title.
func shortWord(w string) string { return shorten(maskText(w), maxWord) }

// scriptTask is a script by its path: an entry of node_modules or of a folder with programs by its
// name, any other by its base name.
func scriptTask(script string) task {
	if name := path.Base(script); name == "." || name == ".." || name == "/" || name == "-" {
		return task{script: script} // the folder of the project: "node ."
	}
	return task{what: known(shortWord(scriptName(script))), script: script}
}

// scriptName is what a script is called.
func scriptName(script string) string {
	script = path.Clean(strings.TrimPrefix(script, "file://"))
	if i := strings.LastIndex(script, "node_modules/"); i >= 0 {
		rest := script[i+len("node_modules/"):]
		if name, ok := strings.CutPrefix(rest, ".bin/"); ok {
			return cutExtension(name)
		}
		module, _, _ := strings.Cut(rest, "/")
		if strings.HasPrefix(module, "@") {
			inner, _, _ := strings.Cut(strings.TrimPrefix(rest, module+"/"), "/")
			module += "/" + inner
		}
		return module
	}
	base := path.Base(script)
	if base == "app.asar" { // an Electron app: /usr/lib/element/app.asar, /opt/x/resources/app.asar
		return path.Base(strings.TrimSuffix(path.Dir(script), "/resources"))
	}
	if path.Base(path.Dir(script)) == "bin" {
		return cutExtension(base)
	}
	// An entry with the name of every entry says less than its module.
	if base == "__main__.py" {
		return path.Base(path.Dir(script))
	}
	return base
}

// cutExtension cuts what says only the language.
func cutExtension(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js", ".mjs", ".cjs", ".py", ".rb", ".pl", ".php", ".exe", ".cmd":
		return strings.TrimSuffix(name, ext)
	}
	return name
}

// knownNames are those of tools whose entry is called otherwise.
var knownNames = map[string]string{
	"@angular/cli": "ng", "@nestjs/cli": "nest", "@vue/cli-service": "vue-cli-service", "@remix-run/dev": "remix", "@react-router/dev": "react-router", "@sveltejs/kit": "svelte-kit", "@storybook/cli": "storybook", "@wordpress/scripts": "wp-scripts",
	"next-server": "next", "next-router-worker": "next", "npm-cli": "npm", "npx-cli": "npx", "webpack-cli": "webpack", "nuxi": "nuxt", "@nuxt/cli": "nuxt", "@playwright/test": "playwright", "expo-cli": "expo", "react-native-community": "react-native", "@11ty/eleventy": "eleventy",
	"__main__": "python", "jupyter-lab": "jupyter lab", "jupyter-notebook": "jupyter notebook", "ipykernel_launcher": "ipykernel", "ipykernel_launcher.py": "ipykernel", "jupyterlab": "jupyter lab", "PM2": "pm2",
}

func known(name string) string { return first(knownNames[name], name) }

// skip passes over options: it gives the arguments from the first that is none, or behind "--". Those in valued take the next
// argument as their value.
func skip(args []string, valued ...string) []string {
	for len(args) > 0 {
		a := args[0]
		if a == "--" {
			return args[1:]
		}
		if len(a) < 2 || a[0] != '-' {
			return args
		}
		args = args[1:]
		if slices.Contains(valued, a) && len(args) > 0 {
			args = args[1:]
		}
	}
	return nil
}

// inlineCode says whether an interpreter runs code from its arguments: an option that ends in e stands before any script, alone
// or behind others ("-ne"). Those in valued take the next argument as their value.
func inlineCode(args []string, valued ...string) bool {
	for i := 0; i < len(args); i++ {
		a := args[i]
		if len(a) < 2 || a[0] != '-' || a == "--" {
			return false
		}
		if slices.Contains(valued, a) {
			i++
			continue
		}
		if last := a[len(a)-1]; a == "--eval" || a == "--print" || a[1] != '-' && len(a) <= 6 && (last == 'e' || last == 'E') {
			return true
		}
	}
	return false
}

// readScript is for interpreters that run the first argument that is no option.
func readScript(args []string) task {
	if inlineCode(args, "-l", "-I") {
		return task{}
	}
	if rest := skip(args, "-l", "-I"); len(rest) > 0 {
		return scriptTask(rest[0])
	}
	return task{}
}
