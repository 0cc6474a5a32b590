#include "screen_tables.h"
#include "table_choice.h"

const cvk_screen_kernels *CVK_NULLABLE cvk_screen_kernels_for(cvk_instruction_set set) {
    if (!cvk_kernels_for(set)) { return NULL; }
    // Every CPU with AVX-512 has AVX2; the first ones lack VNNI.
    return TABLE_CHOICE(
        set, &cvk_scalar_screen_kernels, &cvk_avx2_screen_kernels,
        __builtin_cpu_supports("avx512vnni") ? &cvk_vnni_screen_kernels : &cvk_avx2_screen_kernels, &cvk_neon_screen_kernels);
}
