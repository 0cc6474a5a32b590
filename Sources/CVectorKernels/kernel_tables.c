#include "kernel_tables.h"
#include "table_choice.h"

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
    // Advanced SIMD is part of every aarch64.
    return TABLE_CHOICE(
        set, &cvk_scalar_kernels, cpu_has_avx2_kernels() ? &cvk_avx2_kernels : NULL, cpu_has_avx512_kernels() ? &cvk_avx512_kernels : NULL,
        &cvk_neon_kernels);
}

const cvk_code_kernels *CVK_NULLABLE cvk_code_kernels_for(cvk_instruction_set set) {
    if (!cvk_kernels_for(set)) { return NULL; }
    // Every CPU with AVX-512 has AVX2; the first ones lack VNNI.
    return TABLE_CHOICE(
        set, &cvk_scalar_code_kernels, &cvk_avx2_code_kernels,
        __builtin_cpu_supports("avx512vnni") ? &cvk_vnni_code_kernels : &cvk_avx2_code_kernels, &cvk_neon_code_kernels);
}
