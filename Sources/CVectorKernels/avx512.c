// The float kernels of AVX-512.

#if defined(__x86_64__)

#include "avx512_registers.h"
#include "kernel_tables.h"

#define KERNEL_TABLE cvk_avx512_kernels

#include "vector_kernels_template.h"

#else

typedef int no_avx512_kernels_on_this_architecture;

#endif
