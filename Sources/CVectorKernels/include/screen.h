#ifndef CVK_SCREEN_H
#define CVK_SCREEN_H

#include <stddef.h>
#include <stdint.h>

// Screening: which of 64 rows of 8-bit codes can be near enough to each of many queries? A matrix product of codes whose results never leave the
// registers: each is turned into a comparison at once, and all that is written is one bit per row and query.
//
// A *step* is four codes of a row. A *tile* is 64 rows side by side: 256 bytes per step, four of each row, so that one instruction multiplies one
// step of many rows by that of one query. How the bytes of a tile are offset is up to the table that packed it.
//
// With I the inner product of the codes of a row and a query, a bit is set unless x > y (or x > y * y, when `squared`), where
//     x = base + norm_weight * norm - scale * (weight * I)        y = reach + spread * error
// with terms of the query (base, weight, norm_weight, reach, spread) and of the row (scale, norm, error). NaN sets the bit. I is exact; x and y are
// computed in floats with at most seven roundings, each relative to base, to norm_weight * norm, to scale * weight * I, or to y, and so may differ
// between tables in the last digits.

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

enum {
    /// Rows in a tile.
    CVK_SCREEN_ROWS = 64,
    /// Codes in a step.
    CVK_SCREEN_STEP = 4,
    /// Bytes of a tile per step.
    CVK_SCREEN_STEP_BYTES = CVK_SCREEN_ROWS * CVK_SCREEN_STEP,
};

/// The terms of a query, as above.
typedef struct {
    float base;
    float weight;
    float norm_weight;
    float reach;
    float spread;
    /// The sum of its codes.
    int32_t code_sum;
} cvk_screen_query;

/// The terms of the rows of a tile, as above.
typedef struct {
    float scale[CVK_SCREEN_ROWS];
    float norm[CVK_SCREEN_ROWS];
    float error[CVK_SCREEN_ROWS];
} cvk_screen_rows;

/// The screening kernels of one instruction set.
typedef struct {
    /// Packs the rows of codes at `base + ordinals[i] * stride` into a tile of `steps * CVK_SCREEN_STEP_BYTES` bytes, at a multiple of 64.
    /// `count` is at most CVK_SCREEN_ROWS; what stands for the rest is any number. Exactly 4 * `steps` codes of a row are read.
    void (*pack)(const int8_t *base, size_t stride, const uint32_t *ordinals, size_t count, size_t steps, int8_t *tile);

    /// Screens `count` queries, query i's codes (-127 ... 127) at `queries + i * stride`, and writes `count` masks: bit r for row r of the tile.
    /// Exactly 4 * `steps` codes of a query are read; 4 * `steps` is at most CVK_CODE_STRIDE_MAX.
    void (*screen)(
        const int8_t *queries, size_t stride, const cvk_screen_query *terms, size_t count, const int8_t *tile, const cvk_screen_rows *rows,
        size_t steps, int squared, uint64_t *masks);
} cvk_screen_kernels;

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
