// AVX-512 VNNI: one instruction multiplies and adds 64 pairs of codes, but one side must be unsigned. Row codes become unsigned by adding
// 128, which turns only their top bit over; every sum is then too large by 128 times the sum of the query's codes.

#if defined(__x86_64__)

#include <immintrin.h>

#include "kernel_tables.h"

#define CODE_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define CODE_TABLE cvk_vnni_code_kernels
#define CODE_LANES 64
#define CODE_INLINE CODE_TARGET static inline __attribute__((always_inline))

typedef __m512i codes;
typedef __m512i sums;

CODE_INLINE sums sums_zero(void) { return _mm512_setzero_si512(); }

CODE_INLINE codes codes_load(const int8_t *from) { return _mm512_loadu_si512(from); }

CODE_INLINE sums codes_multiply_add(codes query, codes row, sums sum) {
    return _mm512_dpbusd_epi32(sum, _mm512_xor_si512(row, _mm512_set1_epi8((char)0x80)), query);
}

CODE_INLINE sums sums_add(sums a, sums b) { return _mm512_add_epi32(a, b); }

CODE_INLINE int32_t sums_total(sums sum) { return _mm512_reduce_add_epi32(sum); }

CODE_INLINE int32_t correction(const int8_t *query, size_t stride) {
    sums total = sums_zero();
    for (size_t i = 0; i < stride; i += CODE_LANES) {
        total = _mm512_dpbusd_epi32(total, _mm512_set1_epi8((char)0x80), codes_load(query + i));
    }
    return -sums_total(total);
}

#include "code_kernels_template.h"

#else

typedef int no_vnni_code_kernels_on_this_architecture;

#endif
