#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Whether allocations are counted: with glibc, and without a sanitizer, which has its own allocator. */
bool allocations_are_counted(void);

/* How often the calling thread has asked for memory: malloc, calloc, realloc and the aligned ones. */
uint64_t allocations_of_this_thread(void);
