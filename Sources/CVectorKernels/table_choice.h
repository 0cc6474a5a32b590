#ifndef TABLE_CHOICE_H
#define TABLE_CHOICE_H

#include "CVectorKernels.h"

// The table of a set, NULL for those of other architectures. Arguments for these are dropped before anything looks at them, so they may name
// tables that do not exist here.
#if defined(__x86_64__)
#define TABLE_CHOICE(set, scalar, avx2, avx512, neon) \
    ((set) == CVK_SCALAR ? (scalar) : (set) == CVK_AVX2 ? (avx2) : (set) == CVK_AVX512 ? (avx512) : NULL)
#elif defined(__aarch64__)
#define TABLE_CHOICE(set, scalar, avx2, avx512, neon) ((set) == CVK_SCALAR ? (scalar) : (set) == CVK_NEON ? (neon) : NULL)
#else
#define TABLE_CHOICE(set, scalar, avx2, avx512, neon) ((set) == CVK_SCALAR ? (scalar) : NULL)
#endif

#endif
