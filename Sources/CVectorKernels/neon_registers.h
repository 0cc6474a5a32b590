#ifndef NEON_REGISTERS_H
#define NEON_REGISTERS_H

// Advanced SIMD of aarch64: 32 registers of 4 floats. For `vector_kernels_template.h`.

#include <arm_neon.h>
#include <stddef.h>

#define KERNEL_TARGET
#define LANES 4
#define SUMS 4
#define ROWS 4
#define VEC_INLINE static inline __attribute__((always_inline))

typedef float32x4_t vec;

VEC_INLINE vec vec_zero(void) { return vdupq_n_f32(0); }

VEC_INLINE vec vec_load(const float *from) { return vld1q_f32(from); }

VEC_INLINE vec vec_load_first(const float *from, size_t n) {
    vec v = vld1q_lane_f32(from, vec_zero(), 0);
    if (n > 1) { v = vld1q_lane_f32(from + 1, v, 1); }
    if (n > 2) { v = vld1q_lane_f32(from + 2, v, 2); }
    return v;
}

VEC_INLINE void vec_store(float *to, vec v) { vst1q_f32(to, v); }

VEC_INLINE void vec_store_first(float *to, vec v, size_t n) {
    vst1q_lane_f32(to, v, 0);
    if (n > 1) { vst1q_lane_f32(to + 1, v, 1); }
    if (n > 2) { vst1q_lane_f32(to + 2, v, 2); }
}

VEC_INLINE vec vec_add(vec a, vec b) { return vaddq_f32(a, b); }

VEC_INLINE vec vec_subtract(vec a, vec b) { return vsubq_f32(a, b); }

VEC_INLINE vec vec_multiply_add(vec a, vec b, vec sum) { return vfmaq_f32(sum, a, b); }

VEC_INLINE float vec_total(vec v) { return vaddvq_f32(v); }

#endif
