#import <Cocoa/Cocoa.h>

// Has the Finder open the folder of a file, with the file selected. A path that is no file's does nothing. It
// must be called on the main thread.
void portolanReveal(const char *path) {
    @autoreleasepool {
        NSString *name = [[NSFileManager defaultManager] stringWithFileSystemRepresentation:path length:strlen(path)];
        if (name != nil) {
            [[NSWorkspace sharedWorkspace] activateFileViewerSelectingURLs:@[ [NSURL fileURLWithPath:name] ]];
        }
    }
}
