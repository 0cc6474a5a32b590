#ifndef FASTSCAN_TABLES_H
#define FASTSCAN_TABLES_H

#include "CVectorKernels.h"

// The tables, each defined in the file of its set. Which of them exist is decided by the architecture compiled for.

extern const cvk_fastscan_kernels cvk_scalar_fastscan_kernels;

#if defined(__x86_64__)
extern const cvk_fastscan_kernels cvk_avx2_fastscan_kernels;
extern const cvk_fastscan_kernels cvk_avx512_fastscan_kernels;
#endif

#if defined(__aarch64__)
extern const cvk_fastscan_kernels cvk_neon_fastscan_kernels;
#endif

#endif
