// Rows of binary16 with AVX-512: 16 numbers are widened by one instruction.

#if defined(__x86_64__)

#include "avx512_registers.h"
#include "float16_tables.h"

#define KERNEL_TABLE cvk_avx512_float16_kernels
#define ROW_ELEMENT uint16_t

VEC_INLINE vec row_load(const uint16_t *from) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)from)); }

VEC_INLINE vec row_load_first(const uint16_t *from, size_t n) {
    return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16((__mmask16)((1u << n) - 1), from));
}

VEC_INLINE __m256i rounded(vec v) { return _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

VEC_INLINE void row_store(uint16_t *to, vec v) { _mm256_storeu_si256((__m256i *)(void *)to, rounded(v)); }

VEC_INLINE void row_store_first(uint16_t *to, vec v, size_t n) { _mm256_mask_storeu_epi16(to, (__mmask16)((1u << n) - 1), rounded(v)); }

#include "vector_kernels_template.h"

#else

typedef int no_avx512_float16_kernels_on_this_architecture;

#endif
