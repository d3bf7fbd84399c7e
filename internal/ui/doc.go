// Package ui is how Portolan looks: the menu-bar icon, the window, its table and its dialogs.
package ui
