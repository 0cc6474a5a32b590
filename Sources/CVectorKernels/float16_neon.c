// Rows of binary16 on aarch64, where every processor converts 4 numbers by one instruction.

#if defined(__aarch64__)

#include "neon_registers.h"
#include "float16_tables.h"

#define KERNEL_TABLE cvk_neon_float16_kernels
#define ROW_ELEMENT uint16_t

VEC_INLINE vec row_load(const uint16_t *from) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from))); }

VEC_INLINE vec row_load_first(const uint16_t *from, size_t n) {
    uint16x4_t v = vld1_lane_u16(from, vdup_n_u16(0), 0);
    if (n > 1) { v = vld1_lane_u16(from + 1, v, 1); }
    if (n > 2) { v = vld1_lane_u16(from + 2, v, 2); }
    return vcvt_f32_f16(vreinterpret_f16_u16(v));
}

VEC_INLINE uint16x4_t rounded(vec v) { return vreinterpret_u16_f16(vcvt_f16_f32(v)); }

VEC_INLINE void row_store(uint16_t *to, vec v) { vst1_u16(to, rounded(v)); }

VEC_INLINE void row_store_first(uint16_t *to, vec v, size_t n) {
    uint16x4_t part = rounded(v);
    vst1_lane_u16(to, part, 0);
    if (n > 1) { vst1_lane_u16(to + 1, part, 1); }
    if (n > 2) { vst1_lane_u16(to + 2, part, 2); }
}

#include "vector_kernels_template.h"

#else

typedef int no_neon_float16_kernels_on_this_architecture;

#endif
