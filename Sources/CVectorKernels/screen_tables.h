#ifndef SCREEN_TABLES_H
#define SCREEN_TABLES_H

#include "CVectorKernels.h"

// The tables, each defined in the file of its set. Which of them exist is decided by the architecture compiled for.

extern const cvk_screen_kernels cvk_scalar_screen_kernels;

#if defined(__x86_64__)
extern const cvk_screen_kernels cvk_avx2_screen_kernels;
extern const cvk_screen_kernels cvk_vnni_screen_kernels;
#endif

#if defined(__aarch64__)
extern const cvk_screen_kernels cvk_neon_screen_kernels;
#endif

#endif
