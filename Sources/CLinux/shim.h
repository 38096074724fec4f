#pragma once
#include <linux/capability.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <termios.h>

/* prctl with its arguments counted, since Swift does not call functions that take any number of them;
   fork, which it does not let through; capget and capset, which the C library has and none of its headers. */
int process_control(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
    __asm__("prctl");
int fork_process(void) __asm__("fork");
int capget(cap_user_header_t header, cap_user_data_t data);
int capset(cap_user_header_t header, const cap_user_data_t data);
