#ifndef CVK_PREFETCH_H
#define CVK_PREFETCH_H

#include <stddef.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// Asks for the cache lines of `bytes` bytes from `start` on, without waiting for them. Reads nothing: the address need not be valid.
static inline void cvk_prefetch(const void *start, size_t bytes) {
    enum { CACHE_LINE = 64 };
    for (size_t at = 0; at < bytes; at += CACHE_LINE) { __builtin_prefetch((const char *)start + at); }
}

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
