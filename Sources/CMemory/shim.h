#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

/* What a huge page holds on most machines, in bytes: two to this power. */
#define HUGE_PAGE_BITS 21
#define HUGE_PAGE_SIZE ((size_t)1 << HUGE_PAGE_BITS)

/* Asks for the cache line at an address, which need not be a valid one. */
static inline void prefetch_to_write(const void *address) {
#ifdef __x86_64__
    /* The compiler asks for reading only, unless it is told that the processor knows better: all do. */
    __asm__ volatile("prefetchw %0" : : "m"(*(const char *)address));
#else
    __builtin_prefetch(address, 1);
#endif
}
static inline void prefetch_to_read(const void *address) { __builtin_prefetch(address, 0); }

/* Maps fresh memory, all zero; null if there is none. Huge memory begins at a multiple of HUGE_PAGE_SIZE and is
   backed by huge pages, as it is touched, where the system can. */
static inline void *map_memory(size_t size, int is_huge) {
    size_t whole = is_huge ? size + HUGE_PAGE_SIZE : size;
    char *start = (char *)mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (start == (char *)MAP_FAILED) return NULL;
    if (!is_huge) return start;
    size_t before = -(uintptr_t)start & (HUGE_PAGE_SIZE - 1);
    if (before > 0) munmap(start, before);
    if (before < HUGE_PAGE_SIZE) munmap(start + before + size, HUGE_PAGE_SIZE - before);
#ifdef MADV_HUGEPAGE
    madvise(start + before, size, MADV_HUGEPAGE);
#endif
    return start + before;
}

/* Makes pages of it present for writing at once, which costs less than a fault for each; or does nothing, where the system
   cannot: before Linux 5.14. The start must be that of a page. */
static inline void populate_memory(void *start, size_t size) {
#ifdef __linux__
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
    madvise(start, size, MADV_POPULATE_WRITE);
#else
    (void)start;
    (void)size;
#endif
}

/* Gives it back. */
static inline void unmap_memory(void *start, size_t size) { munmap(start, size); }
