// Advanced SIMD: products of 8-bit codes widen to 16 bits, and pairs of them are added to 32-bit sums. Every aarch64 has these instructions;
// the dot product of 8.2 is left to a set of its own once there is a machine to measure it on.

#if defined(__aarch64__)

#include <arm_neon.h>

#include "kernel_tables.h"

#define CODE_TARGET
#define CODE_TABLE cvk_neon_code_kernels
#define CODE_LANES 16
#define CODE_INLINE static inline __attribute__((always_inline))

typedef int8x16_t codes;
typedef int32x4_t sums;

CODE_INLINE sums sums_zero(void) { return vdupq_n_s32(0); }

CODE_INLINE codes codes_load(const int8_t *from) { return vld1q_s8(from); }

CODE_INLINE sums codes_multiply_add(codes query, codes row, sums sum) {
    sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(query), vget_low_s8(row)));
    return vpadalq_s16(sum, vmull_high_s8(query, row));
}

CODE_INLINE sums sums_add(sums a, sums b) { return vaddq_s32(a, b); }

CODE_INLINE int32_t sums_total(sums sum) { return vaddvq_s32(sum); }

CODE_INLINE int32_t correction(const int8_t *query, size_t stride) {
    (void)query, (void)stride;
    return 0;
}

#include "code_kernels_template.h"

#else

typedef int no_neon_code_kernels_on_this_architecture;

#endif
