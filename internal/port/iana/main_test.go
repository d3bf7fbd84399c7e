package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

const head = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date\n"

func TestConvert(t *testing.T) {
	text := head + `,0,tcp,Reserved,,,
ssh,22,tcp,"The Secure Shell
 (SSH) Protocol",,,
www,80,tcp,World Wide Web HTTP,,,
http,80,tcp,the same port again,,,
x11,6000-6002,udp,X Window	System,,,
dccp-thing,5,dccp,not ours,,,
noport,,tcp,a name alone,,,
short,1
toobig,70000,tcp,beyond the last port,,,
`
	table, entries, err := convert([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{"tcp\t22\tssh\tThe Secure Shell (SSH) Protocol", "tcp\t80\twww\tWorld Wide Web HTTP",
		"udp\t6000\tx11\tX Window System", "udp\t6001\tx11\tX Window System", "udp\t6002\tx11\tX Window System", ""}, "\n")
	if string(got) != want || entries != 5 {
		t.Errorf("%d entries:\n%s\nwant:\n%s", entries, got, want)
	}
}

func TestConvertRefuses(t *testing.T) {
	for _, text := range []string{"", "<html>not found</html>\n", head + "ssh,22,\"tcp\n"} {
		if _, _, err := convert([]byte(text)); err == nil {
			t.Errorf("%q was taken for the registry", text)
		}
	}
}
