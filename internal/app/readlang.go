package app

import (
	"path"
	"slices"
	"strings"
)

// readPython reads the arguments of Python (python(1)).
func readPython(args []string) task {
	for len(args) > 0 {
		a := args[0]
		if len(a) < 2 || a[0] != '-' {
			return pythonScript(args)
		}
		rest := args[1:]
		switch {
		case a == "-W" || a == "-X" || a == "--check-hash-based-pycs":
			rest = rest[min(1, len(rest)):]
		case strings.HasPrefix(a, "--") || strings.HasPrefix(a, "-W") || strings.HasPrefix(a, "-X"):
		default:
			// Letters may be put together, and m and c end them: -um http.server, -mhttp.server.
			for i := 1; i < len(a); i++ {
				if a[i] == 'c' {
					return inlinePython(a[i+1:], rest)
				}
				if a[i] == 'm' {
					if i+1 < len(a) {
						rest = append([]string{a[i+1:]}, rest...)
					}
					return pythonModule(rest)
				}
			}
		}
		args = rest
	}
	return task{}
}

// inlinePython is for python -c. The workers that multiprocessing starts are made that way.
func inlinePython(code string, rest []string) task {
	if code == "" && len(rest) > 0 {
		code = rest[0]
	}
	if strings.HasPrefix(code, "from multiprocessing.") {
		return task{what: "python worker"}
	}
	return task{what: "python -c"}
}

// pythonModule is for python -m: some modules only run something else.
func pythonModule(args []string) task {
	if len(args) == 0 {
		return task{}
	}
	switch module := args[0]; module {
	case "debugpy", "pdb", "cProfile", "profile", "trace", "coverage", "ipdb", "kernprof":
		for i, a := range args[1:] {
			if strings.HasSuffix(a, ".py") {
				return pythonScript(args[1+i:])
			}
			if a == "-m" && i+2 < len(args) {
				return pythonModule(args[i+2:])
			}
		}
		return task{what: module}
	default:
		return task{what: known(shortWord(strings.TrimSuffix(module, ".__main__")))}
	}
}

// pythonScript is for a script: manage.py and its like are known by what they were told to do.
func pythonScript(args []string) task {
	if len(args) == 0 {
		return task{}
	}
	t := scriptTask(args[0])
	switch {
	case strings.HasSuffix(args[0], "debugpy/launcher") || strings.HasSuffix(args[0], "/debugpy") || strings.HasSuffix(args[0], "pydevd.py"):
		for i, a := range args[1:] {
			if a == "--file" || a == "--" {
				return pythonScript(args[i+2:])
			}
		}
	case t.what == "manage.py":
		if rest := skip(args[1:]); len(rest) > 0 {
			t.what += " " + shortWord(rest[0])
		}
	}
	return t
}

// readUV reads the arguments of uv, which runs Python for a project.
func readUV(args []string) task {
	rest := skip(args, "--project", "--directory", "--config-file", "-p", "--python")
	if len(rest) < 2 || rest[0] != "run" {
		return task{what: "uv"}
	}
	if inner := skip(rest[1:], "--with", "--python", "-p", "--extra", "--group", "--project", "--directory", "--env-file"); len(inner) > 0 {
		return task{what: "uv run " + shortWord(scriptName(inner[0]))}
	}
	return task{what: "uv run"}
}

// readRuby reads the arguments of Ruby (ruby(1)).
func readRuby(args []string) task {
	if inlineCode(args, "-r", "-I", "-C", "-E", "--encoding") {
		return task{what: "ruby -e"}
	}
	rest := skip(args, "-r", "-I", "-C", "-E", "--encoding", "-S")
	if i := slices.Index(args[:len(args)-len(rest)], "-S"); i >= 0 && i+1 < len(args) {
		rest = args[i+1:] // a script that is looked for in $PATH
	}
	if len(rest) == 0 {
		return task{}
	}
	t := scriptTask(rest[0])
	switch t.what {
	case "bundle", "bundler":
		if len(rest) > 2 && rest[1] == "exec" {
			return task{what: scriptTask(rest[2]).what}
		}
	case "rails", "spring", "hanami", "jekyll", "middleman", "bin/rails":
		if more := skip(rest[1:]); len(more) > 0 {
			command := shortWord(more[0])
			if command == "s" {
				command = "server"
			}
			t.what += " " + command
		}
	}
	return t
}

// javaValued are the options of java that take the next argument (java(1)).
var javaValued = []string{"-cp", "-classpath", "--class-path", "-p", "--module-path", "--upgrade-module-path", "--add-modules", "--add-opens", "--add-exports", "--add-reads", "--patch-module", "--limit-modules", "--enable-native-access", "--source"}

// javaNames are the programs that people know, by a part of the name of the main class.
var javaNames = []struct{ class, name string }{
	{"org.apache.catalina.startup.Bootstrap", "Tomcat"}, {"kafka.Kafka", "Kafka"}, {"kafka.server.KafkaRaftServer", "Kafka"}, {"org.apache.zookeeper.server.quorum.QuorumPeerMain", "ZooKeeper"},
	{"org.elasticsearch.bootstrap.Elasticsearch", "Elasticsearch"}, {"org.opensearch.bootstrap.OpenSearch", "OpenSearch"}, {"org.apache.cassandra.service.CassandraDaemon", "Cassandra"}, {"org.neo4j.", "Neo4j"},
	{"org.gradle.launcher.daemon.bootstrap.GradleDaemon", "Gradle daemon"}, {"org.gradle.wrapper.GradleWrapperMain", "gradlew"}, {"org.gradle.launcher.GradleMain", "gradle"}, {"worker.org.gradle.process.internal.worker.GradleWorkerMain", "Gradle worker"},
	{"org.codehaus.plexus.classworlds.launcher.Launcher", "mvn"}, {"org.codehaus.classworlds.Launcher", "mvn"}, {"org.apache.maven.wrapper.MavenWrapperMain", "mvnw"}, {"org.jetbrains.kotlin.daemon.KotlinCompileDaemon", "Kotlin daemon"},
	{"org.apache.activemq.", "ActiveMQ"}, {"org.apache.hadoop.hdfs.server.namenode.NameNode", "HDFS NameNode"}, {"org.apache.spark.deploy.", "Spark"}, {"org.sonar.", "SonarQube"}, {"io.quarkus.runner.", "Quarkus"}, {"org.keycloak.", "Keycloak"}, {"com.amazonaws.services.dynamodbv2.local.", "DynamoDB local"},
}

// readJava reads the arguments of java: a jar, a module, or a class.
func readJava(args []string) task {
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case a == "-jar" && i+1 < len(args):
			return task{what: shortWord(path.Base(args[i+1])), script: args[i+1]}
		case (a == "-m" || a == "--module") && i+1 < len(args):
			return task{what: javaName(args[i+1])}
		case slices.Contains(javaValued, a):
			i++
		case strings.HasPrefix(a, "-") || strings.HasPrefix(a, "@"):
		case strings.HasSuffix(a, ".java"):
			return scriptTask(a)
		default:
			return task{what: javaName(a)}
		}
	}
	return task{}
}

// javaName is the name of a main class without its package.
func javaName(class string) string {
	if _, inModule, ok := strings.Cut(class, "/"); ok {
		class = inModule
	}
	for _, k := range javaNames {
		if strings.HasPrefix(class, k.class) {
			return k.name
		}
	}
	return shortWord(class[strings.LastIndexByte(class, '.')+1:])
}

// readGo reads the arguments of the go command.
func readGo(args []string) task {
	rest := skip(args, "-C")
	if len(rest) == 0 {
		return task{what: "go"}
	}
	if rest[0] == "run" || rest[0] == "tool" {
		if inner := skip(rest[1:], "-C", "-exec", "-tags", "-ldflags", "-gcflags", "-mod", "-modfile", "-p", "-overlay"); len(inner) > 0 {
			return task{what: "go " + rest[0] + " " + shortWord(inner[0])}
		}
	}
	return task{what: "go " + shortWord(rest[0])}
}

// phpValued are the options of php that take the next argument.
var phpValued = []string{"-c", "-d", "-f", "-t", "-z"}

// readPHP reads the arguments of php (php(1)): the server that it brings along, artisan and other consoles, a script.
func readPHP(args []string) task {
	for i, a := range args {
		switch {
		case a == "-S" || strings.HasPrefix(a, "-S") && len(a) > 2:
			t := task{what: "php -S"}
			if router := skip(args[i+1:], "-t", "-c", "-d"); a == "-S" && len(router) > 1 {
				t.script = router[1]
			}
			return t
		case a == "-r":
			return task{what: "php -r"}
		}
		if !strings.HasPrefix(a, "-") && (i == 0 || !slices.Contains(phpValued, args[i-1])) {
			break
		}
	}
	rest := skip(args, phpValued...)
	if i := slices.Index(args[:len(args)-len(rest)], "-f"); i >= 0 && i+1 < len(args) {
		rest = args[i+1:]
	}
	if len(rest) == 0 {
		return task{}
	}
	t := scriptTask(rest[0])
	if base := path.Base(rest[0]); base == "artisan" || base == "console" || base == "spark" || base == "bin/console" {
		if more := skip(rest[1:]); len(more) > 0 {
			t.what += " " + shortWord(more[0])
		}
	}
	return t
}

// readDotnet reads the arguments of dotnet: an assembly, or a command of the SDK.
func readDotnet(args []string) task {
	rest := skip(args, "--roll-forward", "--fx-version", "--additionalprobingpath", "--depsfile", "--runtimeconfig", "--additional-deps")
	if len(rest) == 0 {
		return task{}
	}
	if rest[0] == "exec" {
		if rest = skip(rest[1:], "--runtimeconfig", "--depsfile", "--additionalprobingpath", "--fx-version", "--roll-forward", "--additional-deps"); len(rest) == 0 {
			return task{what: "dotnet exec"}
		}
	}
	if strings.HasSuffix(rest[0], ".dll") {
		base := strings.TrimSuffix(path.Base(rest[0]), ".dll")
		if base == "dotnet-watch" || base == "dotnet" || base == "MSBuild" {
			return task{what: shortWord(base)}
		}
		return task{what: shortWord(base), script: rest[0]}
	}
	return task{what: "dotnet " + shortWord(rest[0])}
}

// readPerl reads the arguments of perl (perlrun(1)).
func readPerl(args []string) task {
	if inlineCode(args, "-I") {
		return task{what: "perl -e"}
	}
	return readScript(args)
}

// readR reads the arguments of R and Rscript.
func readR(args []string) task {
	for _, a := range args {
		if file, ok := strings.CutPrefix(a, "--file="); ok {
			return scriptTask(file)
		}
	}
	return readScript(args)
}

// readDart reads the arguments of dart.
func readDart(args []string) task {
	rest := skip(args)
	if len(rest) > 1 && rest[0] == "run" {
		rest = skip(rest[1:])
	}
	if len(rest) == 0 {
		return task{what: "dart"}
	}
	if strings.HasSuffix(rest[0], ".snapshot") {
		return task{what: strings.TrimSuffix(shortWord(path.Base(rest[0])), ".dart.snapshot")}
	}
	return scriptTask(rest[0])
}

// readErlang reads the arguments of Erlang's emulator, which Elixir runs in too: what started it is behind -extra, or
// it is known by the module that is booted.
func readErlang(args []string) task {
	for i, a := range args {
		if i+1 == len(args) {
			break
		}
		next := args[i+1]
		switch a {
		case "-extra":
			rest := skip(args[i+1:], "-e", "--eval", "-S", "--sname", "--name", "--cookie", "-r", "-pa")
			if len(rest) > 0 {
				what := shortWord(path.Base(rest[0]))
				if more := skip(rest[1:]); what == "mix" && len(more) > 0 {
					what += " " + shortWord(more[0])
				}
				return task{what: what}
			}
		case "-s", "-boot":
			switch {
			case strings.HasPrefix(next, "rabbit"):
				return task{what: "RabbitMQ"}
			case strings.HasPrefix(next, "ejabberd"):
				return task{what: "ejabberd"}
			case strings.HasPrefix(next, "couch"):
				return task{what: "CouchDB"}
			}
		}
	}
	return task{}
}
