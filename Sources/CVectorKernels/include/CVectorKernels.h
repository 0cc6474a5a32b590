#ifndef C_VECTOR_KERNELS_H
#define C_VECTOR_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "fastscan.h"
#include "prefetch.h"
#include "rotation.h"
#include "float16.h"
#include "screen.h"

// Distance kernels, one table of functions per instruction set: for float32 vectors, and for vectors quantised to 8-bit codes.
//
// What every table of float kernels promises:
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
// What every table of code kernels promises:
//   1. A row may start at any byte. `stride` is a multiple of CVK_CODE_ALIGNMENT, and exactly `stride` codes of a query and of a row are read.
//   2. Results are exact, so they are the same in every table and form: the codes of the query are -127 ... 127, those of rows -128 ... 127,
//      and `stride` is at most CVK_CODE_STRIDE_MAX.
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
    CVK_AVX512, ///< x86-64 with AVX-512 F, BW, VL and DQ: 16 lanes, masked remainders. Codes use VNNI where there is VNNI.
    CVK_NEON,   ///< aarch64: 4 lanes.
} cvk_instruction_set;

/// What a cosine distance needs to know of a row: its inner product with the query, and its own squared length.
typedef struct {
    float inner_product;
    float squared_norm;
} cvk_cosine_parts;

/// The same in double precision.
typedef struct {
    double inner_product;
    double squared_norm;
} cvk_double_parts;

/// Compares two vectors of `dimension` floats.
typedef float (*cvk_pair)(const float *a, const float *b, size_t dimension);

/// Both parts of a cosine in one reading of the row.
typedef cvk_cosine_parts (*cvk_cosine_pair)(const float *query, const float *row, size_t dimension);

/// As the two before, in double precision: the same bits in every table.
typedef double (*cvk_double_pair)(const float *a, const float *b, size_t dimension);
typedef cvk_double_parts (*cvk_double_cosine_pair)(const float *query, const float *row, size_t dimension);

/// Compares a query with `count` rows; row i starts at `rows + i * stride` (in floats, `stride >= dimension`). Writes `count` floats to `results`.
typedef void (*cvk_rows)(const float *query, const float *rows, size_t stride, size_t count, size_t dimension, float *results);

/// Compares a query with the rows at `base + ordinals[i] * stride`. Ordinals may repeat and come in any order. Rows are prefetched while their
/// predecessors are summed. Writes `count` floats to `results`.
typedef void (*cvk_gathered_rows)(
    const float *query, const float *base, size_t stride, const uint32_t *ordinals, size_t count, size_t dimension, float *results);

/// The float kernels of one instruction set.
typedef struct {
    cvk_pair squared_l2;
    cvk_pair inner_product;
    cvk_cosine_pair cosine_parts;
    cvk_double_pair double_squared_l2;
    cvk_double_cosine_pair double_parts;
    cvk_rows squared_l2_rows;
    cvk_rows inner_product_rows;
    cvk_gathered_rows squared_l2_gathered_rows;
    cvk_gathered_rows inner_product_gathered_rows;
} cvk_kernels;

/// The float kernels of a set, or NULL where they were not compiled (another architecture) or this CPU or its operating system lacks the
/// instructions. The table is constant and lives as long as the process.
const cvk_kernels *CVK_NULLABLE cvk_kernels_for(cvk_instruction_set set);

enum {
    /// Rows of codes have a multiple of this many; what is behind a vector's dimension is zero and adds nothing.
    CVK_CODE_ALIGNMENT = 64,
    /// Up to here no sum leaves 32 bits: 65,536 * 127 * 255 < 2^31.
    CVK_CODE_STRIDE_MAX = 65536,
};

/// Inner products of a query with `count` rows of codes; row i starts at `rows + i * stride`. Writes `count` integers to `results`.
typedef void (*cvk_code_rows)(const int8_t *query, const int8_t *rows, size_t stride, size_t count, int32_t *results);

/// Inner products of a query with the rows of codes at `base + ordinals[i] * stride`. Ordinals may repeat and come in any order. Rows are
/// prefetched while their predecessors are summed. Writes `count` integers to `results`.
typedef void (*cvk_gathered_code_rows)(
    const int8_t *query, const int8_t *base, size_t stride, const uint32_t *ordinals, size_t count, int32_t *results);

/// What `cvk_code_row` has to be given with a query of `stride` codes. Differs from table to table.
typedef int32_t (*cvk_query_offset)(const int8_t *query, size_t stride);

/// The inner product of a query, whose offset was computed once, with one row of codes.
typedef int32_t (*cvk_code_row)(const int8_t *query, int32_t offset, const int8_t *row, size_t stride);

/// The code kernels of one instruction set.
typedef struct {
    cvk_query_offset query_offset;
    cvk_code_row inner_product_row;
    cvk_code_rows inner_product_rows;
    cvk_gathered_code_rows inner_product_gathered_rows;
} cvk_code_kernels;

/// The code kernels of a set: NULL where `cvk_kernels_for` gives NULL. Within CVK_AVX512 a CPU with VNNI gets kernels of its own, one without
/// those of AVX2. The table is constant and lives as long as the process.
const cvk_code_kernels *CVK_NULLABLE cvk_code_kernels_for(cvk_instruction_set set);

/// The FastScan kernels of a set: NULL where `cvk_kernels_for` gives NULL. Within CVK_AVX512 a CPU without VBMI or VNNI gets those of AVX2. The
/// table is constant and lives as long as the process.
const cvk_fastscan_kernels *CVK_NULLABLE cvk_fastscan_kernels_for(cvk_instruction_set set);

/// The binary16 kernels of a set: NULL where `cvk_kernels_for` gives NULL. Within CVK_AVX2 a CPU without F16C gets those of CVK_SCALAR. The table
/// is constant and lives as long as the process.
const cvk_float16_kernels *CVK_NULLABLE cvk_float16_kernels_for(cvk_instruction_set set);

/// The screening kernels of a set: NULL where `cvk_kernels_for` gives NULL. Within CVK_AVX512 a CPU without VNNI gets those of AVX2. The table is
/// constant and lives as long as the process.
const cvk_screen_kernels *CVK_NULLABLE cvk_screen_kernels_for(cvk_instruction_set set);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
