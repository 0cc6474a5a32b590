#include "fastscan_tables.h"
#include "table_choice.h"

const cvk_fastscan_kernels *CVK_NULLABLE cvk_fastscan_kernels_for(cvk_instruction_set set) {
    if (!cvk_kernels_for(set)) { return NULL; }
    // Every CPU with AVX-512 has AVX2; the first ones lack VBMI.
    return TABLE_CHOICE(
        set, &cvk_scalar_fastscan_kernels, &cvk_avx2_fastscan_kernels,
        __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vnni") ? &cvk_avx512_fastscan_kernels : &cvk_avx2_fastscan_kernels,
        &cvk_neon_fastscan_kernels);
}
