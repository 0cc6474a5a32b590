// AVX2 multiplies unsigned by signed bytes only: |row| by the query with the row's sign. Two products added, at most 2 * 128 * 127, fit 16 bits.

#if defined(__x86_64__)

#include <immintrin.h>

#include "kernel_tables.h"

#define CODE_TARGET __attribute__((target("avx2")))
#define CODE_TABLE cvk_avx2_code_kernels
#define CODE_LANES 32
#define CODE_INLINE CODE_TARGET static inline __attribute__((always_inline))

typedef __m256i codes;
typedef __m256i sums;

CODE_INLINE sums sums_zero(void) { return _mm256_setzero_si256(); }

CODE_INLINE codes codes_load(const int8_t *from) { return _mm256_loadu_si256((const __m256i *)(const void *)from); }

CODE_INLINE sums codes_multiply_add(codes query, codes row, sums sum) {
    __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(row), _mm256_sign_epi8(query, row));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

CODE_INLINE sums sums_add(sums a, sums b) { return _mm256_add_epi32(a, b); }

CODE_INLINE int32_t sums_total(sums sum) {
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
}

CODE_INLINE int32_t correction(const int8_t *query, size_t stride) {
    (void)query, (void)stride;
    return 0;
}

#include "code_kernels_template.h"

#else

typedef int no_avx2_code_kernels_on_this_architecture;

#endif
