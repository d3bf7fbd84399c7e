package netstat

import (
	"cmp"
	"slices"
)

// search looks for the processes that hold the missing slots, which these users made. First
// behind the descriptors that are likely to be new; then, for what the kernel says is still there,
// behind all new ones; and last, for the same users, behind all: that costs much more. It
// ends when nothing is missing, so those come first where sockets came and went last. What
// was read in full since the kernel listed its sockets is left out.
func (o *owners) search(uids []uint32, ask confirmer) error {
	if err := o.searchNewcomers(); err != nil || o.missing == 0 {
		return err
	}
	foreign := func(h *holding) bool { return !slices.Contains(uids, h.uid) }
	o.candidates = o.candidates[:0]
	for _, h := range o.ordered {
		if !h.denied && h.fresh != o.round {
			o.candidates = append(o.candidates, h)
		}
	}
	slices.SortStableFunc(o.candidates, func(a, b *holding) int {
		if x, y := foreign(a), foreign(b); x != y {
			return cmpBool(x, y)
		}
		return cmp.Compare(b.active, a.active)
	})
	if err := o.searchIn(o.candidates, likelyLinks); err != nil {
		return err
	}
	if err := o.confirm((*slot).unfound, ask); err != nil || o.missing == 0 {
		return err
	}
	// The first time everything was read a moment ago, some of it while the kernel listed its sockets. That is not all read
	// again for the few that may have moved meanwhile: they are looked for once more in the next refresh.
	if o.hasty = o.round == 1 && o.missing <= burst; o.hasty {
		return nil
	}
	if o.missing > burst {
		if err := o.searchIn(o.candidates, allLinks); err != nil {
			return err
		}
	} else {
		if err := o.searchIn(o.candidates, newLinks); err != nil {
			return err
		}
		if err := o.searchIn(slices.DeleteFunc(o.candidates, foreign), allLinks); err != nil {
			return err
		}
	}
	// What nobody holds now may have closed while we looked.
	return o.confirm((*slot).unfound, ask)
}

// searchNewcomers reads the processes that came since the processes were listed: the kernel was listing its
// sockets meanwhile, and one may be theirs.
func (o *owners) searchNewcomers() error {
	if err := o.list(); err != nil {
		return err
	}
	o.candidates = o.candidates[:0]
	for _, h := range o.ordered {
		if h.read == 0 {
			o.candidates = append(o.candidates, h)
		}
	}
	return o.searchIn(o.candidates, allLinks)
}

// searchIn reads the candidates, some at a time with all workers, until nothing is missing.
func (o *owners) searchIn(candidates []*holding, s scope) error {
	for len(candidates) > 0 && o.missing > 0 {
		n := 1
		if o.missing >= searchAtOnce {
			n = min(searchAtOnce, len(candidates))
		}
		if err := o.readAll(candidates[:n], s); err != nil {
			return err
		}
		for _, h := range candidates[:n] {
			o.mark(h)
		}
		candidates = candidates[n:]
	}
	return nil
}

// confirm has the kernel asked about the slots in doubt, and takes note of those that have closed.
func (o *owners) confirm(doubt func(*slot) bool, ask confirmer) error {
	doubts := 0
	for i := range o.slots {
		if doubt(&o.slots[i]) {
			doubts++
		}
	}
	if doubts == 0 {
		return nil
	}
	closed, err := ask(func(inode uint32) bool {
		i, ok := o.inodes.find(inode)
		return ok && doubt(&o.slots[i])
	})
	for _, inode := range closed {
		i, _ := o.inodes.find(inode)
		s := &o.slots[i]
		if s.unfound() {
			o.missing--
		}
		s.sought, s.held, s.gone = false, false, true
	}
	return err
}
