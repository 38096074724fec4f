#pragma once
#include <pcap/pcap.h>
#include <stdio.h>
#include <sys/types.h>

/* fopencookie, which libc's headers show only to those who ask for all of GNU's extensions: so that
   libpcap, which reads stdio streams, can read what is unpacked on the way. */
struct stream_functions {
    ssize_t (*read)(void *cookie, char *bytes, size_t count);
    ssize_t (*write)(void *cookie, const char *bytes, size_t count);
    int (*seek)(void *cookie, void *offset, int whence);
    int (*close)(void *cookie);
};
FILE *open_cookie(void *cookie, const char *mode, struct stream_functions functions)
    __asm__("fopencookie");
