package process

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"portolan/internal/app"
)

// ownMacFixtures is the folder with the macOS kernel's buffers and what they must decode to.
// Tests that need to know what is in a buffer read it from here.
var ownMacFixtures = filepath.Join("..", "netstat", "testdata", "darwin")

// otherMacFixtures is another folder of the same layout, "" for none. The tests that hold every buffer
// against its JSON read it instead of ours, whatever is there.
func otherMacFixtures() string { return os.Getenv("PORTOLAN_FIXTURES") }

func macFixtures() string { return cmp.Or(otherMacFixtures(), ownMacFixtures) }

// macFixtureNames lists the fixtures that match. Ours has some of every kind; another folder may have none of one.
func macFixtureNames(t testing.TB, pattern string) []string {
	t.Helper()
	if entries, err := os.ReadDir(macFixtures()); err != nil || len(entries) == 0 {
		t.Fatalf("no fixtures in %s: %v", macFixtures(), err)
	}
	names, err := filepath.Glob(filepath.Join(macFixtures(), pattern))
	if err != nil || len(names) == 0 && otherMacFixtures() == "" {
		t.Fatalf("no fixtures match %s in %s: %v", pattern, macFixtures(), err)
	}
	return names
}

// readFixture reads name.bin, and all of name.json into want.
func readFixture(t testing.TB, name string, want any) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	readJSON(t, strings.TrimSuffix(name, ".bin")+".json", want)
	return data
}

// readJSON takes every field of our own fixtures; what others say more is theirs to know.
func readJSON(t testing.TB, name string, want any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if otherMacFixtures() == "" {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(want); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// about is what every fixture's JSON says of itself.
type about struct {
	Fixture     string `json:"fixture"`
	Source      string `json:"source"`
	Description string `json:"description"`
	Length      int    `json:"length"`
}

type wantKinfo struct {
	PID    int32  `json:"pid"`
	PPID   int32  `json:"ppid"`
	PGID   int32  `json:"pgid"`
	EUID   uint32 `json:"euid"`
	RUID   uint32 `json:"ruid"`
	Comm   string `json:"comm"`
	Stat   byte   `json:"stat"`
	Zombie bool   `json:"zombie"`
	Sec    int64  `json:"start_sec"`
	Usec   int64  `json:"start_usec"`
}

func seenKinfo(k kinfo) wantKinfo {
	return wantKinfo{k.pid, k.ppid, k.pgid, k.euid, k.ruid, k.comm, k.stat, k.stat == statZombie, k.started.Unix(), int64(k.started.Nanosecond() / 1000)}
}

func TestDecodeKinfoFixtures(t *testing.T) {
	for _, name := range macFixtureNames(t, "libproc/kinfo_*.bin") {
		var want struct {
			about
			Processes []wantKinfo `json:"processes"`
		}
		records, err := decodeKinfo(readFixture(t, name, &want))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got := []wantKinfo{}
		for _, k := range records {
			got = append(got, seenKinfo(k))
		}
		if !reflect.DeepEqual(got, want.Processes) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, want.Processes)
		}
	}
}

func TestDecodeKinfoCut(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(ownMacFixtures, "libproc", "kinfo_all.bin"))
	if err != nil {
		t.Fatal(err)
	}
	records, err := decodeKinfo(data[:2*sizeKinfo+5])
	if err == nil || len(records) != 2 {
		t.Errorf("%d records, %v; want 2 and an error", len(records), err)
	}
}

func TestAppendLiving(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(ownMacFixtures, "libproc", "kinfo_all.bin"))
	if err != nil {
		t.Fatal(err)
	}
	records, err := decodeKinfo(data)
	if err != nil {
		t.Fatal(err)
	}
	var want []Living
	for _, k := range records {
		if k.pid > 0 && k.stat != statZombie {
			want = append(want, Living{PID: int(k.pid), UID: int(k.euid), Started: uint64(k.started.UnixMicro())})
		}
	}
	before, err := AppendLiving(nil, data)
	if err != nil || len(before) < 2 || !slices.Equal(before, want) {
		t.Fatalf("\n got %v, %v\nwant %v", before, err, want)
	}
	ended := slices.IndexFunc(records, func(k kinfo) bool { return int(k.pid) == before[1].PID })
	data[ended*sizeKinfo+offsetStat] = statZombie
	if after, _ := AppendLiving(nil, data); !slices.Equal(after, slices.Delete(slices.Clone(before), 1, 2)) {
		t.Errorf("%v, and with %d ended %v", before, before[1].PID, after)
	}
	if some, err := AppendLiving(before[:1], data[:sizeKinfo/2]); len(some) != 1 || err == nil {
		t.Errorf("of half a record: %v, %v", some, err)
	}
}

type wantBSDInfo struct {
	PID    int32   `json:"pid"`
	PPID   int32   `json:"ppid"`
	PGID   int32   `json:"pgid"`
	UID    uint32  `json:"uid"`
	RUID   uint32  `json:"ruid"`
	Comm   string  `json:"comm"`
	Name   *string `json:"name"`
	Status uint32  `json:"status"`
	Flags  uint32  `json:"flags"`
	Files  *uint32 `json:"nfiles"`
	Sec    *int64  `json:"start_sec"`
	Usec   *int64  `json:"start_usec"`
}

func seenBSDInfo(b bsdInfo, short bool) wantBSDInfo {
	w := wantBSDInfo{PID: b.pid, PPID: b.ppid, PGID: b.pgid, UID: b.uid, RUID: b.ruid, Comm: cString(b.comm[:]), Status: b.status, Flags: b.flags}
	if !short {
		sec, usec := b.started.Unix(), int64(b.started.Nanosecond()/1000)
		w.Name, w.Files, w.Sec, w.Usec = &b.name, &b.files, &sec, &usec
	}
	return w
}

func TestDecodeBSDInfoFixtures(t *testing.T) {
	for _, name := range macFixtureNames(t, "libproc/bsd*.bin") {
		var want struct {
			about
			Process wantBSDInfo `json:"process"`
		}
		data := readFixture(t, name, &want)
		short := strings.HasPrefix(filepath.Base(name), "bsdshort")
		decode := decodeBSDInfo
		if short {
			decode = decodeShortBSDInfo
		}
		b, err := decode(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := seenBSDInfo(b, short); !reflect.DeepEqual(got, want.Process) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, want.Process)
		}
		if _, err := decode(data[:len(data)-1]); err == nil {
			t.Errorf("%s: a byte too few is no error", name)
		}
	}
}

func TestDecodeUniqueIDFixtures(t *testing.T) {
	for _, name := range macFixtureNames(t, "libproc/uniqid_*.bin") {
		var want struct {
			about
			Identity struct {
				Unique  uint64 `json:"unique_id"`
				Parent  uint64 `json:"parent_unique_id"`
				Version uint32 `json:"id_version"`
			} `json:"identity"`
		}
		data := readFixture(t, name, &want)
		u, err := decodeUniqueID(data)
		if w := want.Identity; err != nil || u != (uniqueID{w.Unique, w.Parent, w.Version}) {
			t.Errorf("%s: got %+v, %v; want %+v", name, u, err, w)
		}
		if _, err := decodeUniqueID(data[:len(data)-1]); err == nil {
			t.Errorf("%s: a byte too few is no error", name)
		}
	}
}

func TestDecodeProcargsFixtures(t *testing.T) {
	for _, name := range macFixtureNames(t, "libproc/procargs2_*.bin") {
		var want struct {
			about
			Argc int32    `json:"argc"`
			Path string   `json:"exec_path"`
			Argv []string `json:"argv"`
		}
		data := readFixture(t, name, &want)
		got, err := decodeProcargs(data)
		if err != nil || got.argc != want.Argc || got.path != want.Path || !reflect.DeepEqual(got.argv, want.Argv) {
			t.Errorf("%s:\n got %q, %v\nwant %+v", name, got, err, want)
		}
	}
}

// macScenario is one fake Mac: what every call answers, and the truth.
type macScenario struct {
	Description string         `json:"description"`
	SelfPID     int            `json:"self_pid"`
	MyUID       int            `json:"my_uid"`
	Layout      string         `json:"layout"`
	Filtered    bool           `json:"pcblist_filtered"`
	Calls       map[string]any `json:"calls"`
	Processes   []macProcess   `json:"processes"`
	Sockets     []any          `json:"sockets"`
}

type macProcess struct {
	wantKinfo
	Path        *string  `json:"path"`
	Argv        []string `json:"argv"`
	UniqueID    uint64   `json:"unique_id"`
	IDVersion   uint32   `json:"id_version"`
	Own         bool     `json:"own"`
	App         *string  `json:"app"`
	Responsible int      `json:"responsible"`
}

// fakeMac answers libproc's calls from a scenario's folder.
type fakeMac struct {
	t *testing.T
	macScenario
	dir  string
	swap map[string]any
}

func openScenario(t *testing.T, dir string) *fakeMac {
	t.Helper()
	m := &fakeMac{t: t, dir: dir, swap: map[string]any{}}
	readJSON(t, filepath.Join(dir, "scenario.json"), &m.macScenario)
	return m
}

var macErrnos = map[string]syscall.Errno{"EPERM": syscall.EPERM, "ESRCH": syscall.ESRCH, "EINVAL": syscall.EINVAL, "ENOENT": syscall.ENOENT}

// answer gives a file's bytes, a value as text, or an errno.
func (m *fakeMac) answer(call string) ([]byte, error) {
	answer, ok := m.swap[call]
	if !ok {
		answer = m.Calls[call]
	}
	switch a := answer.(type) {
	case []byte:
		return a, nil
	case string:
		return os.ReadFile(filepath.Join(m.dir, a))
	case map[string]any:
		if value, ok := a["value"]; ok {
			return fmt.Append(nil, value), nil
		}
		return nil, macErrnos[fmt.Sprint(a["errno"])]
	}
	return nil, syscall.ESRCH
}

var flavorNames = map[uint32]string{pidBSDInfo: "bsdinfo", pidPathInfo: "pidpath", pidVnodePath: "vnodepath", pidShortBSDInfo: "shortbsdinfo", pidUniqueID: "uniqid"}

func (m *fakeMac) pidInfo(pid int, flavor uint32, room []byte) (int, error) {
	data, err := m.answer(fmt.Sprintf("%s %d", flavorNames[flavor], pid))
	return copy(room, data), err
}

func (m *fakeMac) sysctl(name string, pid int) ([]byte, error) {
	if name == "kern.procargs2" {
		return m.answer(fmt.Sprintf("procargs2 %d", pid))
	}
	all, err := m.answer("sysctl kern.proc.all")
	for ; len(all) >= sizeKinfo; all = all[sizeKinfo:] {
		if int(binary.LittleEndian.Uint32(all[40:])) == pid {
			return bytes.Clone(all[:sizeKinfo]), nil
		}
	}
	return nil, err
}

func (m *fakeMac) responsible(pid int) int {
	text, err := m.answer(fmt.Sprintf("responsible %d", pid))
	if err != nil {
		return -1
	}
	var by int
	fmt.Sscan(string(text), &by)
	return by
}

func (m *fakeMac) watch(int) (exit, error)          { return nil, syscall.ENOSYS }
func (m *fakeMac) signalToken([8]uint32, int) error { return syscall.ENOSYS }
func (m *fakeMac) kill(int, int) error              { return syscall.EPERM }

// TestDescribeScenarios holds every description against the truth of each fake Mac.
func TestDescribeScenarios(t *testing.T) {
	for _, dir := range macFixtureNames(t, "scenario_*") {
		m := openScenario(t, dir)
		for i := range m.Processes {
			want := &m.Processes[i]
			t.Run(fmt.Sprintf("%s/%d", filepath.Base(dir), want.PID), func(t *testing.T) { checkMacProcess(t, m, want) })
		}
	}
}

func checkMacProcess(t *testing.T, m *fakeMac, want *macProcess) {
	r := newRegister(xnu{m}, macNames(t))
	p, err := r.Lookup(int(want.PID))
	if want.Zombie {
		if !errors.Is(err, ErrGone) {
			t.Errorf("a zombie: %v, %v; want %v", p, err, ErrGone)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	checkMacDescription(t, &m.macScenario, p, want)
	e := r.records[int(want.PID)].entry
	if e.exec != uint64(want.IDVersion) || e.ID != p.ID || e.ppid != p.PPID || e.name() != want.Comm[:min(len(want.Comm), 15)] {
		t.Errorf("entry %+v", e)
	}
}

// macNames is a naming as on a Mac on which no more is installed than what the fixtures say.
func macNames(t testing.TB) *naming {
	return &naming{namer: app.NewFinder(app.Options{System: app.MacOS, Root: t.TempDir(), Home: "/Users/me"})}
}

// checkMacDescription holds one description against the truth.
func checkMacDescription(t *testing.T, m *macScenario, p *Process, want *macProcess) {
	t.Helper()
	expected := Process{ID: ID{int(want.PID), want.UniqueID}, PPID: int(want.PPID), UID: int(want.EUID), User: UserName(int(want.EUID)),
		Started: unixTime(uint64(want.Sec), uint64(want.Usec))}
	if want.Path != nil {
		expected.Executable, expected.Name = *want.Path, filepath.Base(*want.Path)
	} else { // what it was started as, which the truth does not tell, or its short name
		expected.Executable, expected.Name = p.Executable, p.Name
		if p.Name == "" || p.Executable != "" && filepath.Base(p.Executable) != p.Name {
			t.Errorf("%+v has no path, and no name instead", p)
		}
	}
	plain := *p
	plain.App, plain.Work = app.App{}, app.Work{}
	if plain != expected {
		t.Errorf("\n got %+v\nwant %+v", plain, expected)
	}
	if line := app.MaskLine(want.Argv); p.Work.Line != line {
		t.Errorf("process %d: command line %q, want %q", p.PID, p.Work.Line, line)
	}
	m.checkApp(t, p, want)
}

// checkApp: a part of a bundle is called by the bundle's folder, since no Info.plist is there; a child of a terminal
// by what it runs, in that terminal; a daemon by its own name.
func (m *macScenario) checkApp(t *testing.T, p *Process, want *macProcess) {
	t.Helper()
	switch in := m.terminalOf(want); {
	case want.App != nil:
		name := strings.TrimSuffix(filepath.Base(*want.App), ".app")
		if p.App.Kind != app.Bundle || p.App.Path != *want.App || p.App.Name != name || p.App.In != "" {
			t.Errorf("process %d: %+v, want the bundle %s", p.PID, p.App, *want.App)
		}
	case in != "":
		if p.App.Kind != app.Command || p.App.In != in || p.App.Name != cmp.Or(p.Work.Title, p.Name) {
			t.Errorf("process %d: %+v, %+v, want a command in %s", p.PID, p.App, p.Work, in)
		}
		// An interpreter is called by what it runs.
		if title := titles[strings.Join(want.Argv, " ")]; p.Work.Title != title {
			t.Errorf("process %d: title %q, want %q", p.PID, p.Work.Title, title)
		}
	case p.App != app.App{Name: p.Name, Path: p.Executable, Kind: app.Executable}:
		t.Errorf("process %d: %+v, want the program", p.PID, p.App)
	}
}

// titles are what the scenarios' command lines run, as a person would say it; the rest is called by the program.
var titles = map[string]string{
	"node server.js": "server.js",
	"/opt/homebrew/bin/python3.12 -m gunicorn -w 2 app:app": "gunicorn",
	"ruby bin/rails server -p 4000":                         "rails server",
}

// terminalOf is the app with windows for commands that the process came from, "" for none. The scenarios have but iTerm.
func (m *macScenario) terminalOf(want *macProcess) string {
	for p := m.process(want.PPID); p != nil && p.PID != p.PPID; p = m.process(p.PPID) {
		if p.App != nil {
			return strings.TrimSuffix(filepath.Base(*p.App), ".app")
		}
	}
	return ""
}

func (m *macScenario) process(pid int32) *macProcess {
	i := slices.IndexFunc(m.Processes, func(p macProcess) bool { return p.PID == pid })
	if i < 0 {
		return nil
	}
	return &m.Processes[i]
}

// TestDescribeWithoutPath: the executable was replaced, so the kernel does not tell its path any more.
func TestDescribeWithoutPath(t *testing.T) {
	dir := filepath.Join(ownMacFixtures, "scenario_dev")
	gone := map[string]any{"errno": "ENOENT"}
	longName, err := os.ReadFile(filepath.Join(ownMacFixtures, "libproc", "bsdinfo_long_name.bin"))
	if err != nil {
		t.Fatal(err)
	}
	relative := []byte("\x01\x00\x00\x00./server\x00./server\x00SECRET=1\x00")
	tests := []struct {
		name             string
		pid              int
		swap             map[string]any
		executable, call string
	}{
		{"what it was started as", 812, map[string]any{"pidpath 812": gone},
			"/Applications/Postgres.app/Contents/Versions/16/bin/postgres", "postgres"},
		{"the longer name, of ours", 1733, map[string]any{"pidpath 1733": gone, "procargs2 1733": gone, "bsdinfo 1733": longName},
			"", "Google Chrome Helper"},
		{"the short name, of another user's", 377, map[string]any{"pidpath 377": gone}, "", "apsd"},
		{"a relative path is no path", 501, map[string]any{"pidpath 501": gone, "procargs2 501": relative}, "", "node"},
	}
	for _, test := range tests {
		m := openScenario(t, dir)
		m.swap = test.swap
		p, _, err := xnu{m}.describe(test.pid, nil)
		if err != nil || p.Executable != test.executable || p.Name != test.call {
			t.Errorf("%s: %+v, %v; want %q, %q", test.name, p, err, test.executable, test.call)
		}
	}
}

// TestDecodeProcargsForgetsEnvironment: what follows the arguments is in no part of the result.
func TestDecodeProcargsForgetsEnvironment(t *testing.T) {
	for _, name := range macFixtureNames(t, "scenario_*/args_*.bin") {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a, err := decodeProcargs(data)
		if err != nil || int(a.argc) != len(a.argv) {
			t.Errorf("%s: %d arguments of %d, %v", name, len(a.argv), a.argc, err)
		}
		for _, arg := range a.argv {
			if strings.HasPrefix(arg, "HOME=") || strings.HasPrefix(arg, "TOKEN=") {
				t.Errorf("%s: %q is not an argument", name, arg)
			}
		}
	}
}

// vnodePaths makes a struct proc_vnodepathinfo: the working directory, and the root. The kernel's own is not among the fixtures;
// the offsets are those of the public header.
func vnodePaths(dir, root string) []byte {
	b := make([]byte, sizeVnodePath)
	copy(b[152:1176], dir)
	copy(b[1176+152:], root)
	return b
}

func TestDecodeWorkingDirectory(t *testing.T) {
	long := "/" + strings.Repeat("d", 2000)
	for dir, want := range map[string]string{"/Users/me/shop": "/Users/me/shop", "": "", long: long[:1024], "/a\nb": "/a\nb"} {
		data := vnodePaths(dir, "/private")
		if got, err := decodeWorkingDirectory(data); err != nil || got != want {
			t.Errorf("%.20q: %.20q, %v", dir, got, err)
		}
		if got, err := decodeWorkingDirectory(data[1:]); err == nil {
			t.Errorf("a byte too few: %q", got)
		}
	}
}

// TestMacEvidence: what an app is told from, of a dev server in a terminal and of another user's process.
func TestMacEvidence(t *testing.T) {
	m := openScenario(t, filepath.Join(ownMacFixtures, "scenario_dev"))
	m.swap["vnodepath 501"] = vnodePaths("/Users/me/shop", "/")
	m.swap["sysctl kern.proc.all"] = withTerminal(t, m, 501)
	want := map[int]app.Evidence{
		501: {PID: 501, Name: "node", Executable: "/opt/homebrew/Cellar/node/22.9.0/bin/node", Args: []string{"node", "server.js"},
			Dir: "/Users/me/shop", UID: 501, Terminal: true, Responsible: "/Applications/iTerm.app/Contents/MacOS/iTerm2",
			Ancestors: []app.Ancestor{{PID: 480, Name: "zsh", Executable: "/bin/zsh"},
				{PID: 470, Name: "iTerm2", Executable: "/Applications/iTerm.app/Contents/MacOS/iTerm2"}}},
		377: {PID: 377, Name: "apsd", Executable: "/System/Library/PrivateFrameworks/ApplePushService.framework/apsd"},
	}
	for pid, want := range want {
		r, asked := notes(xnu{m})
		if _, err := r.Lookup(pid); err != nil {
			t.Fatal(err)
		}
		got := asked.asked[0]
		if got.Cgroup = nil; len(got.Ancestors) == 0 {
			got.Ancestors = nil
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("\n got %+v\nwant %+v", got, want)
		}
	}
}

// withTerminal gives the scenario's kern.proc.all with a controlling terminal for one process.
func withTerminal(t *testing.T, m *fakeMac, pid int) []byte {
	t.Helper()
	all, err := m.answer("sysctl kern.proc.all")
	if err != nil {
		t.Fatal(err)
	}
	all = bytes.Clone(all)
	for record := all; len(record) >= sizeKinfo; record = record[sizeKinfo:] {
		if int(binary.LittleEndian.Uint32(record[40:])) == pid {
			binary.LittleEndian.PutUint32(record[572:], 0x10000003)
		}
	}
	return all
}

// TestDecodeProcargsBounds: a command line of a megabyte is cut.
func TestDecodeProcargsBounds(t *testing.T) {
	for name, argument := range map[string]string{"long": strings.Repeat("x", 1000), "empty": ""} {
		buf := append(binary.LittleEndian.AppendUint32(nil, 100000), "/bin/x\x00\x00"+strings.Repeat("x"+argument+"\x00", 1000)...)
		buf = append(buf, strings.Repeat(argument+"\x00", 99000)...)
		a, err := decodeProcargs(buf)
		size := 0
		for _, arg := range a.argv {
			size += len(arg)
		}
		if err != nil || size > maxArgsLen || len(a.argv) > maxArgs || len(a.argv) < 60 {
			t.Errorf("%s: %d arguments, %d bytes, %v", name, len(a.argv), size, err)
		}
	}
}

func addFixtures(f *testing.F, pattern string) {
	f.Helper()
	for _, name := range macFixtureNames(f, pattern) {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

func FuzzDecodeKinfo(f *testing.F) {
	addFixtures(f, "libproc/kinfo_*.bin")
	f.Fuzz(func(t *testing.T, data []byte) {
		records, err := decodeKinfo(data)
		if len(records) != len(data)/sizeKinfo || (err != nil) != (len(data)%sizeKinfo != 0) {
			t.Fatalf("%d records of %d bytes, %v", len(records), len(data), err)
		}
		for _, k := range records {
			if len(k.comm) > maxKinfoLen+1 || strings.Contains(k.comm, "\x00") {
				t.Fatalf("comm %q", k.comm)
			}
		}
	})
}

func FuzzDecodeProcInfo(f *testing.F) {
	addFixtures(f, "libproc/bsd*.bin")
	addFixtures(f, "libproc/uniqid_*.bin")
	f.Add(vnodePaths("/Users/me/shop", "/"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if b, err := decodeBSDInfo(data); (err == nil) != (len(data) == sizeBSDInfo) || len(b.name) > 32 {
			t.Fatalf("%+v, %v", b, err)
		}
		if b, err := decodeShortBSDInfo(data); (err == nil) != (len(data) == sizeShortBSDInfo) {
			t.Fatalf("%+v, %v", b, err)
		}
		if _, err := decodeUniqueID(data); (err == nil) != (len(data) == sizeUniqueID) {
			t.Fatal(err)
		}
		if dir, err := decodeWorkingDirectory(data); (err == nil) != (len(data) == sizeVnodePath) || len(dir) > 1024 || strings.Contains(dir, "\x00") {
			t.Fatalf("%q, %v", dir, err)
		}
	})
}

func FuzzDecodeProcargs(f *testing.F) {
	addFixtures(f, "libproc/procargs2_*.bin")
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := decodeProcargs(data)
		if err != nil {
			return
		}
		size := len(a.path)
		for _, arg := range a.argv {
			size += len(arg)
		}
		if len(a.argv) > max(0, int(a.argc)) || size > len(data) || len(a.argv) > len(data) ||
			len(a.argv) > maxArgs || size-len(a.path) > maxArgsLen {
			t.Fatalf("%d arguments of %d, %d bytes of %d", len(a.argv), a.argc, size, len(data))
		}
	})
}
