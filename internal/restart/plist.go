package restart

import (
	"fmt"
	"slices"
	"strings"

	"portolan/internal/app"
)

// maxPlist is the longest launchd plist that is read, in bytes. Apple's longest has about 20 kilobytes.
const maxPlist = 64 << 10

// job is what a property list says of a launchd job (launchd.plist(5)).
type job struct {
	Label            string
	Program          string
	ProgramArguments []string
	KeepAlive        keepAlive
	OnDemand         onDemand
	Sockets          present
	StartInterval    present
	WatchPaths       present
	QueueDirectories present
}

// keepAlive is true, false, or a dictionary of conditions.
type keepAlive struct {
	always     bool
	conditions []string // by name
}

// UnmarshalPlist takes anything: what is neither a boolean nor a dictionary is as if it was not there.
func (k *keepAlive) UnmarshalPlist(unmarshal func(any) error) error {
	if unmarshal(&k.always) == nil {
		return nil
	}
	conditions := map[string]present{}
	if unmarshal(&conditions) != nil {
		return nil
	}
	for name := range conditions {
		if len(name) <= 64 && len(k.conditions) < 16 {
			k.conditions = append(k.conditions, name)
		}
	}
	slices.Sort(k.conditions)
	return nil
}

// onDemand is the old name of the opposite of KeepAlive.
type onDemand struct{ off bool }

// UnmarshalPlist takes anything.
func (o *onDemand) UnmarshalPlist(unmarshal func(any) error) error {
	on := true
	o.off = unmarshal(&on) == nil && !on
	return nil
}

// present is a key whose value is not looked at, and so not built either: a few kilobytes of
// binary property list can stand for more than fits into memory.
type present bool

// UnmarshalPlist takes anything.
func (p *present) UnmarshalPlist(func(any) error) error {
	*p = true
	return nil
}

// decodeJob reads a launchd job from a property list, XML or binary.
func decodeJob(data []byte) (job, error) {
	var j job
	if err := app.DecodePlist(data, &j); err != nil {
		return job{}, err
	}
	if j.Label == "" {
		return job{}, fmt.Errorf("%w: it has no Label", app.ErrPlist)
	}
	// The library's strings are parts of data: they are kept alone.
	j.Label, j.Program = strings.Clone(j.Label), strings.Clone(j.Program)
	j.ProgramArguments = slices.Clone(j.ProgramArguments[:min(len(j.ProgramArguments), 32)])
	for i, a := range j.ProgramArguments {
		j.ProgramArguments[i] = strings.Clone(a)
	}
	return j, nil
}
