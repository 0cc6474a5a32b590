// Screening with Advanced SIMD: products of 8-bit codes widen to 16 bits, and pairs of them are added to 32-bit sums, two for each row.

#if defined(__aarch64__)

#include <arm_neon.h>

#include "screen_tables.h"

#define SCREEN_TARGET
#define SCREEN_INLINE static inline __attribute__((always_inline))
#define SCREEN_TABLE cvk_neon_screen_kernels
#define SCREEN_OFFSET 0u
#define SCREEN_LANES 4
#define SCREEN_REGISTERS 2
#define SCREEN_QUERIES 4

typedef int8x16_t packed;
typedef int32x4x2_t sums;
typedef float32x4_t lanes;

SCREEN_INLINE packed packed_load(const int8_t *from) { return vld1q_s8(from); }

SCREEN_INLINE packed packed_broadcast(const int8_t *from) {
    int32_t four;
    __builtin_memcpy(&four, from, sizeof four);
    return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

SCREEN_INLINE sums sums_start(int32_t code_sum) {
    (void)code_sum;
    return (sums){{vdupq_n_s32(0), vdupq_n_s32(0)}};
}

SCREEN_INLINE sums sums_multiply_add(packed query, packed rows, sums sum) {
    sum.val[0] = vpadalq_s16(sum.val[0], vmull_s8(vget_low_s8(query), vget_low_s8(rows)));
    sum.val[1] = vpadalq_s16(sum.val[1], vmull_high_s8(query, rows));
    return sum;
}

SCREEN_INLINE lanes sums_floats(sums sum) { return vcvtq_f32_s32(vpaddq_s32(sum.val[0], sum.val[1])); }

SCREEN_INLINE lanes lanes_load(const float *from) { return vld1q_f32(from); }

SCREEN_INLINE lanes lanes_set(float value) { return vdupq_n_f32(value); }

SCREEN_INLINE lanes lanes_multiply(lanes a, lanes b) { return vmulq_f32(a, b); }

SCREEN_INLINE lanes lanes_multiply_add(lanes a, lanes b, lanes c) { return vfmaq_f32(c, a, b); }

SCREEN_INLINE lanes lanes_subtract_product(lanes a, lanes b, lanes c) { return vfmsq_f32(c, a, b); }

SCREEN_INLINE uint64_t lanes_not_greater(lanes a, lanes b) {
    static const uint32_t bit[4] = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(vmvnq_u32(vcgtq_f32(a, b)), vld1q_u32(bit)));
}

#include "screen_template.h"

#else

typedef int no_neon_screen_kernels_on_this_architecture;

#endif
