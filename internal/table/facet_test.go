package table

import (
	"portolan/internal/port"
	"testing"
)

// A facet is put into the query and taken out of it, and all else stays.
func TestFacetToggled(t *testing.T) {
	for _, test := range []struct {
		query string
		facet Facet
		want  string
	}{
		{"", FacetListening, "state:listen"},
		{"node", FacetListening, "node state:listen"},
		{"node ", FacetExposed, "node exposed:yes"},
		{"node state:listen tcp", FacetEstablished, "node state:listen,established tcp"},
		{"node state:listen,established tcp", FacetListening, "node state:established tcp"},
		{"node state:listen tcp", FacetListening, "node tcp"},
		{"state:listen", FacetListening, ""},
		{"state:listen  node", FacetListening, "node"},
		{"state:LISTENING,time_wait", FacetListening, "state:time_wait"},
		{"state:time_wait", FacetClosing, "state:time_wait,closing"},
		{"state:time_wait,closing,listen", FacetClosing, "state:listen"},
		{"-state:listen", FacetListening, "-state:listen state:listen"},
		{"exposed:no tcp", FacetExposed, "tcp exposed:yes"},
		{"exposed:y tcp", FacetExposed, "tcp"},
		{"ephemeral:no", FacetEphemeral, "ephemeral:yes"},
		{"node or vite", FacetListening, "(node or vite) state:listen"},
		{"(node or vite) state:listen", FacetListening, "(node or vite)"},
		{`"Google Chr`, FacetListening, `"Google Chr" state:listen`},
		{"(node", FacetListening, "(node) state:listen"},
		{`state:"lis`, FacetEstablished, `state:"lis",established`},
	} {
		q, err := ParseQuery(test.query)
		if err != nil {
			t.Fatal(err)
		}
		got := q.Toggled(test.facet)
		if got != test.want {
			t.Errorf("%q with %s becomes %q, want %q", test.query, test.facet.Word(), got, test.want)
		}
		after, err := ParseQuery(got)
		if err != nil || after.Has(test.facet) == q.Has(test.facet) && test.query != "-state:listen" {
			t.Errorf("%q: it has %s as before, or %v", got, test.facet.Word(), err)
		}
	}
}

func TestQueryHasFacet(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "state:listen": true, "x state:l y": true, "state:established": false, "!state:listen": false,
		"state:listen,est": true, "state:listen state:established": false, "state:listen or x": false, "(state:listen)": false,
	} {
		q, err := ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		if q.Has(FacetListening) != want {
			t.Errorf("%q: has it %v", text, !want)
		}
	}
}

// The figures are what each facet would show beside the rest of the query.
func TestCountFacets(t *testing.T) {
	for text, want := range map[string]FacetCounts{ // listening, established, ephemeral, closing, exposed
		"":                          {3, 3, 3, 1, 3},
		"state:listen":              {3, 3, 0, 1, 2},
		"state:listen,closing":      {3, 3, 1, 1, 2},
		"node":                      {1, 1, 1, 0, 1},
		"exposed:yes":               {2, 0, 0, 0, 3},
		"exposed:yes state:listen":  {2, 0, 0, 0, 2},
		"node state:established":    {1, 1, 1, 0, 0},
		"node or state:established": {1, 3, 2, 0, 1},
		"!state:listen":             {0, 3, 3, 1, 1},
		"nothing":                   {},
	} {
		q, err := ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := CountFacets(sample(), View{Query: q, Ephemeral: linuxRange}); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	if got := CountFacets(nil, View{}); got != (FacetCounts{}) {
		t.Errorf("of no snapshot: %v", got)
	}
}

// In the lens the figures are of what that shows.
func TestCountFacetsInTheLens(t *testing.T) {
	s := sample()
	for _, text := range []string{"", "node", "state:established", "state:listen"} {
		q, err := ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		counts := CountFacets(s, View{Lens: true, Query: q, Ephemeral: linuxRange})
		if counts[FacetListening] != 0 || counts[FacetExposed] != 0 {
			t.Errorf("%q: %v", text, counts)
		}
		for _, f := range Facets() {
			with := q
			if !q.Has(f) {
				if with, err = ParseQuery(q.Toggled(f)); err != nil {
					t.Fatal(err)
				}
			}
			if text != "" && text != "node" || !f.InLens() { // those of a state widen one another
				continue
			}
			l := LensOf(s, View{Lens: true, Query: with}, port.Rules{Ephemeral: linuxRange}, nil, s.Taken)
			if shown := l.Connections + l.Waiting; shown != counts[f] {
				t.Errorf("%q and %s: the figure is %d, and shown are %d", text, f.Word(), counts[f], shown)
			}
		}
	}
}

// Whatever the query is, switching a facet on and off again asks for what it asked for.
func FuzzFacet(f *testing.F) {
	for _, s := range []string{"", "node", "state:listen,est x", `"a or (b`, "a or b", "-(x", "exposed:no", `state:"l",e`} {
		f.Add(s, uint8(0))
	}
	rows := Rows(sample(), View{Ephemeral: linuxRange})
	f.Fuzz(func(t *testing.T, text string, n uint8) {
		facet := Facets()[int(n)%len(Facets())]
		q, err := ParseQuery(text)
		if err != nil || len(text) > queryLimit/2 {
			return
		}
		on, err := ParseQuery(q.Toggled(facet))
		if err != nil {
			t.Fatalf("%q with %s is %q: %v", text, facet.Word(), q.Toggled(facet), err)
		}
		for i := range rows {
			if !q.Has(facet) && on.Match(&rows[i]) && !facet.holds(&rows[i]) && len(on.terms) == len(q.terms)+1 {
				t.Fatalf("%q shows what is not %s", on, facet.Word())
			}
		}
		if _, err := ParseQuery(on.Toggled(facet)); err != nil {
			t.Fatalf("%q without %s: %v", on, facet.Word(), err)
		}
	})
}

// BenchmarkCountFacets is beside the rows what a refresh costs with the figures of the facets, for ten thousand sockets.
func BenchmarkCountFacets(b *testing.B) {
	s := crowd(10_000)
	for _, text := range []string{"", "state:listen 10.0"} {
		q, err := ParseQuery(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if CountFacets(s, View{Query: q, Ephemeral: linuxRange}) == (FacetCounts{}) {
					b.Fatal("nothing is counted")
				}
			}
		})
	}
}
