// AVX-512 with VBMI and VNNI: one instruction looks 64 nibbles up in the tables of four groups, one more adds the four bytes of each row.

#if defined(__x86_64__)

#include <immintrin.h>

#include "fastscan_tables.h"

#define SCAN_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vnni")))
#define SCAN_TABLE cvk_avx512_fastscan_kernels
#define SCAN_BLOCKS 2
#define SCAN_CHUNKS_NARROW CVK_FASTSCAN_CHUNKS_MAX
#define SCAN_STEP SCAN_TARGET static inline __attribute__((always_inline))

typedef struct {
    __m512i low;
    __m512i high;
} scan_sums;
typedef __m512i scan_entries;

SCAN_STEP scan_entries scan_load(const uint8_t *table) { return _mm512_loadu_si512(table); }

SCAN_STEP void scan_begin(scan_sums *sums) { sums->low = sums->high = _mm512_setzero_si512(); }

// The index of an entry is 16 * group + nibble; (codes & 0x0F) | 16 * group is one instruction of ternary logic.
SCAN_STEP void scan_add(scan_sums *sums, const uint8_t *chunk, scan_entries entries) {
    enum { A_AND_B_OR_C = 0xEA };
    const __m512i nibble = _mm512_set1_epi8(0x0F), group = _mm512_set1_epi32(0x30201000), ones = _mm512_set1_epi8(1);
    __m512i codes = _mm512_loadu_si512(chunk);
    __m512i low = _mm512_ternarylogic_epi32(codes, nibble, group, A_AND_B_OR_C);
    __m512i high = _mm512_ternarylogic_epi32(_mm512_srli_epi16(codes, 4), nibble, group, A_AND_B_OR_C);
    sums->low = _mm512_dpbusd_epi32(sums->low, _mm512_permutexvar_epi8(low, entries), ones);
    sums->high = _mm512_dpbusd_epi32(sums->high, _mm512_permutexvar_epi8(high, entries), ones);
}

SCAN_STEP void scan_widen(scan_sums *sums) { (void)sums; }

SCAN_STEP void scan_finish(const scan_sums *sums, uint32_t *results) {
    _mm512_storeu_si512(results, sums->low);
    _mm512_storeu_si512(results + 16, sums->high);
}

SCAN_STEP __m512i add_nibbles(__m512i sum, __m512i codes, __m512i low, __m512i high) {
    const __m512i nibble = _mm512_set1_epi8(0x0F);
    sum = _mm512_dpbusd_epi32(sum, _mm512_and_si512(codes, nibble), low);
    return _mm512_dpbusd_epi32(sum, _mm512_and_si512(_mm512_srli_epi16(codes, 4), nibble), high);
}

SCAN_STEP int32_t nibble_product(const int8_t *query, const uint8_t *row, size_t bytes) {
    enum { REGISTER = 64 };
    __m512i sum = _mm512_setzero_si512();
    size_t i = 0;
    for (; bytes - i >= REGISTER; i += REGISTER) {
        sum = add_nibbles(sum, _mm512_loadu_si512(row + i), _mm512_loadu_si512(query + i), _mm512_loadu_si512(query + bytes + i));
    }
    if (i < bytes) { // Half a register is left.
        const __mmask64 half = 0xFFFFFFFF;
        sum = add_nibbles(
            sum, _mm512_maskz_loadu_epi8(half, row + i), _mm512_maskz_loadu_epi8(half, query + i),
            _mm512_maskz_loadu_epi8(half, query + bytes + i));
    }
    return _mm512_reduce_add_epi32(sum);
}

// `mask` says which of 64 bytes there are.
SCAN_STEP __m512i add_crumbs(__m512i sum, __mmask64 mask, const int8_t *query, const uint8_t *row, size_t bytes) {
    const __m512i crumb = _mm512_set1_epi8(3);
    __m512i codes = _mm512_maskz_loadu_epi8(mask, row);
    sum = _mm512_dpbusd_epi32(sum, _mm512_and_si512(codes, crumb), _mm512_maskz_loadu_epi8(mask, query));
    sum = _mm512_dpbusd_epi32(
        sum, _mm512_and_si512(_mm512_srli_epi16(codes, 2), crumb), _mm512_maskz_loadu_epi8(mask, query + bytes));
    sum = _mm512_dpbusd_epi32(
        sum, _mm512_and_si512(_mm512_srli_epi16(codes, 4), crumb), _mm512_maskz_loadu_epi8(mask, query + 2 * bytes));
    return _mm512_dpbusd_epi32(
        sum, _mm512_and_si512(_mm512_srli_epi16(codes, 6), crumb), _mm512_maskz_loadu_epi8(mask, query + 3 * bytes));
}

SCAN_STEP int32_t crumb_product(const int8_t *query, const uint8_t *row, size_t bytes) {
    enum { REGISTER = 64 };
    __m512i sum = _mm512_setzero_si512();
    size_t i = 0;
    for (; bytes - i >= REGISTER; i += REGISTER) { sum = add_crumbs(sum, ~(__mmask64)0, query + i, row + i, bytes); }
    if (i < bytes) { sum = add_crumbs(sum, ((__mmask64)1 << (bytes - i)) - 1, query + i, row + i, bytes); }
    return _mm512_reduce_add_epi32(sum);
}

#include "fastscan_template.h"

#else

typedef int no_avx512_fastscan_kernels_on_this_architecture;

#endif
