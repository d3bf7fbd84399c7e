package app

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"portolan/internal/container"
)

// TestFindAsksInBackground: while Docker does not answer, Find gives the short id at once; when
// it has answered, the version is another, and Find gives the name.
func TestFindAsksInBackground(t *testing.T) {
	folder, err := os.MkdirTemp("", "") // a short name: the address of a socket has some hundred bytes at most
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	socket := filepath.Join(folder, "docker.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	answer := make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-answer
		fmt.Fprintf(w, `[{"Id":%q,"Names":["/shop-web-1"],"Image":"shop/web:2","Labels":{"com.docker.compose.service":"web"}}]`, id1)
	})}
	go server.Serve(listener)
	defer server.Close()

	f := NewFinder(Options{System: Linux, Root: newTree(t).root, Home: "/home/u", Containers: container.NewClient([]string{socket})})
	e := &Evidence{Name: "nginx", Cgroup: []byte("0::/system.slice/docker-" + id1 + ".scope\n")}
	before := f.Version()
	a, _, settled := f.Find(e) // the server waits for us: were Find to wait for it, this would not end
	if a.Name != "docker 3f2a91bc04de" || settled {
		t.Errorf("before the answer: %+v, %t", a, settled)
	}
	close(answer)
	if err := f.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f.Version() == before {
		t.Error("the version is the same after the answer")
	}
	b, _, settled := f.Find(e)
	if b.Name != "shop-web-1" || b.Image != "shop/web:2" || !settled {
		t.Errorf("after the answer: %+v, %t", b, settled)
	}
	if a.Key() != b.Key() {
		t.Error("the app has another key now that its name is known")
	}
}
