package app

import (
	"encoding/json"
	"os"
	"path"
	"sync"
	"time"

	"portolan/internal/container"
)

// Limits of the lists of containers. An entry has some two thousand bytes.
const (
	maxStorageFile  = 8 << 20
	maxStorageFiles = 8
	storageFresh    = time.Second // the lists are looked at no more often
)

// containerStorage reads the lists that Podman and CRI-O keep of their containers
// (github.com/containers/storage, containers.go): they hold names and images, and a user may read his own
// although Podman's socket is not open, as it is not unless somebody opened it.
type containerStorage struct {
	files []string

	mu         sync.Mutex
	stamps     [maxStorageFiles]time.Time
	containers map[string]container.Container // not changed any more
}

// newContainerStorage looks in the folders of root's containers and of the user's.
func newContainerStorage(root string, getenv func(string) string, home string) *containerStorage {
	s := &containerStorage{}
	data := getenv("XDG_DATA_HOME")
	if data == "" && home != "" {
		data = path.Join(home, ".local/share")
	}
	for _, storage := range []string{"/var/lib/containers/storage", path.Join(data, "containers/storage")} {
		if !path.IsAbs(storage) {
			continue
		}
		for _, driver := range []string{"overlay", "vfs"} {
			for _, list := range []string{"containers.json", "volatile-containers.json"} { // the second for --rm
				s.files = append(s.files, root+path.Join(storage, driver+"-containers", list))
			}
		}
	}
	return s
}

// read gives the containers of the lists, which it reads again if one has changed.
func (s *containerStorage) read() map[string]container.Container {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := s.containers == nil
	for i, file := range s.files[:min(len(s.files), maxStorageFiles)] {
		var stamp time.Time
		if info, err := os.Stat(file); err == nil {
			stamp = info.ModTime()
		}
		if !stamp.Equal(s.stamps[i]) {
			s.stamps[i], changed = stamp, true
		}
	}
	if !changed {
		return s.containers
	}
	s.containers = make(map[string]container.Container)
	for _, file := range s.files {
		text, err := readRegular(file, maxStorageFile)
		if err != nil {
			continue // most of them are not there
		}
		for _, c := range readContainerList(text) {
			s.containers[c.ID] = c
		}
	}
	return s.containers
}

// readContainerList understands such a list; nil if it is none.
func readContainerList(text []byte) []container.Container {
	var list []struct {
		ID       string   `json:"id"`
		Names    []string `json:"names"`
		Metadata string   `json:"metadata"` // JSON again
	}
	if json.Unmarshal(text, &list) != nil {
		return nil
	}
	var found []container.Container
	for _, entry := range list {
		if !container.IsID(entry.ID) || len(entry.Names) == 0 || entry.Names[0] == "" {
			continue
		}
		var metadata struct {
			Image string `json:"image-name"`
		}
		// Without the metadata there is still the name.
		_ = json.Unmarshal([]byte(entry.Metadata), &metadata)
		found = append(found, container.Container{
			ID:      entry.ID,
			Name:    boundText(entry.Names[0], maxDesktopText),
			Image:   boundText(metadata.Image, maxDesktopText),
			Runtime: "podman",
		})
	}
	return found
}
