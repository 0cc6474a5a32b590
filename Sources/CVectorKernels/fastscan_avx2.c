// AVX2 looks up within 16 bytes only, so the bytes of a chunk are first brought together by group: 16 rows of one group in each half register.
// Sums are kept in 16 bits, of even and odd rows apart.

#if defined(__x86_64__)

#include <immintrin.h>

#include "fastscan_tables.h"

#define SCAN_TARGET __attribute__((target("avx2")))
#define SCAN_TABLE cvk_avx2_fastscan_kernels
#define SCAN_BLOCKS 1
#define SCAN_CHUNKS_NARROW 128 // A 16-bit sum takes two entries of a chunk: 128 * 2 * 255 < 2^16.
#define SCAN_STEP SCAN_TARGET static inline __attribute__((always_inline))

typedef struct {
    // [0] for the lower nibbles, rows 0 to 15; [1] for the upper ones. `both` adds an even row's byte and 256 times its odd neighbour's.
    __m256i both[2];
    __m256i odd[2];
    __m256i wide[4];
} scan_sums;
typedef struct {
    __m256i first;  // the entries of groups 0 and 1
    __m256i second; // of groups 2 and 3
} scan_entries;

SCAN_STEP scan_entries scan_load(const uint8_t *table) {
    const __m256i *from = (const __m256i *)(const void *)table;
    return (scan_entries){_mm256_loadu_si256(from), _mm256_loadu_si256(from + 1)};
}

SCAN_STEP void scan_begin(scan_sums *sums) {
    __m256i zero = _mm256_setzero_si256();
    *sums = (scan_sums){{zero, zero}, {zero, zero}, {zero, zero, zero, zero}};
}

SCAN_STEP void add_pair(scan_sums *sums, int half, __m256i nibbles, __m256i entries) {
    __m256i found = _mm256_shuffle_epi8(entries, nibbles);
    sums->both[half] = _mm256_add_epi16(sums->both[half], found);
    sums->odd[half] = _mm256_add_epi16(sums->odd[half], _mm256_srli_epi16(found, 8));
}

SCAN_STEP void scan_add(scan_sums *sums, const uint8_t *chunk, scan_entries entries) {
    const __m256i by_group = _mm256_setr_epi8(
        0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m256i nibble = _mm256_set1_epi8(0x0F);
    enum { MIDDLE_EXCHANGED = 0xD8 };
    const __m256i *from = (const __m256i *)(const void *)chunk;
    __m256i a = _mm256_shuffle_epi8(_mm256_loadu_si256(from), by_group), b = _mm256_shuffle_epi8(_mm256_loadu_si256(from + 1), by_group);
    // Rows come in the order 0-3, 8-11, 4-7, 12-15; `scan_widen` knows.
    __m256i first = _mm256_permute4x64_epi64(_mm256_unpacklo_epi32(a, b), MIDDLE_EXCHANGED);
    __m256i second = _mm256_permute4x64_epi64(_mm256_unpackhi_epi32(a, b), MIDDLE_EXCHANGED);
    add_pair(sums, 0, _mm256_and_si256(first, nibble), entries.first);
    add_pair(sums, 0, _mm256_and_si256(second, nibble), entries.second);
    add_pair(sums, 1, _mm256_and_si256(_mm256_srli_epi16(first, 4), nibble), entries.first);
    add_pair(sums, 1, _mm256_and_si256(_mm256_srli_epi16(second, 4), nibble), entries.second);
}

SCAN_STEP void scan_widen(scan_sums *sums) {
    for (int half = 0; half < 2; half++) {
        __m256i odd = sums->odd[half], even = _mm256_sub_epi16(sums->both[half], _mm256_slli_epi16(odd, 8));
        // Each half register has eight 16-bit sums of even and of odd rows, interleaved to 16 rows; those of its two halves belong together.
        __m256i rows = _mm256_unpacklo_epi16(even, odd), more = _mm256_unpackhi_epi16(even, odd);
        __m128i low[2] = {_mm256_castsi256_si128(rows), _mm256_castsi256_si128(more)};
        __m128i high[2] = {_mm256_extracti128_si256(rows, 1), _mm256_extracti128_si256(more, 1)};
        for (int part = 0; part < 2; part++) {
            __m256i sum = _mm256_add_epi32(_mm256_cvtepu16_epi32(low[part]), _mm256_cvtepu16_epi32(high[part]));
            sums->wide[2 * half + part] = _mm256_add_epi32(sums->wide[2 * half + part], sum);
        }
        sums->both[half] = sums->odd[half] = _mm256_setzero_si256();
    }
}

// Undoes the order of `scan_add`: rows 0-3 and 8-11 lie in one register, 4-7 and 12-15 in the next.
SCAN_STEP void scan_finish(const scan_sums *sums, uint32_t *results) {
    for (int half = 0; half < 2; half++) {
        __m256i a = sums->wide[2 * half], b = sums->wide[2 * half + 1];
        __m256i *to = (__m256i *)(void *)(results + 16 * half);
        _mm256_storeu_si256(to, _mm256_permute2x128_si256(a, b, 0x20));
        _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(a, b, 0x31));
    }
}

SCAN_STEP int32_t add_lanes(__m256i sum) {
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
}

// Two products of an unsigned by a signed byte, at most 2 * 15 * 127, fit 16 bits, and so does the sum of both halves'.
SCAN_STEP int32_t nibble_product(const int8_t *query, const uint8_t *row, size_t bytes) {
    const __m256i nibble = _mm256_set1_epi8(0x0F), ones = _mm256_set1_epi16(1);
    __m256i sum = _mm256_setzero_si256();
    for (size_t i = 0; i < bytes; i += 32) {
        __m256i codes = _mm256_loadu_si256((const __m256i *)(const void *)(row + i));
        __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(query + i));
        __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(query + bytes + i));
        __m256i pairs = _mm256_add_epi16(
            _mm256_maddubs_epi16(_mm256_and_si256(codes, nibble), low),
            _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(codes, 4), nibble), high));
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
    }
    return add_lanes(sum);
}

// Two products are at most 2 * 3 * 127; those of four crumbs together fit 16 bits as well.
SCAN_STEP __m128i crumb_pairs(__m128i codes, const int8_t *query) {
    const __m128i crumb = _mm_set1_epi8(3);
    return _mm_maddubs_epi16(_mm_and_si128(codes, crumb), _mm_loadu_si128((const __m128i *)(const void *)query));
}

// Rows are a multiple of 16 bytes.
SCAN_STEP int32_t crumb_product(const int8_t *query, const uint8_t *row, size_t bytes) {
    __m256i sum = _mm256_setzero_si256();
    for (size_t i = 0; i < bytes; i += 16) {
        __m128i codes = _mm_loadu_si128((const __m128i *)(const void *)(row + i));
        __m128i low = _mm_add_epi16(crumb_pairs(codes, query + i), crumb_pairs(_mm_srli_epi16(codes, 2), query + bytes + i));
        __m128i high = _mm_add_epi16(
            crumb_pairs(_mm_srli_epi16(codes, 4), query + 2 * bytes + i), crumb_pairs(_mm_srli_epi16(codes, 6), query + 3 * bytes + i));
        sum = _mm256_add_epi32(sum, _mm256_cvtepi16_epi32(_mm_add_epi16(low, high)));
    }
    return add_lanes(sum);
}

#include "fastscan_template.h"

#else

typedef int no_avx2_fastscan_kernels_on_this_architecture;

#endif
