#pragma once

/* Asks for the cache line at an address, which need not be a valid one; for writing. */
static inline void prefetch(const void *address) { __builtin_prefetch(address, 1); }
