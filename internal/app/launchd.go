package app

import (
	"context"
	"hash/maphash"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
)

// The jobs of launchd are files in a few folders (launchd.plist(5)). macOS has some 900
// of them, so they are read in the background, once, when the first process is met that may be one.

// JobFolder is a folder with the files of launchd's jobs.
type JobFolder struct {
	Path string
	// Agents: its jobs are those of a user's session (domain gui/UID), else of the computer (domain system).
	Agents bool
	// Apple: they are macOS's own, which System Integrity Protection keeps from being stopped.
	Apple bool
}

// JobFolders gives launchd's folders (launchd.plist(5), FILES), those that people fill first. home is a user's home
// folder; "" leaves his out.
func JobFolders(home string) []JobFolder {
	folders := []JobFolder{
		{Path: "/Library/LaunchAgents", Agents: true},
		{Path: "/Library/LaunchDaemons"},
		{Path: "/System/Library/LaunchAgents", Agents: true, Apple: true},
		{Path: "/System/Library/LaunchDaemons", Apple: true},
		{Path: "/Library/Apple/System/Library/LaunchAgents", Agents: true, Apple: true},
		{Path: "/Library/Apple/System/Library/LaunchDaemons", Apple: true},
	}
	if home == "" {
		return folders
	}
	return append([]JobFolder{{Path: path.Join(home, "Library/LaunchAgents"), Agents: true}}, folders...)
}

// Limits of the index.
const (
	maxJobs    = 4096    // files read
	maxJobFile = 1 << 18 // bytes of one
)

// jobFile is what is wanted of a job's file. Keys as launchd.plist(5) has them.
type jobFile struct {
	Label     string   `plist:"Label"`
	Program   string   `plist:"Program"`
	Arguments []string `plist:"ProgramArguments"`
}

// job is one of launchd's.
type job struct {
	label string
	agent bool // of a user's session
	// arguments stands for those behind an interpreter's name, by which its jobs are told apart; 0 for other
	// programs. They themselves are not kept: they may hold secrets.
	arguments uint64
}

// jobs is the index of launchd's jobs by the path of the program. The zero jobs is empty and not asked for.
type jobs struct {
	once    sync.Once
	asked   atomic.Bool   // done is there
	done    chan struct{} // closed when the index is there
	byPath  map[string][]job
	formula map[string]string // Homebrew's formula to the label of its service
}

// parseJob reads a job's file, and gives the path of the job's program.
func parseJob(data []byte) (program string, j job, err error) {
	var file jobFile
	if err := DecodePlist(data, &file); err != nil {
		return "", job{}, err
	}
	program = file.Program
	if len(file.Arguments) > 0 {
		program = first(program, file.Arguments[0])
	}
	if scripted(path.Base(program)) {
		j.arguments = sum(file.Arguments)
	}
	if len(file.Label) > maxName {
		file.Label = ""
	}
	j.label = strings.Clone(file.Label)
	return strings.Clone(program), j, nil
}

// jobsReady says whether the index is there, and has it made in the background if nobody has yet.
func (f *Finder) jobsReady() bool {
	j := &f.jobs
	j.once.Do(func() {
		j.done = make(chan struct{})
		j.asked.Store(true)
		go func() {
			f.readJobs()
			close(j.done)
		}()
	})
	return j.ready()
}

// ready says whether the index is there.
func (j *jobs) ready() bool {
	if !j.asked.Load() {
		return false
	}
	select {
	case <-j.done:
		return true
	default:
		return false
	}
}

// settle waits for the index if it is being made.
func (j *jobs) settle(ctx context.Context) error {
	if !j.asked.Load() {
		return nil
	}
	select {
	case <-j.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// readJobs reads the folders. Those that cannot be read have no jobs.
func (f *Finder) readJobs() {
	f.jobs.byPath = make(map[string][]job)
	f.jobs.formula = make(map[string]string)
	left := maxJobs
	for _, folder := range JobFolders(f.home) {
		// One walk down is bounded by the number of files; the folder lies on this computer's own disk.
		entries, err := os.ReadDir(f.real(folder.Path))
		if err != nil {
			continue
		}
		for _, entry := range entries {
			if path.Ext(entry.Name()) != ".plist" || entry.IsDir() {
				continue
			}
			if left--; left < 0 {
				return
			}
			f.readJob(path.Join(folder.Path, entry.Name()), folder.Agents)
		}
	}
}

// readJob puts one job into the index, under the path in its file and under the one
// that a process running it has: where the links of the first lead.
func (f *Finder) readJob(file string, agent bool) {
	data, err := readRegular(f.real(file), maxJobFile)
	if err != nil {
		return
	}
	program, j, err := parseJob(data)
	if err != nil || j.label == "" || !path.IsAbs(program) {
		return
	}
	j.agent = agent
	if name, ok := strings.CutPrefix(j.label, brewLabel); ok {
		f.jobs.formula[name] = j.label
	}
	program = path.Clean(program)
	f.jobs.byPath[program] = append(f.jobs.byPath[program], j)
	if real := f.follow(program); real != program {
		f.jobs.byPath[real] = append(f.jobs.byPath[real], j)
	}
}

// follow gives where the links of a path lead, in terms of the system that is looked at.
func (f *Finder) follow(name string) string {
	real, err := filepath.EvalSymlinks(f.real(name))
	if err != nil {
		return name
	}
	if f.root == "" {
		return real
	}
	if rest, ok := strings.CutPrefix(real, f.root); ok && fs.ValidPath(strings.TrimPrefix(rest, "/")) {
		return rest
	}
	return name
}

// brewLabel begins the labels of Homebrew's services.
const brewLabel = "homebrew.mxcl."

// jobOf gives the job of launchd that a process is, or whose process started it from the same
// place: the workers of a server, the server that a script of its formula started. Call it only when the jobs are ready.
func (f *Finder) jobOf(e *Evidence) (label string, ok bool) {
	if len(e.Ancestors) == 0 {
		if label, ok := f.jobs.find(e.Executable, e.Args, e.UID); ok {
			return label, true
		}
		// The job's program may be a script; what runs then is its interpreter.
		if script := scriptOf(e); script != "" {
			if label, ok := f.jobs.find(script, nil, e.UID); ok {
				return label, true
			}
		}
	} else if top := e.Ancestors[len(e.Ancestors)-1]; related(e.Executable, top.Executable) {
		if label, ok := f.jobs.find(top.Executable, nil, e.UID); ok {
			return label, true
		}
	}
	// A process of a formula with a service, that no person started.
	if label, ok := f.jobs.formula[formulaOf(e.Executable)]; ok && formulaOf(e.Executable) != "" {
		return label, true
	}
	return "", false
}

// scriptOf gives the path of the script that an interpreter or a shell runs; "" when it runs none.
func scriptOf(e *Evidence) string {
	script := ""
	if t, ok := taskOf(e); ok {
		script = t.script
	} else if isShell(path.Base(e.Executable)) && len(e.Args) > 1 {
		script = first(skip(e.Args[1:], "-c", "-o")...)
	}
	if !path.IsAbs(script) {
		return ""
	}
	return path.Clean(script)
}

// find gives the job with that program. Of an interpreter's or a shell's, it is the one with the same arguments: others
// run the same program. args are nil when they may not be read. Of a program that is a daemon's and an agent's ("cfprefsd")
// it is the daemon's where root runs it.
func (j *jobs) find(program string, args []string, uid int) (label string, ok bool) {
	var arguments uint64
	if scripted(path.Base(program)) {
		if arguments = sum(args); arguments == 0 {
			return "", false
		}
	}
	for _, one := range j.byPath[program] {
		if one.arguments != arguments {
			continue
		}
		if one.agent == (uid > 0) {
			return one.label, true
		}
		if !ok {
			label, ok = one.label, true
		}
	}
	return label, ok
}

// scripted says whether a program runs what it is told to: an interpreter, a shell.
func scripted(program string) bool { return interpreter(program) != nil || isShell(program) }

// seed is that of the sums of arguments.
var seed = maphash.MakeSeed()

// sum stands for the arguments behind the program's name; 0 when there are none.
func sum(args []string) uint64 {
	if len(args) < 2 {
		return 0
	}
	var h maphash.Hash
	h.SetSeed(seed)
	for _, arg := range args[1:] {
		h.WriteString(arg)
		h.WriteByte(0)
	}
	return max(h.Sum64(), 1)
}

// related says whether two programs come from one place that is theirs: the same program, or the same formula.
func related(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	if a == b {
		return !scripted(path.Base(a))
	}
	return formulaOf(a) != "" && formulaOf(a) == formulaOf(b)
}

// cellars are where Homebrew puts its formulas.
var cellars = []string{"/opt/homebrew/Cellar/", "/usr/local/Cellar/", "/home/linuxbrew/.linuxbrew/Cellar/", "/opt/homebrew/opt/", "/usr/local/opt/"}

// formulaOf gives the Homebrew formula that a program belongs to: "postgresql@16"; "" when it is none.
func formulaOf(executable string) string {
	for _, cellar := range cellars {
		if rest, ok := strings.CutPrefix(executable, cellar); ok {
			formula, _, _ := strings.Cut(rest, "/")
			return formula
		}
	}
	return ""
}

// nameOfJob is the name to show of a job: the formula of a Homebrew service, else what
// runs when an interpreter runs it, else the program's own name.
func nameOfJob(label string, e *Evidence, w Work) string {
	if name, ok := strings.CutPrefix(label, brewLabel); ok && name != "" {
		return name
	}
	if w.Title != "" {
		return w.Title
	}
	if scripted(path.Base(e.Executable)) {
		return label
	}
	return first(e.Name, label)
}
