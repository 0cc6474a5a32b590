#include "float16_tables.h"
#include "table_choice.h"

const cvk_float16_kernels *CVK_NULLABLE cvk_float16_kernels_for(cvk_instruction_set set) {
    if (!cvk_kernels_for(set)) { return NULL; }
    // Every CPU with AVX2 so far has F16C, but nothing says so; AVX-512 F includes the conversions.
    return TABLE_CHOICE(
        set, &cvk_scalar_float16_kernels,
        __builtin_cpu_supports("f16c") ? &cvk_avx2_float16_kernels : &cvk_scalar_float16_kernels, &cvk_avx512_float16_kernels,
        &cvk_neon_float16_kernels);
}
