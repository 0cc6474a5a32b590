// The float kernels of AVX2 with FMA.

#if defined(__x86_64__)

#include "avx2_registers.h"
#include "kernel_tables.h"

#define KERNEL_TABLE cvk_avx2_kernels

#include "vector_kernels_template.h"

#else

typedef int no_avx2_kernels_on_this_architecture;

#endif
