#ifndef C_VECTOR_KERNELS_H
#define C_VECTOR_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// Distance kernels for float32 vectors, one table of functions per instruction set.
//
// What every table promises:
//   1. A row may start at any multiple of 4 bytes, and have any dimension, 0 included (then every sum is 0).
//   2. Exactly `dimension` floats of a query and of a row are read, never one more, so a row may end at the end of a mapping.
//   3. The same inputs give the same bits in every form (one row, many rows, gathered rows) of one table, and on every run.
//      Different tables add in different orders and may differ in the last digits.
//   4. Error. With u = 2^-24, n the dimension and g = (n/16 + 10) * u, the result r~ of a sum r of n terms t_i satisfies
//      |r~ - r| <= g * sum|t_i| + n * 2^-149, as long as no partial sum overflows: every table keeps at least 16 partial sums and adds them as a
//      tree (Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., section 4.2). For squared L2 all terms are positive, so g
//      is a relative error: 2e-6 for 384 dimensions, 3e-4 for 65,535.
//   5. Overflow. Finite inputs give a squared L2 that is finite or +infinity, never NaN. An inner product whose products overflow with
//      both signs is NaN.
//
// No function allocates, blocks, or keeps a pointer.

#if defined(__clang__)
#define CVK_NULLABLE _Nullable
#pragma clang assume_nonnull begin
#else
#define CVK_NULLABLE
#endif

/// The instruction sets for which kernels are written.
typedef enum {
    CVK_SCALAR, ///< Plain C, on every CPU: the specification of the others.
    CVK_AVX2,   ///< x86-64 with AVX2 and FMA: 8 lanes.
    CVK_AVX512, ///< x86-64 with AVX-512 F, BW, VL and DQ: 16 lanes, masked remainders.
    CVK_NEON,   ///< aarch64: 4 lanes.
} cvk_instruction_set;

/// What a cosine distance needs to know of a row: its inner product with the query, and its own squared length.
typedef struct {
    float inner_product;
    float squared_norm;
} cvk_cosine_parts;

/// Compares two vectors of `dimension` floats.
typedef float (*cvk_pair)(const float *a, const float *b, size_t dimension);

/// Both parts of a cosine in one reading of the row.
typedef cvk_cosine_parts (*cvk_cosine_pair)(const float *query, const float *row, size_t dimension);

/// Compares a query with `count` rows; row i starts at `rows + i * stride` (in floats, `stride >= dimension`). Writes `count` floats to `results`.
typedef void (*cvk_rows)(const float *query, const float *rows, size_t stride, size_t count, size_t dimension, float *results);

/// Compares a query with the rows at `base + ordinals[i] * stride`. Ordinals may repeat and come in any order. Rows are prefetched while their
/// predecessors are summed. Writes `count` floats to `results`.
typedef void (*cvk_gathered_rows)(
    const float *query, const float *base, size_t stride, const uint32_t *ordinals, size_t count, size_t dimension, float *results);

/// The kernels of one instruction set.
typedef struct {
    cvk_pair squared_l2;
    cvk_pair inner_product;
    cvk_cosine_pair cosine_parts;
    cvk_rows squared_l2_rows;
    cvk_rows inner_product_rows;
    cvk_gathered_rows squared_l2_gathered_rows;
    cvk_gathered_rows inner_product_gathered_rows;
} cvk_kernels;

/// The kernels of a set, or NULL where they were not compiled (another architecture) or this CPU or its operating system lacks the
/// instructions. The table is constant and lives as long as the process.
const cvk_kernels *CVK_NULLABLE cvk_kernels_for(cvk_instruction_set set);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
