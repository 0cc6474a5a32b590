// Advanced SIMD: one lookup goes through the 64 bytes of four groups' tables, and widening additions of pairs add the four bytes of each row.

#if defined(__aarch64__)

#include <arm_neon.h>

#include "fastscan_tables.h"

#define SCAN_TARGET
#define SCAN_TABLE cvk_neon_fastscan_kernels
#define SCAN_BLOCKS 1
#define SCAN_CHUNKS_NARROW CVK_FASTSCAN_CHUNKS_MAX
#define SCAN_STEP static inline __attribute__((always_inline))

typedef struct {
    uint32x4_t rows[8];
} scan_sums;
typedef uint8x16x4_t scan_entries;

SCAN_STEP scan_entries scan_load(const uint8_t *table) {
    return (uint8x16x4_t){{vld1q_u8(table), vld1q_u8(table + 16), vld1q_u8(table + 32), vld1q_u8(table + 48)}};
}

SCAN_STEP void scan_begin(scan_sums *sums) {
    for (int i = 0; i < 8; i++) { sums->rows[i] = vdupq_n_u32(0); }
}

SCAN_STEP uint32x4_t add_found(uint32x4_t sum, scan_entries entries, uint8x16_t nibbles) {
    const uint8x16_t group = vreinterpretq_u8_u32(vdupq_n_u32(0x30201000));
    return vpadalq_u16(sum, vpaddlq_u8(vqtbl4q_u8(entries, vorrq_u8(nibbles, group))));
}

SCAN_STEP void scan_add(scan_sums *sums, const uint8_t *chunk, scan_entries entries) {
    for (int i = 0; i < 4; i++) {
        uint8x16_t codes = vld1q_u8(chunk + 16 * i);
        sums->rows[i] = add_found(sums->rows[i], entries, vandq_u8(codes, vdupq_n_u8(0x0F)));
        sums->rows[i + 4] = add_found(sums->rows[i + 4], entries, vshrq_n_u8(codes, 4));
    }
}

SCAN_STEP void scan_widen(scan_sums *sums) { (void)sums; }

SCAN_STEP void scan_finish(const scan_sums *sums, uint32_t *results) {
    for (int i = 0; i < 8; i++) { vst1q_u32(results + 4 * i, sums->rows[i]); }
}

SCAN_STEP int32x4_t add_nibbles(int32x4_t sum, uint8x16_t codes, int8x16_t query) {
    int8x16_t row = vreinterpretq_s8_u8(codes);
    sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(query), vget_low_s8(row)));
    return vpadalq_s16(sum, vmull_high_s8(query, row));
}

SCAN_STEP int32_t nibble_product(const int8_t *query, const uint8_t *row, size_t bytes) {
    int32x4_t low = vdupq_n_s32(0), high = vdupq_n_s32(0);
    for (size_t i = 0; i < bytes; i += 16) {
        uint8x16_t codes = vld1q_u8(row + i);
        low = add_nibbles(low, vandq_u8(codes, vdupq_n_u8(0x0F)), vld1q_s8(query + i));
        high = add_nibbles(high, vshrq_n_u8(codes, 4), vld1q_s8(query + bytes + i));
    }
    return vaddvq_s32(vaddq_s32(low, high));
}

SCAN_STEP int32_t crumb_product(const int8_t *query, const uint8_t *row, size_t bytes) {
    const uint8x16_t crumb = vdupq_n_u8(3);
    int32x4_t low = vdupq_n_s32(0), high = vdupq_n_s32(0);
    for (size_t i = 0; i < bytes; i += 16) {
        uint8x16_t codes = vld1q_u8(row + i);
        low = add_nibbles(low, vandq_u8(codes, crumb), vld1q_s8(query + i));
        high = add_nibbles(high, vandq_u8(vshrq_n_u8(codes, 2), crumb), vld1q_s8(query + bytes + i));
        low = add_nibbles(low, vandq_u8(vshrq_n_u8(codes, 4), crumb), vld1q_s8(query + 2 * bytes + i));
        high = add_nibbles(high, vshrq_n_u8(codes, 6), vld1q_s8(query + 3 * bytes + i));
    }
    return vaddvq_s32(vaddq_s32(low, high));
}

#include "fastscan_template.h"

#else

typedef int no_neon_fastscan_kernels_on_this_architecture;

#endif
