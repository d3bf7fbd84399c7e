package netstat

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

// direntBytes is one struct linux_dirent64.
func direntBytes(inode uint64, name string) []byte {
	length := (direntHead + len(name) + 1 + 7) &^ 7
	b := binary.NativeEndian.AppendUint64(nil, inode)
	b = binary.NativeEndian.AppendUint64(b, 1)
	b = binary.NativeEndian.AppendUint16(b, uint16(length))
	b = append(append(b, 10), name...)
	return append(b, make([]byte, length-len(b))...)
}

func readDirents(b []byte) (numbers []int, err error) {
	for offset := 0; ; {
		d, next, ok, err := nextDirent(b, offset)
		if err != nil || !ok {
			return numbers, err
		}
		numbers = append(numbers, d.number)
		offset = next
	}
}

func TestNextDirent(t *testing.T) {
	whole := slices.Concat(direntBytes(1, "."), direntBytes(2, ".."), direntBytes(70, "0"), direntBytes(71, "self"),
		direntBytes(72, "4194304"), direntBytes(73, "007"), direntBytes(74, "99999999999"), direntBytes(75, "-1"))
	got, err := readDirents(whole)
	if want := []int{0, 4194304}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	d, _, ok, err := nextDirent(whole, 0)
	if !ok || err != nil || d.inode != 70 || string(whole[d.name:d.name+2]) != "0\x00" {
		t.Errorf("got %+v, %v, %v", d, ok, err)
	}
	entry := direntBytes(70, "12")
	for name, broken := range map[string][]byte{
		"cut off":           entry[:10],
		"length 0":          with(entry, func(b []byte) { b[16] = 0 }),
		"length too short":  with(entry, func(b []byte) { b[16] = direntHead }),
		"length beyond":     with(entry, func(b []byte) { b[16] = 25 }),
		"name without end":  with(entry, func(b []byte) { copy(b[direntHead:], "12345") }),
		"second one broken": append(direntBytes(1, "1"), 1, 2, 3),
	} {
		if _, err := readDirents(broken); !errors.Is(err, errDirent) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}

func TestSocketInode(t *testing.T) {
	for link, want := range map[string]uint32{
		"socket:[1]":           1,
		"socket:[4294967295]":  4294967295,
		"socket:[4294967296]":  0,
		"socket:[0]":           0,
		"socket:[]":            0,
		"socket:[12":           0,
		"socket:[1x]":          0,
		"socket:[-1]":          0,
		"socket:[01]":          0,
		"pipe:[1]":             0,
		"/tmp/socket:[1]":      0,
		"socket:[1] (deleted)": 0,
		"":                     0,
	} {
		got, ok := socketInode([]byte(link))
		if ok != (want != 0) || got != want {
			t.Errorf("%q: got %d, %v", link, got, ok)
		}
	}
}

func FuzzNextDirent(f *testing.F) {
	f.Add(slices.Concat(direntBytes(1, "."), direntBytes(2, "12"), direntBytes(3, "self")))
	f.Fuzz(func(t *testing.T, b []byte) {
		for offset := 0; ; {
			d, next, ok, err := nextDirent(b, offset)
			if err != nil || !ok {
				return
			}
			if next <= offset || next > len(b) || d.name >= next || d.number < 0 {
				t.Fatalf("at %d: %+v, next %d of %d", offset, d, next, len(b))
			}
			offset = next
		}
	})
}

func FuzzSocketInode(f *testing.F) {
	f.Add([]byte("socket:[4294967295]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if inode, ok := socketInode(b); ok == (inode == 0) {
			t.Errorf("%q: %d, %v", b, inode, ok)
		}
	})
}

func TestInodeTable(t *testing.T) {
	var table inodeTable
	for round, n := range []int{0, 1, 5000, 3, 70} {
		table.reset(n)
		for i := range n {
			// Neighbours, and far ones that meet in the same place.
			if inode := uint32(1 + i*(1+round%2*1<<20)); !table.add(inode, int32(i)) {
				t.Fatalf("round %d: %d was there before", round, inode)
			}
		}
		for i := range n {
			inode := uint32(1 + i*(1+round%2*1<<20))
			if got, ok := table.find(inode); !ok || got != int32(i) || table.add(inode, 0) {
				t.Fatalf("round %d: inode %d: got %d, %v", round, inode, got, ok)
			}
		}
		if table.has(0) || table.has(4000000000) {
			t.Fatalf("round %d: has what was not added", round)
		}
	}
}
