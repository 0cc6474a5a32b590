#ifndef CVK_FASTSCAN_H
#define CVK_FASTSCAN_H

#include <stddef.h>
#include <stdint.h>

// FastScan: scores 32 rows of 1-bit codes at a time by table lookups that stay in registers (André, Kermarrec, Le Scouarnec, "Cache locality is
// not enough: high-performance nearest neighbor search with product quantization fast scan", PVLDB 2015, doi:10.14778/2856318.2856324).
//
// A *group* is four dimensions: one nibble of a row's code, bit i for dimension 4 * group + i. A *chunk* is four groups. A *block* is the codes
// of 32 rows: one cache line of 64 bytes per chunk, whose byte 4 * (row % 16) + group % 4 holds the nibble of row `row % 16` in its lower half
// and that of row `row % 16 + 16` in its upper half. So one 64-byte lookup scores a chunk, and its result is added up by one dot product of bytes.
// A *table* has 16 bytes per group: what the group adds to a row's sum, by the nibble.
//
// What every table of kernels promises: integer results are exact, floats are rounded after every operation in the same order, so both are the
// same in every set. Pointers need no alignment. Nothing is read beyond `chunks` cache lines per block and 64 bytes of table per chunk.

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

enum {
    /// Rows in a block.
    CVK_FASTSCAN_ROWS = 32,
    /// Dimensions in a chunk.
    CVK_FASTSCAN_DIMENSIONS = 16,
    /// Bytes that a chunk takes in a block, and in a table.
    CVK_FASTSCAN_CHUNK_BYTES = 64,
    /// Up to here no sum leaves 32 bits, by far: 16,384 * 4 * 255 < 2^24, so a float holds it exactly, too.
    CVK_FASTSCAN_CHUNKS_MAX = 16384,
};

/// What the entries of a table stand for: the sum over a row's one-bits of the vector is about base + step * (the row's sum of entries).
typedef struct {
    float base;
    float step;
} cvk_fastscan_scale;

/// Makes the table of a vector of `16 * chunks` finite floats.
typedef cvk_fastscan_scale (*cvk_fastscan_make_table)(const float *vector, size_t chunks, uint8_t *table);

/// The 32 sums of each of `blocks` blocks, which lie `stride` bytes apart. Writes `32 * blocks` integers to `sums`.
typedef void (*cvk_fastscan_sum)(
    const uint8_t *codes, size_t stride, size_t blocks, const uint8_t *table, size_t chunks, uint32_t *sums);

/// How a row's sum becomes an estimate: `offset[row] - factor[row] * (step * sum + shift)`.
typedef struct {
    float step;
    float shift;
    /// Rows are selected whose estimate is below this.
    float threshold;
} cvk_fastscan_estimate;

/// Scores blocks whose codes are followed by 32 floats `factor` and 32 floats `offset`. Writes `32 * blocks` estimates, and `blocks` masks: bit
/// `row` says that the estimate is below the threshold (never so for NaN).
typedef void (*cvk_fastscan_select)(
    const uint8_t *codes, size_t stride, size_t blocks, const uint8_t *table, size_t chunks, cvk_fastscan_estimate how, float *estimates,
    uint32_t *masks);

/// As `select`. Meanwhile the blocks that lie from `ahead` on, in the same arrangement, are asked for from memory, codes only; nothing of them is read.
typedef void (*cvk_fastscan_select_ahead)(
    const uint8_t *codes, size_t stride, size_t blocks, const uint8_t *table, size_t chunks, cvk_fastscan_estimate how, const uint8_t *ahead,
    float *estimates, uint32_t *masks);

/// Inner products of a query with rows of 4-bit codes, the second look at what a scan selected. Row `positions[i]` begins at
/// `rows + positions[i] * stride`; the lower half of its byte i belongs to dimension i, the upper half to dimension `bytes + i`. Codes are 0 ... 15,
/// those of the query -127 ... 127. `bytes` is a multiple of CVK_NIBBLE_BYTES, at most CVK_NIBBLE_BYTES_MAX. Rows are prefetched while their
/// predecessors are summed. Writes `count` integers to `products`.
typedef void (*cvk_nibble_products)(
    const int8_t *query, const uint8_t *rows, size_t stride, size_t bytes, const uint32_t *positions, size_t count, int32_t *products);

/// The same for 2-bit codes, 0 ... 3: bits 2j and 2j + 1 of a row's byte i belong to dimension `j * bytes + i`. `bytes` is a multiple of
/// CVK_CRUMB_BYTES, at most CVK_CRUMB_BYTES_MAX.
typedef void (*cvk_crumb_products)(
    const int8_t *query, const uint8_t *rows, size_t stride, size_t bytes, const uint32_t *positions, size_t count, int32_t *products);

/// Finds the smallest of `count` finite floats: all that are below a limit which leaves at least `wanted` (at most `count`) and seldom many more.
/// Writes their numbers, ascending, to `found`, which has room for `count`, and returns how many they are.
typedef size_t (*cvk_collect_smallest)(const float *values, size_t count, size_t wanted, uint32_t *found);

enum {
    /// Rows of 4-bit codes have a multiple of this many bytes.
    CVK_NIBBLE_BYTES = 32,
    /// Up to here no sum leaves 32 bits: 65,536 * 2 * 15 * 127 < 2^31.
    CVK_NIBBLE_BYTES_MAX = 65536,
    /// Rows of 2-bit codes have a multiple of this many bytes.
    CVK_CRUMB_BYTES = 16,
    /// As many dimensions.
    CVK_CRUMB_BYTES_MAX = 32768,
};

/// The FastScan kernels of one instruction set.
typedef struct {
    cvk_fastscan_make_table make_table;
    cvk_fastscan_sum sum;
    cvk_fastscan_select select;
    cvk_fastscan_select_ahead select_ahead;
    cvk_nibble_products nibble_products;
    cvk_crumb_products crumb_products;
    cvk_collect_smallest collect_smallest;
} cvk_fastscan_kernels;

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
