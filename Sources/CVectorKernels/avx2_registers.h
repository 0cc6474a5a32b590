#ifndef AVX2_REGISTERS_H
#define AVX2_REGISTERS_H

// AVX2 with FMA: 16 registers of 8 floats. Two rows of four sums leave room for the loads. For `vector_kernels_template.h`.

#include <immintrin.h>
#include <stddef.h>

#if !defined(KERNEL_TARGET)
#define KERNEL_TARGET __attribute__((target("avx2,fma")))
#endif
#define LANES 8
#define SUMS 4
#define ROWS 2
#define VEC_INLINE KERNEL_TARGET static inline __attribute__((always_inline))

typedef __m256 vec;

VEC_INLINE vec vec_zero(void) { return _mm256_setzero_ps(); }

VEC_INLINE vec vec_load(const float *from) { return _mm256_loadu_ps(from); }

VEC_INLINE vec vec_load_first(const float *from, size_t n) {
    __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_maskload_ps(from, _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), lane));
}

VEC_INLINE void vec_store(float *to, vec v) { _mm256_storeu_ps(to, v); }

VEC_INLINE void vec_store_first(float *to, vec v, size_t n) {
    __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    _mm256_maskstore_ps(to, _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), lane), v);
}

VEC_INLINE vec vec_add(vec a, vec b) { return _mm256_add_ps(a, b); }

VEC_INLINE vec vec_subtract(vec a, vec b) { return _mm256_sub_ps(a, b); }

VEC_INLINE vec vec_multiply_add(vec a, vec b, vec sum) { return _mm256_fmadd_ps(a, b, sum); }

VEC_INLINE float vec_total(vec v) {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#endif
