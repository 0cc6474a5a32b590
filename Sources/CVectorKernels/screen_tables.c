#include "screen_tables.h"

const cvk_screen_kernels *CVK_NULLABLE cvk_screen_kernels_for(cvk_instruction_set set) {
    if (!cvk_kernels_for(set)) { return NULL; }
    switch (set) {
    case CVK_SCALAR:
        return &cvk_scalar_screen_kernels;
#if defined(__x86_64__)
    case CVK_AVX2:
        return &cvk_avx2_screen_kernels;
    case CVK_AVX512: // Every CPU with AVX-512 has AVX2; the first ones lack VNNI.
        return __builtin_cpu_supports("avx512vnni") ? &cvk_vnni_screen_kernels : &cvk_avx2_screen_kernels;
    case CVK_NEON:
        return NULL;
#elif defined(__aarch64__)
    case CVK_NEON:
        return &cvk_neon_screen_kernels;
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
