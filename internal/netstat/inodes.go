package netstat

import "math/bits"

// inodeTable maps inodes of sockets to slots. It exists because a refresh looks up
// every descriptor of the machine in it: it is several times as fast as a map, and its
// memory is used again. Socket inodes are counted up in 32 bits
// (get_next_ino in fs/inode.c), which is also what the dump has room for.
type inodeTable struct {
	entries []inodeEntry // a power of two of them, at most half of them used
	shift   uint         // 32 less the logarithm of their number
}

type inodeEntry struct {
	inode uint32 // 0: free
	slot  int32
}

// reset empties the table and makes room for n inodes.
func (t *inodeTable) reset(n int) {
	log := max(4, bits.Len(uint(2*n)))
	if size := 1 << log; size > len(t.entries) || size < len(t.entries)/8 {
		t.entries = make([]inodeEntry, size)
		t.shift = 32 - uint(log)
		return
	}
	clear(t.entries)
}

// at is where the inode is, or where it would be.
func (t *inodeTable) at(inode uint32) int {
	// Knuth's multiplicative hash: 2^32 divided by the golden ratio.
	i := int(inode * 2654435769 >> t.shift)
	for t.entries[i].inode != inode && t.entries[i].inode != 0 {
		i = (i + 1) & (len(t.entries) - 1)
	}
	return i
}

// add puts an inode, not 0, into the table; false when it is there already.
func (t *inodeTable) add(inode uint32, slot int32) bool {
	i := t.at(inode)
	if t.entries[i].inode == inode {
		return false
	}
	t.entries[i] = inodeEntry{inode, slot}
	return true
}

// find gives the slot of an inode. It is safe for use by several goroutines while none adds.
func (t *inodeTable) find(inode uint32) (slot int32, ok bool) {
	if inode == 0 {
		return 0, false
	}
	e := t.entries[t.at(inode)]
	return e.slot, e.inode == inode
}

func (t *inodeTable) has(inode uint32) bool {
	_, ok := t.find(inode)
	return ok
}
