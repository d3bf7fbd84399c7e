// Notifications of the user notification centre. Fyne's own go there too, but it does not listen for clicks.

#import <Foundation/Foundation.h>
#import <UserNotifications/UserNotifications.h>
#import <stdbool.h>

extern void portolanNotified(char *identifier, int outcome, char *why); // notify_darwin.go
extern void portolanClicked(char *identifier);

// What became of a notification, as notify_darwin.go has it.
enum { shown, notAllowed, notEntitled, failed };

// Is told by the centre what happens to notifications, on any thread.
@interface PortolanNotifications : NSObject <UNUserNotificationCenterDelegate>
@end

@implementation PortolanNotifications

// While the app is in front macOS would show none.
- (void)userNotificationCenter:(UNUserNotificationCenter *)center
       willPresentNotification:(UNNotification *)notification
         withCompletionHandler:(void (^)(UNNotificationPresentationOptions))done {
    done(UNNotificationPresentationOptionBanner | UNNotificationPresentationOptionList);
}

- (void)userNotificationCenter:(UNUserNotificationCenter *)center
    didReceiveNotificationResponse:(UNNotificationResponse *)response
             withCompletionHandler:(void (^)(void))done {
    if ([response.actionIdentifier isEqualToString:UNNotificationDefaultActionIdentifier]) {
        portolanClicked((char *)[response.notification.request.identifier UTF8String]);
    }
    done();
}

@end

// Listens for clicks. False outside of a bundle: the centre ends such a program when it is asked for.
bool portolanOpenNotifications(void) {
    static PortolanNotifications *delegate; // the centre does not keep it
    @autoreleasepool {
        if ([[NSBundle mainBundle] bundleIdentifier] == nil) {
            return false;
        }
        if (delegate == nil) {
            delegate = [PortolanNotifications new];
        }
        [UNUserNotificationCenter currentNotificationCenter].delegate = delegate;
        return true;
    }
}

static void answer(NSString *identifier, int outcome, NSError *error) {
    NSString *why = error != nil ? [error localizedDescription] : @"";
    portolanNotified((char *)[identifier UTF8String], outcome, (char *)[why UTF8String]);
}

// Tells why there was no permission. The error is the same for a person who has refused and for a program that the
// centre does not know, as one that is not signed: only the settings tell one from the other.
static void refuse(UNUserNotificationCenter *center, NSString *identifier, NSError *error) {
    [center getNotificationSettingsWithCompletionHandler:^(UNNotificationSettings *settings) {
        bool person = error == nil || settings.authorizationStatus == UNAuthorizationStatusDenied;
        answer(identifier, person ? notAllowed : notEntitled, error);
    }];
}

// Shows a notification, once the person has allowed that; portolanNotified is told what became of it.
void portolanNotify(const char *identifierText, const char *titleText, const char *bodyText) {
    @autoreleasepool {
        NSString *identifier = [NSString stringWithUTF8String:identifierText];
        UNMutableNotificationContent *content = [[UNMutableNotificationContent new] autorelease];
        content.title = [NSString stringWithUTF8String:titleText] ?: @"";
        content.body = [NSString stringWithUTF8String:bodyText] ?: @"";
        UNUserNotificationCenter *center = [UNUserNotificationCenter currentNotificationCenter];
        [center requestAuthorizationWithOptions:UNAuthorizationOptionAlert
                              completionHandler:^(BOOL granted, NSError *error) {
            if (!granted) {
                refuse(center, identifier, error);
                return;
            }
            UNNotificationRequest *request = [UNNotificationRequest requestWithIdentifier:identifier
                                                                                  content:content
                                                                                  trigger:nil];
            [center addNotificationRequest:request
                     withCompletionHandler:^(NSError *refused) {
                answer(identifier, refused == nil ? shown : failed, refused);
            }];
        }];
    }
}
