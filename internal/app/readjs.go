package app

import (
	"slices"
	"strings"
)

// nodeValued are the options of Node that take the next argument (node(1), doc/api/cli.md), and those of the
// loaders that stand in front of a script.
var nodeValued = []string{"-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions", "--title", "--env-file", "--env-file-if-exists", "--inspect-port",
	"--watch-path", "--icu-data-dir", "--openssl-config", "--stack-trace-limit", "--input-type", "--test-name-pattern", "--diagnostic-dir", "--redirect-warnings", "--trace-event-categories", "--tsconfig", "-P", "--project", "-O"}

// readNode reads the arguments of Node.
func readNode(args []string) task {
	if t, ok := nodeMode(args); ok {
		return t
	}
	rest := skip(args, nodeValued...)
	if len(rest) == 0 {
		return task{}
	}
	t := scriptTask(rest[0])
	switch t.what {
	case "npm", "npm-cli.js", "npx", "npx-cli.js", "yarn", "yarn.js", "yarn.cjs", "pnpm", "pnpm.cjs":
		name, _, _ := strings.Cut(strings.TrimSuffix(t.what, "-cli.js"), ".")
		return readNPM(name)(rest[1:])
	case "corepack":
		if len(rest) > 1 {
			return readNPM(shortWord(rest[1]))(rest[2:])
		}
	case "ts-node", "ts-node-esm", "ts-node-dev", "tsx", "esno", "babel-node", "vite-node", "jiti", "swc-node":
		inner := skip(rest[1:], nodeValued...)
		if len(inner) > 0 && inner[0] == "watch" {
			inner = skip(inner[1:], nodeValued...)
		}
		if len(inner) > 0 {
			t.what += " " + scriptTask(inner[0]).what
		}
	}
	return t
}

// nodeMode knows what Node does without a script.
func nodeMode(args []string) (task, bool) {
	if inlineCode(args, nodeValued...) {
		return task{what: "node -e"}, true
	}
	for i := 0; i < len(args) && strings.HasPrefix(args[i], "-"); i++ {
		switch a := args[i]; {
		case a == "-p" || strings.HasPrefix(a, "--eval=") || strings.HasPrefix(a, "--print="):
			return task{what: "node -e"}, true
		case a == "--test":
			return task{what: "node --test"}, true
		case a == "--run" && i+1 < len(args):
			return task{what: "node --run " + shortWord(args[i+1])}, true
		case slices.Contains(nodeValued, a):
			i++
		}
	}
	return task{}, false
}

// readNPM reads the arguments of a package manager: "npm run dev", "yarn start", "npx serve".
func readNPM(name string) reader {
	return func(args []string) task {
		rest := skip(args, "--prefix", "-C", "--dir", "--cwd", "--filter", "-F", "-w", "--workspace", "-p", "--package")
		if len(rest) == 0 {
			return task{what: name}
		}
		command := rest[0]
		switch command {
		case "run", "run-script", "exec", "dlx", "x", "workspace":
			if inner := skip(rest[1:], "-w", "--workspace"); len(inner) > 0 {
				return task{what: name + " " + strings.TrimSuffix(command, "-script") + " " + shortWord(scriptName(inner[0]))}
			}
		}
		return task{what: name + " " + shortWord(scriptName(command))}
	}
}

// readBun reads the arguments of Bun.
func readBun(args []string) task {
	rest := skip(args, "-r", "--preload", "--cwd", "-c", "--config", "--filter", "--tsconfig-override", "--conditions", "--port")
	if len(rest) == 0 {
		return task{what: "bun"}
	}
	switch rest[0] {
	case "run", "x", "dev", "start":
		inner := skip(rest[1:], "--filter", "--cwd", "-r", "--preload")
		if len(inner) == 0 {
			return task{what: "bun " + rest[0]}
		}
		if source(inner[0]) || strings.Contains(inner[0], "node_modules/") {
			return scriptTask(inner[0])
		}
		return task{what: "bun " + rest[0] + " " + shortWord(inner[0])}
	case "test", "install", "build", "create", "repl":
		return task{what: "bun " + rest[0]}
	}
	if source(rest[0]) || strings.Contains(rest[0], "/") {
		return scriptTask(rest[0])
	}
	return task{what: "bun " + shortWord(rest[0])}
}

// source says whether a word is a file with a program in it.
func source(w string) bool {
	for _, ext := range []string{".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx"} {
		if strings.HasSuffix(w, ext) {
			return true
		}
	}
	return false
}

// readDeno reads the arguments of Deno.
func readDeno(args []string) task {
	valued := []string{"-c", "--config", "--import-map", "--cwd", "-p", "--port", "--host", "-L", "--log-level", "--cert", "--location", "--seed", "--ext"}
	rest := skip(args, valued...)
	if len(rest) == 0 {
		return task{what: "deno"}
	}
	inner := skip(rest[1:], valued...)
	switch rest[0] {
	case "run", "serve":
		if len(inner) == 0 {
			return task{what: "deno " + rest[0]}
		}
		t := scriptTask(inner[0])
		t.what = denoName(inner[0], t.what)
		return t
	case "task":
		if len(inner) > 0 {
			return task{what: "deno task " + shortWord(inner[0])}
		}
	}
	if source(rest[0]) {
		return scriptTask(rest[0])
	}
	return task{what: "deno " + shortWord(rest[0])}
}

// denoName names a module that comes from a registry: "npm:vite@5" is "vite".
func denoName(module, otherwise string) string {
	for _, registry := range []string{"npm:", "jsr:"} {
		if name, ok := strings.CutPrefix(module, registry); ok {
			if i := strings.LastIndexByte(name, '@'); i > 0 {
				name = name[:i]
			}
			return known(shortWord(name))
		}
	}
	return otherwise
}
