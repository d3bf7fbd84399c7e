package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// autostart has Portolan started when its user logs in, by a file that the system looks for.
type autostart struct {
	file       string
	write      func(program string) []byte
	on         func(file []byte) bool
	executable func() (string, error)
}

// maxAutostart is the size in bytes of the longest such file that is read.
const maxAutostart = 1 << 20

// newAutostart gives that of a system; false where there is none. home is the user's folder.
func newAutostart(goos, home string, getenv func(string) string) (*autostart, bool) {
	a := &autostart{executable: func() (string, error) { return ownProgram(getenv, os.Executable) }}
	switch goos {
	case "darwin":
		// launchd looks into this folder when the user logs in (launchd.plist(5)); until then nothing needs to be told.
		a.file = filepath.Join(home, "Library", "LaunchAgents", appID+".plist")
		a.write, a.on = launchAgent, launchAgentOn
	case "linux":
		// The folder of the XDG autostart specification.
		config := getenv("XDG_CONFIG_HOME")
		if !filepath.IsAbs(config) {
			config = filepath.Join(home, ".config")
		}
		a.file = filepath.Join(config, "autostart", appID+".desktop")
		a.write, a.on = desktopEntry, desktopEntryOn
	default:
		return nil, false
	}
	return a, true
}

// ownProgram gives the path by which this program is started. Inside an AppImage the program lies in a folder
// that is gone after the end: the image is what is started.
func ownProgram(getenv func(string) string, executable func() (string, error)) (string, error) {
	if image := getenv("APPIMAGE"); filepath.IsAbs(image) {
		return image, nil
	}
	path, err := executable()
	if err != nil {
		return "", fmt.Errorf("find the own program: %w", err)
	}
	// What an update has replaced has this suffix in /proc/self/exe.
	return strings.TrimSuffix(path, " (deleted)"), nil
}

// Enabled reads the file. Without one it is off.
func (a *autostart) Enabled() (bool, error) {
	f, err := os.Open(a.file)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the autostart file: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxAutostart))
	if err != nil {
		return false, fmt.Errorf("read the autostart file: %w", err)
	}
	return a.on(text), nil
}

// Set writes the file, whole or not at all, or removes it.
func (a *autostart) Set(on bool) error {
	if !on {
		if err := os.Remove(a.file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the autostart file: %w", err)
		}
		return nil
	}
	program, err := a.executable()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(a.file), 0o755); err != nil {
		return fmt.Errorf("make the autostart folder: %w", err)
	}
	part := a.file + ".part"
	if err := os.WriteFile(part, a.write(program), 0o644); err != nil {
		return fmt.Errorf("write the autostart file: %w", err)
	}
	if err := os.Rename(part, a.file); err != nil {
		_ = os.Remove(part)
		return fmt.Errorf("write the autostart file: %w", err)
	}
	return nil
}

// desktopEntry is the file for Linux (Desktop Entry Specification 1.5, Desktop Application Autostart Specification 0.5).
func desktopEntry(program string) []byte {
	return fmt.Appendf(nil, `[Desktop Entry]
Type=Application
Version=1.5
Name=%s
Comment=Every open port of this computer
Exec=%s
Icon=%s
Terminal=false
StartupNotify=false
X-GNOME-Autostart-enabled=true
`, appName, execValue(program), appID)
}

// execValue quotes a path for the key Exec: in double quotes, in which ", `, $ and \ have a backslash before them, and
// % stands twice; and then as any string, in which a backslash stands twice and a line break is \n.
func execValue(path string) string {
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`, `%`, `%%`).Replace(path)
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(`"` + quoted + `"`)
}

// desktopEntryOn reports whether the file has Portolan started: a desktop may switch it off by a key instead of
// removing it.
func desktopEntryOn(file []byte) bool {
	here, exec, hidden := false, false, false
	for line := range strings.Lines(string(file)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			here = line == "[Desktop Entry]"
			continue
		}
		key, value, found := strings.Cut(line, "=")
		if !here || !found || strings.HasPrefix(line, "#") {
			continue
		}
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch key {
		case "Exec":
			exec = value != ""
		case "Hidden":
			hidden = hidden || value == "true"
		case "X-GNOME-Autostart-enabled":
			hidden = hidden || value == "false"
		}
	}
	return exec && !hidden
}

// launchAgent is the file for macOS (launchd.plist(5)): an app that talks to its user, started once at login in a session
// that has a screen.
func launchAgent(program string) []byte {
	var path bytes.Buffer
	_ = xml.EscapeText(&path, []byte(program)) // a buffer takes everything
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>%s</string>
	<key>ProgramArguments</key>
	<array>
		<string>%s</string>
	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>ProcessType</key>
	<string>Interactive</string>
	<key>LimitLoadToSessionType</key>
	<string>Aqua</string>
</dict>
</plist>
`, appID, path.String())
}

// launchAgentOn reports whether the file has Portolan started: it is there, it is a property list with a program, and not disabled.
func launchAgentOn(file []byte) bool {
	decoder := xml.NewDecoder(bytes.NewReader(file))
	var key string
	var runs, program, disabled bool
	inKey := false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return runs && program && !disabled
		}
		if err != nil {
			return false
		}
		switch token := token.(type) {
		case xml.StartElement:
			inKey = token.Name.Local == "key"
			switch {
			case token.Name.Local == "true" && key == "RunAtLoad":
				runs = true
			case token.Name.Local == "true" && key == "Disabled":
				disabled = true
			case token.Name.Local == "string" && (key == "ProgramArguments" || key == "Program"):
				program = true
			}
			if inKey {
				key = ""
			}
		case xml.CharData:
			if inKey {
				key += string(token)
			}
		case xml.EndElement:
			inKey = false
		}
	}
}
