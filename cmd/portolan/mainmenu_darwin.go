package main

// setMainMenu gives macOS the menu that it shows at the top of the screen. Elsewhere Fyne would draw one into
// the window, which has all of it anyhow.
func (l *lifetime) setMainMenu() { l.ui.Window().SetMainMenu(l.ui.MainMenu()) }
