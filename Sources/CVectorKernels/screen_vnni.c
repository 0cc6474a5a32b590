// Screening with AVX-512 VNNI: one instruction multiplies a step of 16 rows by that of a query. Rows are packed unsigned, 128 too large, so every
// sum begins at -128 times the sum of the query's codes.

#if defined(__x86_64__)

#include <immintrin.h>

#include "screen_tables.h"

#define SCREEN_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define SCREEN_INLINE SCREEN_TARGET static inline __attribute__((always_inline))
#define SCREEN_TABLE cvk_vnni_screen_kernels
#define SCREEN_OFFSET 0x80u
#define SCREEN_LANES 16
#define SCREEN_REGISTERS 4
#define SCREEN_QUERIES 6

typedef __m512i packed;
typedef __m512i sums;
typedef __m512 lanes;

SCREEN_INLINE packed packed_load(const int8_t *from) { return _mm512_load_si512(from); }

SCREEN_INLINE packed packed_broadcast(const int8_t *from) { return _mm512_set1_epi32(_mm_cvtsi128_si32(_mm_loadu_si32(from))); }

SCREEN_INLINE sums sums_start(int32_t code_sum) { return _mm512_set1_epi32(-128 * code_sum); }

SCREEN_INLINE sums sums_multiply_add(packed query, packed rows, sums sum) { return _mm512_dpbusd_epi32(sum, rows, query); }

SCREEN_INLINE lanes sums_floats(sums sum) { return _mm512_cvtepi32_ps(sum); }

SCREEN_INLINE lanes lanes_load(const float *from) { return _mm512_loadu_ps(from); }

SCREEN_INLINE lanes lanes_set(float value) { return _mm512_set1_ps(value); }

SCREEN_INLINE lanes lanes_multiply(lanes a, lanes b) { return _mm512_mul_ps(a, b); }

SCREEN_INLINE lanes lanes_multiply_add(lanes a, lanes b, lanes c) { return _mm512_fmadd_ps(a, b, c); }

SCREEN_INLINE lanes lanes_subtract_product(lanes a, lanes b, lanes c) { return _mm512_fnmadd_ps(a, b, c); }

SCREEN_INLINE uint64_t lanes_not_greater(lanes a, lanes b) { return _mm512_cmp_ps_mask(a, b, _CMP_NGT_UQ); }

#include "screen_template.h"

#else

typedef int no_vnni_screen_kernels_on_this_architecture;

#endif
