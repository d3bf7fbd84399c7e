// Command portolan is the menu-bar app: every open port of this computer, who owns it, and a button to end that.
package main

func main() {}
