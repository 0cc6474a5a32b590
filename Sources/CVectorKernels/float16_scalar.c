// The specification of the binary16 kernels, in the plainest C; shares nothing with the vector kernels.

#include <string.h>

#include "float16_tables.h"

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float widened(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t exponent = (half >> 10) & 0x1F;
    uint32_t fraction = half & 0x3FF;
    if (exponent == 0x1F) { // Infinity, or a NaN, which becomes quiet.
        return float_of(sign | 0x7F800000 | fraction << 13 | (fraction ? 0x400000 : 0));
    }
    if (exponent == 0) { // Zero, or a multiple of 2^-24, which a float holds exactly.
        float magnitude = (float)fraction * 0x1p-24f;
        return sign ? -magnitude : magnitude;
    }
    return float_of(sign | (exponent + 112) << 23 | fraction << 13);
}

static uint16_t narrowed(float value) {
    uint32_t bits = bits_of(value);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    uint32_t magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) { return (uint16_t)(sign | 0x7E00 | (magnitude >> 13 & 0x3FF)); }
    if (magnitude >= 0x477FF000) { return sign | 0x7C00; } // 65,520 and more.
    if (magnitude < 0x38800000) {                          // Below 2^-14: a multiple of 2^-24. Adding 1/2 leaves it in the lowest bits, rounded.
        return (uint16_t)(sign | (uint16_t)(bits_of(float_of(magnitude) + 0.5f) - 0x3F000000));
    }
    // The exponent's bias changes by 112. Half of the last bit kept, less one unless that bit is set, is added to what is cut off.
    return (uint16_t)(sign | ((magnitude - (112u << 23) + 0xFFF + (magnitude >> 13 & 1)) >> 13));
}

static void widen(const uint16_t *from, size_t count, float *to) {
    for (size_t i = 0; i < count; i++) { to[i] = widened(from[i]); }
}

static void narrow(const float *from, size_t count, uint16_t *to) {
    for (size_t i = 0; i < count; i++) { to[i] = narrowed(from[i]); }
}

// Sums as `scalar.c` does: 16 of them, added as a tree.
enum { PARTIAL_SUMS = 16 };

static float squared_l2(const float *query, const uint16_t *row, size_t dimension) {
    float sums[PARTIAL_SUMS] = {0};
    for (size_t i = 0; i < dimension; i++) {
        float difference = query[i] - widened(row[i]);
        sums[i % PARTIAL_SUMS] += difference * difference;
    }
    for (size_t half = PARTIAL_SUMS / 2; half > 0; half /= 2) {
        for (size_t i = 0; i < half; i++) { sums[i] += sums[i + half]; }
    }
    return sums[0];
}

static float inner_product(const float *query, const uint16_t *row, size_t dimension) {
    float sums[PARTIAL_SUMS] = {0};
    for (size_t i = 0; i < dimension; i++) {
        float number = widened(row[i]);
        sums[i % PARTIAL_SUMS] += query[i] * number;
    }
    for (size_t half = PARTIAL_SUMS / 2; half > 0; half /= 2) {
        for (size_t i = 0; i < half; i++) { sums[i] += sums[i + half]; }
    }
    return sums[0];
}

static void squared_l2_rows(const float *query, const uint16_t *rows, size_t stride, size_t count, size_t dimension, float *results) {
    for (size_t i = 0; i < count; i++) { results[i] = squared_l2(query, rows + i * stride, dimension); }
}

static void inner_product_rows(const float *query, const uint16_t *rows, size_t stride, size_t count, size_t dimension, float *results) {
    for (size_t i = 0; i < count; i++) { results[i] = inner_product(query, rows + i * stride, dimension); }
}

static void squared_l2_gathered_rows(
    const float *query, const uint16_t *base, size_t stride, const uint32_t *ordinals, size_t count, size_t dimension, float *results) {
    for (size_t i = 0; i < count; i++) { results[i] = squared_l2(query, base + ordinals[i] * stride, dimension); }
}

static void inner_product_gathered_rows(
    const float *query, const uint16_t *base, size_t stride, const uint32_t *ordinals, size_t count, size_t dimension, float *results) {
    for (size_t i = 0; i < count; i++) { results[i] = inner_product(query, base + ordinals[i] * stride, dimension); }
}

const cvk_float16_kernels cvk_scalar_float16_kernels = {
    .squared_l2_rows = squared_l2_rows,
    .inner_product_rows = inner_product_rows,
    .squared_l2_gathered_rows = squared_l2_gathered_rows,
    .inner_product_gathered_rows = inner_product_gathered_rows,
    .widen = widen,
    .narrow = narrow,
};
