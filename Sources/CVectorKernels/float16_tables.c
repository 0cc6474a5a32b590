#include "float16_tables.h"

const cvk_float16_kernels *CVK_NULLABLE cvk_float16_kernels_for(cvk_instruction_set set) {
    if (!cvk_kernels_for(set)) { return NULL; }
    switch (set) {
    case CVK_SCALAR:
        return &cvk_scalar_float16_kernels;
#if defined(__x86_64__)
    case CVK_AVX2: // Every CPU with AVX2 so far has F16C, but nothing says so.
        return __builtin_cpu_supports("f16c") ? &cvk_avx2_float16_kernels : &cvk_scalar_float16_kernels;
    case CVK_AVX512: // Part of AVX-512 F.
        return &cvk_avx512_float16_kernels;
    case CVK_NEON:
        return NULL;
#elif defined(__aarch64__)
    case CVK_NEON:
        return &cvk_neon_float16_kernels;
    case CVK_AVX2:
    case CVK_AVX512:
        return NULL;
#else
    case CVK_AVX2:
    case CVK_AVX512:
    case CVK_NEON:
        return NULL;
#endif
    }
    return NULL;
}
