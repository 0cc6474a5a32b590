// The float kernels of aarch64.

#if defined(__aarch64__)

#include "neon_registers.h"
#include "kernel_tables.h"

#define KERNEL_TABLE cvk_neon_kernels

#include "vector_kernels_template.h"

#else

typedef int no_neon_kernels_on_this_architecture;

#endif
