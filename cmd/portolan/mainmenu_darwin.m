#import <Cocoa/Cocoa.h>

// Gives the lines of the main menu, and the menus in it, that have one title another one. It must be called on
// the main thread.
static void retitle(NSMenu *menu, NSString *usual, NSString *title) {
    for (NSMenuItem *item in [menu itemArray]) {
        if ([[item title] isEqualToString:usual]) {
            [item setTitle:title];
        }
        NSMenu *below = [item submenu];
        if (below == nil) {
            continue;
        }
        if ([[below title] isEqualToString:usual]) {
            [below setTitle:title];
        }
        retitle(below, usual, title);
    }
}

void portolanTitle(const char *usual, const char *title) {
    @autoreleasepool {
        NSString *to = [NSString stringWithUTF8String:title];
        if (to != nil) {
            retitle([NSApp mainMenu], [NSString stringWithUTF8String:usual], to);
        }
    }
}
