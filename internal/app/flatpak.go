package app

import "strings"

// flatpakOf gives the application id of the flatpak that a unit was made for: "org.mozilla.firefox" of
// app-flatpak-org.mozilla.firefox-2953.scope (flatpak_run makes it, with the id escaped), of the same without
// "app-" (before Flatpak 1.11), and of app-flatpak-org.mozilla.firefox@2953.service.
func flatpakOf(step string) (string, bool) {
	name, ok := strings.CutPrefix(strings.TrimPrefix(step, "app-"), "flatpak-")
	if !ok {
		return "", false
	}
	if scope, ok := strings.CutSuffix(name, ".scope"); ok {
		dash := strings.LastIndexByte(scope, '-')
		if dash <= 0 || !isNumber(scope[dash+1:]) {
			return "", false
		}
		name = scope[:dash]
	} else if service, ok := strings.CutSuffix(name, ".service"); ok {
		name, _, _ = strings.Cut(service, "@")
	} else {
		return "", false
	}
	// An application id has two dots at least; flatpak-session-helper.service has none.
	name = unescapeUnit(name)
	return name, strings.Count(name, ".") >= 2
}
