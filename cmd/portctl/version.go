package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"portolan/internal/export"
)

// version is set by the build (-X main.version=...).
var version string

func newVersion(sys *system) *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: run(func(context.Context, []string) error {
			v := versionJSON{Version: versionText(), Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
			if asJSON {
				return export.WriteJSON(sys.out, v)
			}
			fmt.Fprintf(sys.out, "portctl %s (%s, %s)\n", v.Version, v.System, v.Go)
			return nil
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// versionText falls back on what `go install` leaves in the binary.
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "dev"
}
