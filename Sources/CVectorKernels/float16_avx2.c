// Rows of binary16 with AVX2 and F16C: 8 numbers are widened by one instruction.

#if defined(__x86_64__)

#define KERNEL_TARGET __attribute__((target("avx2,fma,f16c")))

#include <string.h>

#include "avx2_registers.h"
#include "float16_tables.h"

#define KERNEL_TABLE cvk_avx2_float16_kernels
#define ROW_ELEMENT uint16_t

VEC_INLINE vec row_load(const uint16_t *from) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)from)); }

// There are no masked loads of 16 bits: n numbers, 1 to 7, are 4, 2 and 1 or fewer of these.
VEC_INLINE void copy_first(uint16_t *to, const uint16_t *from, size_t n) {
    size_t i = 0;
    if (n & 4) {
        memcpy(to, from, 4 * sizeof *to);
        i = 4;
    }
    if (n & 2) {
        memcpy(to + i, from + i, 2 * sizeof *to);
        i += 2;
    }
    if (n & 1) { to[i] = from[i]; }
}

VEC_INLINE vec row_load_first(const uint16_t *from, size_t n) {
    uint16_t part[LANES] = {0};
    copy_first(part, from, n);
    return row_load(part);
}

VEC_INLINE void row_store(uint16_t *to, vec v) {
    _mm_storeu_si128((__m128i *)(void *)to, _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}

VEC_INLINE void row_store_first(uint16_t *to, vec v, size_t n) {
    uint16_t part[LANES];
    row_store(part, v);
    copy_first(to, part, n);
}

#include "vector_kernels_template.h"

#else

typedef int no_avx2_float16_kernels_on_this_architecture;

#endif
