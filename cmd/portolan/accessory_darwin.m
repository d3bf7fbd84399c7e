// Three things that Fyne cannot do on macOS, and that a menu-bar app needs.
//
// GLFW makes every app a regular one, with an icon in the Dock, whatever LSUIElement in
// Info.plist says (cocoa_init.m, applicationWillFinishLaunching). And neither GLFW nor Fyne listens
// when the app is opened a second time, by a click in the Finder or by `open`. And an open menu holds up the Fyne loop.

#import <Cocoa/Cocoa.h>
#import <objc/runtime.h>
#import <stdbool.h>

extern void portolanReopened(void); // accessory_darwin.go
extern void portolanTracking(void);

// Answers applicationShouldHandleReopen:hasVisibleWindows: (NSApplicationDelegate). NO: AppKit
// need not do anything more.
static BOOL shouldHandleReopen(id self, SEL selector, NSApplication *app, BOOL visible) {
    (void)self; (void)selector; (void)app; (void)visible;
    portolanReopened();
    return NO;
}

// Makes the app a regular one, with an icon in the Dock and menus at the top of the screen, or an accessory, which is in
// the menu bar alone. False when macOS refuses. Must be called on the main thread, once GLFW has begun.
bool portolanShowInDock(bool shown) {
    NSApplicationActivationPolicy wanted = shown ? NSApplicationActivationPolicyRegular : NSApplicationActivationPolicyAccessory;
    if (NSApp == nil || [NSApp activationPolicy] == wanted) {
        return true; // before GLFW has begun, becomeAccessory will see to it
    }
    bool active = [NSApp isActive];
    if (![NSApp setActivationPolicy:wanted]) {
        return false;
    }
    if (shown && active) {
        [NSApp activateIgnoringOtherApps:YES]; // the menus come with the next activation
    }
    return true;
}

// Has portolanTracking called every so many seconds while the main thread follows the mouse in a menu, and at no other
// time. Must be called on the main thread.
void portolanTellWhileTracking(double seconds) {
    NSTimer *timer = [NSTimer timerWithTimeInterval:seconds repeats:YES block:^(NSTimer *due) {
        (void)due;
        portolanTracking();
    }];
    [[NSRunLoop mainRunLoop] addTimer:timer forMode:NSEventTrackingRunLoopMode];
}

// Teaches the application's delegate, which is GLFW's, to tell of a second opening. False when there is
// no delegate or it knows already. Must be called on the main thread, once GLFW has begun.
bool portolanListenForReopen(void) {
    id delegate = [NSApp delegate];
    if (delegate == nil) {
        return false;
    }
    SEL selector = @selector(applicationShouldHandleReopen:hasVisibleWindows:);
    // The types are: BOOL, self, selector, object, BOOL.
    NSString *types = [NSString stringWithFormat:@"%s%s%s%s%s",
        @encode(BOOL), @encode(id), @encode(SEL), @encode(id), @encode(BOOL)];
    if (!class_addMethod([delegate class], selector, (IMP)shouldHandleReopen, [types UTF8String])) {
        return false;
    }
    // AppKit looks at what a delegate can do when it is set, and not again.
    [NSApp setDelegate:nil];
    [NSApp setDelegate:delegate];
    return true;
}
