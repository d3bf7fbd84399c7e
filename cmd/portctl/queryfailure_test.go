package main

import (
	"bytes"
	"strings"
	"testing"

	"portolan/internal/table"
)

// The place of what is wrong is marked, whatever stands before it.
func TestQueryFailureMarksThePlace(t *testing.T) {
	for query, want := range map[string]string{
		"state:listn":                   "  state:listn\n        ^^^^^",
		"node state:listn tcp":          "  node state:listn tcp\n             ^^^^^",
		"  foo:bar":                     "    foo:bar\n    ^^^",
		"端口 port:abc":                   "  端口 port:abc\n            ^^^",
		"node or":                       "  node or\n       ^^",
		"port:80,":                      "  port:80,\n          ^",
		"\x1b[31m port:x":               `  \x1b[31m port:x` + "\n                ^",
		strings.Repeat("a ", 300) + "-": "",
	} {
		_, err := table.ParseQuery(query)
		if err == nil {
			t.Fatalf("%q is understood", query)
		}
		var out bytes.Buffer
		printFailure(&out, queryFailure(query, err), false)
		sentence := "portctl: " + err.Error() + "\n"
		if want != "" {
			want += "\n"
		}
		if got := out.String(); got != sentence+want {
			t.Errorf("%q:\n%s\nwant\n%s", query, got, sentence+want)
		}
		out.Reset()
		printFailure(&out, queryFailure(query, err), true)
		if strings.Contains(out.String(), "^") {
			t.Errorf("the JSON has the mark: %s", out.String())
		}
	}
}
