#pragma once
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

/* prctl with its arguments counted, since Swift does not call functions that take any number of them;
   fork, which it does not let through; capget and capset, which the C library has and none of its headers. */
int process_control(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
    __asm__("prctl");
int fork_process(void) __asm__("fork");
int capget(cap_user_header_t header, cap_user_data_t data);
int capset(cap_user_header_t header, const cap_user_data_t data);

/* Landlock's calls, which the C library does not have. See landlock(7). */
static inline int landlock_create(
    const struct landlock_ruleset_attr *rules, size_t size, unsigned int flags)
{
    return (int)syscall(SYS_landlock_create_ruleset, rules, size, flags);
}
static inline int landlock_allow(int rules, const struct landlock_path_beneath_attr *path)
{
    return (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, path, 0);
}
static inline int landlock_restrict(int rules)
{
    return (int)syscall(SYS_landlock_restrict_self, rules, 0);
}
