#include "kernel_tables.h"

#if defined(__x86_64__)
// The builtin asks CPUID and, for the vector registers, also XGETBV: an operating system that does not save them counts as a CPU without them.
static int cpu_has_avx2_kernels(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static int cpu_has_avx512_kernels(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq");
}
#endif

const cvk_kernels *CVK_NULLABLE cvk_kernels_for(cvk_instruction_set set) {
    switch (set) {
    case CVK_SCALAR:
        return &cvk_scalar_kernels;
#if defined(__x86_64__)
    case CVK_AVX2:
        return cpu_has_avx2_kernels() ? &cvk_avx2_kernels : NULL;
    case CVK_AVX512:
        return cpu_has_avx512_kernels() ? &cvk_avx512_kernels : NULL;
    case CVK_NEON:
        return NULL;
#elif defined(__aarch64__)
    case CVK_NEON: // Advanced SIMD is part of every aarch64.
        return &cvk_neon_kernels;
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

const cvk_code_kernels *CVK_NULLABLE cvk_code_kernels_for(cvk_instruction_set set) {
    if (!cvk_kernels_for(set)) { return NULL; }
    switch (set) {
    case CVK_SCALAR:
        return &cvk_scalar_code_kernels;
#if defined(__x86_64__)
    case CVK_AVX2:
        return &cvk_avx2_code_kernels;
    case CVK_AVX512: // Every CPU with AVX-512 has AVX2; the first ones lack VNNI.
        return __builtin_cpu_supports("avx512vnni") ? &cvk_vnni_code_kernels : &cvk_avx2_code_kernels;
    case CVK_NEON:
        return NULL;
#elif defined(__aarch64__)
    case CVK_NEON:
        return &cvk_neon_code_kernels;
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
