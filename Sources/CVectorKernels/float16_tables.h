#ifndef FLOAT16_TABLES_H
#define FLOAT16_TABLES_H

#include "CVectorKernels.h"

// The tables, each defined in the file of its set. Which of them exist is decided by the architecture compiled for.

extern const cvk_float16_kernels cvk_scalar_float16_kernels;

#if defined(__x86_64__)
extern const cvk_float16_kernels cvk_avx2_float16_kernels;
extern const cvk_float16_kernels cvk_avx512_float16_kernels;
#endif

#if defined(__aarch64__)
extern const cvk_float16_kernels cvk_neon_float16_kernels;
#endif

#endif
