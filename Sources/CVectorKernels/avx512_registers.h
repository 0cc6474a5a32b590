#ifndef AVX512_REGISTERS_H
#define AVX512_REGISTERS_H

// AVX-512: 32 registers of 16 floats, and masks that load a remainder in one instruction. For `vector_kernels_template.h`.

#include <immintrin.h>
#include <stddef.h>

#if !defined(KERNEL_TARGET)
#define KERNEL_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#endif
#define LANES 16
#define SUMS 4
#define ROWS 4
#define VEC_INLINE KERNEL_TARGET static inline __attribute__((always_inline))

typedef __m512 vec;

VEC_INLINE vec vec_zero(void) { return _mm512_setzero_ps(); }

VEC_INLINE vec vec_load(const float *from) { return _mm512_loadu_ps(from); }

VEC_INLINE vec vec_load_first(const float *from, size_t n) { return _mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), from); }

VEC_INLINE void vec_store(float *to, vec v) { _mm512_storeu_ps(to, v); }

VEC_INLINE void vec_store_first(float *to, vec v, size_t n) { _mm512_mask_storeu_ps(to, (__mmask16)((1u << n) - 1), v); }

VEC_INLINE vec vec_add(vec a, vec b) { return _mm512_add_ps(a, b); }

VEC_INLINE vec vec_subtract(vec a, vec b) { return _mm512_sub_ps(a, b); }

VEC_INLINE vec vec_multiply_add(vec a, vec b, vec sum) { return _mm512_fmadd_ps(a, b, sum); }

// Not _mm512_reduce_add_ps: a compiler may choose its order anew in each place it is inlined.
VEC_INLINE float vec_total(vec v) {
    __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#endif
