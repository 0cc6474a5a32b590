#ifndef KERNEL_TABLES_H
#define KERNEL_TABLES_H

#include "CVectorKernels.h"

// The tables, each defined in the file of its set. Which of them exist is decided by the architecture compiled for.

extern const cvk_kernels cvk_scalar_kernels;
extern const cvk_code_kernels cvk_scalar_code_kernels;

#if defined(__x86_64__)
extern const cvk_kernels cvk_avx2_kernels;
extern const cvk_kernels cvk_avx512_kernels;
extern const cvk_code_kernels cvk_avx2_code_kernels;
extern const cvk_code_kernels cvk_vnni_code_kernels;
#endif

#if defined(__aarch64__)
extern const cvk_kernels cvk_neon_kernels;
extern const cvk_code_kernels cvk_neon_code_kernels;
#endif

#endif
