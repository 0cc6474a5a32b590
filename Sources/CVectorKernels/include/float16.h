#ifndef CVK_FLOAT16_H
#define CVK_FLOAT16_H

#include <stddef.h>
#include <stdint.h>

// Distances between a float32 query and rows of IEEE 754 binary16, given by their bits, and the conversion between the two formats.
//
// What every table promises:
//   1. A row may start at any multiple of 2 bytes, and have any dimension, 0 included. Exactly `dimension` numbers of a row are read.
//   2. A result has the bits that the float kernel of the same set gives for the same numbers widened to float32, which is exact. So the promises
//      of the float kernels hold here too.
//   3. `widen` and `narrow` do what IEEE 754 says, and so the same in every table: narrowing rounds to nearest, ties to even; what is 65,520 or
//      more becomes infinity. A NaN stays one and becomes quiet; its payload is kept as far as it fits.

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// Compares a query with `count` rows; row i starts at `rows + i * stride`. Writes `count` floats to `results`.
typedef void (*cvk_float16_rows)(
    const float *query, const uint16_t *rows, size_t stride, size_t count, size_t dimension, float *results);

/// Compares a query with the rows at `base + ordinals[i] * stride`, which are prefetched. Writes `count` floats to `results`.
typedef void (*cvk_float16_gathered_rows)(
    const float *query, const uint16_t *base, size_t stride, const uint32_t *ordinals, size_t count, size_t dimension, float *results);

/// The binary16 kernels of one instruction set.
typedef struct {
    cvk_float16_rows squared_l2_rows;
    cvk_float16_rows inner_product_rows;
    cvk_float16_gathered_rows squared_l2_gathered_rows;
    cvk_float16_gathered_rows inner_product_gathered_rows;
    /// Converts `count` numbers; the places do not overlap.
    void (*widen)(const uint16_t *from, size_t count, float *to);
    /// Converts `count` numbers; the places do not overlap.
    void (*narrow)(const float *from, size_t count, uint16_t *to);
} cvk_float16_kernels;

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
