// Screening with AVX2, which multiplies unsigned by signed bytes only: |row| by the query with the row's sign. Two products added, at most
// 2 * 128 * 127, fit 16 bits.

#if defined(__x86_64__)

#include <immintrin.h>

#include "screen_tables.h"

#define SCREEN_TARGET __attribute__((target("avx2,fma")))
#define SCREEN_INLINE SCREEN_TARGET static inline __attribute__((always_inline))
#define SCREEN_TABLE cvk_avx2_screen_kernels
#define SCREEN_OFFSET 0u
#define SCREEN_LANES 8
#define SCREEN_REGISTERS 2
#define SCREEN_QUERIES 4

typedef __m256i packed;
typedef __m256i sums;
typedef __m256 lanes;

SCREEN_INLINE packed packed_load(const int8_t *from) { return _mm256_load_si256((const __m256i *)(const void *)from); }

SCREEN_INLINE packed packed_broadcast(const int8_t *from) { return _mm256_set1_epi32(_mm_cvtsi128_si32(_mm_loadu_si32(from))); }

SCREEN_INLINE sums sums_start(int32_t code_sum) {
    (void)code_sum;
    return _mm256_setzero_si256();
}

SCREEN_INLINE sums sums_multiply_add(packed query, packed rows, sums sum) {
    __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(rows), _mm256_sign_epi8(query, rows));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

SCREEN_INLINE lanes sums_floats(sums sum) { return _mm256_cvtepi32_ps(sum); }

SCREEN_INLINE lanes lanes_load(const float *from) { return _mm256_loadu_ps(from); }

SCREEN_INLINE lanes lanes_set(float value) { return _mm256_set1_ps(value); }

SCREEN_INLINE lanes lanes_multiply(lanes a, lanes b) { return _mm256_mul_ps(a, b); }

SCREEN_INLINE lanes lanes_multiply_add(lanes a, lanes b, lanes c) { return _mm256_fmadd_ps(a, b, c); }

SCREEN_INLINE lanes lanes_subtract_product(lanes a, lanes b, lanes c) { return _mm256_fnmadd_ps(a, b, c); }

SCREEN_INLINE uint64_t lanes_not_greater(lanes a, lanes b) {
    return (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_NGT_UQ));
}

#include "screen_template.h"

#else

typedef int no_avx2_screen_kernels_on_this_architecture;

#endif
