// The vector kernels, written once. A set's file describes its registers and includes this file last:
//
//   KERNEL_TARGET                 attribute that lets a function use the set's instructions (empty where the baseline has them)
//   KERNEL_TABLE                  name of the table to define
//   LANES                         floats in a register
//   SUMS                          registers summed into per row: enough independent chains to hide the latency of an FMA
//   ROWS                          gathered rows compared at once; ROWS * SUMS accumulators and the loads must fit the register file
//   vec                           the register's type
//   vec vec_zero(void)
//   vec vec_load(const float *)                 unaligned
//   vec vec_load_first(const float *, size_t n) the first n (1 ... LANES - 1) floats, zeros above; touches no other memory
//   vec vec_add(vec, vec), vec_subtract(vec, vec)
//   vec vec_multiply_add(vec a, vec b, vec sum) a * b + sum, rounded once
//   float vec_total(vec)                        sum of the lanes in a fixed order
//   void vec_store(float *, vec), vec_store_first(float *, vec, size_t n)   unaligned; the first n lanes
//
// Rows are floats unless the file also describes them:
//
//   ROW_ELEMENT                   uint16_t, the bits of a binary16: the table is then one of `cvk_float16_kernels`
//   vec row_load(const ROW_ELEMENT *)                 LANES numbers as floats; unaligned
//   vec row_load_first(const ROW_ELEMENT *, size_t n) the first n of them, zeros above; touches no other memory
//   void row_store(ROW_ELEMENT *, vec), row_store_first(ROW_ELEMENT *, vec, size_t n)   floats rounded to LANES or n numbers
//
// All forms of an operation go through `compare_rows`, so a row's result has the same bits whichever form computed it. Widening a binary16
// is exact, so its rows too give the bits that the same numbers would give as floats.

#if !defined(KERNEL_TARGET) || !defined(KERNEL_TABLE) || !defined(LANES) || !defined(SUMS) || !defined(ROWS)
#error "describe the instruction set before including this file"
#endif

#if !defined(ROW_ELEMENT)
#define FLOAT_ROWS
#define ROW_ELEMENT float
#define row_load vec_load
#define row_load_first vec_load_first
#endif

#define KERNEL KERNEL_TARGET static
#define KERNEL_INLINE KERNEL_TARGET static inline __attribute__((always_inline))

// Registers live in small arrays below; only when every loop over them is unrolled do they stay registers.
#if defined(__clang__)
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 16")
#endif

// How much of a row that is wanted next is asked for ahead: its first four cache lines, which also start the CPU's own prefetcher on the
// rest. Asking for all of it gained nothing from memory and cost a third when the rows were cached.
enum {
    BLOCK = LANES * SUMS,
    CACHE_LINE = 64 / sizeof(ROW_ELEMENT),
    PREFETCHED = 4 * CACHE_LINE,
};

typedef enum { SQUARED_L2, INNER_PRODUCT } operation;

KERNEL_INLINE vec add_terms(operation op, vec query, vec row, vec sum) {
    if (op == SQUARED_L2) {
        vec difference = vec_subtract(query, row);
        return vec_multiply_add(difference, difference, sum);
    }
    return vec_multiply_add(query, row, sum);
}

KERNEL_INLINE float total(const vec sums[SUMS]) {
    vec folded[SUMS];
    UNROLLED for (int s = 0; s < SUMS; s++) { folded[s] = sums[s]; }
    UNROLLED for (int half = SUMS / 2; half > 0; half /= 2) {
        UNROLLED for (int s = 0; s < half; s++) { folded[s] = vec_add(folded[s], folded[s + half]); }
    }
    return vec_total(folded[0]);
}

// Compares the query with `row_count` rows (1 or ROWS, a constant where it is called).
KERNEL_INLINE void compare_rows(
    operation op, int row_count, const float *query, const ROW_ELEMENT *const rows[ROWS], size_t dimension, float *results) {
    vec sums[ROWS][SUMS];
    UNROLLED for (int r = 0; r < row_count; r++) {
        UNROLLED for (int s = 0; s < SUMS; s++) { sums[r][s] = vec_zero(); }
    }
    size_t i = 0;
    for (; dimension - i >= BLOCK; i += BLOCK) {
        UNROLLED for (int s = 0; s < SUMS; s++) {
            vec part = vec_load(query + i + s * LANES);
            UNROLLED for (int r = 0; r < row_count; r++) {
                sums[r][s] = add_terms(op, part, row_load(rows[r] + i + s * LANES), sums[r][s]);
            }
        }
    }
    // Fewer than SUMS whole registers are left, and then perhaps a part of one: each goes into a sum of its own.
    UNROLLED for (int s = 0; s < SUMS; s++) {
        size_t left = dimension - i;
        if (left >= LANES) {
            vec part = vec_load(query + i);
            UNROLLED for (int r = 0; r < row_count; r++) { sums[r][s] = add_terms(op, part, row_load(rows[r] + i), sums[r][s]); }
            i += LANES;
        } else if (left > 0) {
            vec part = vec_load_first(query + i, left);
            UNROLLED for (int r = 0; r < row_count; r++) {
                sums[r][s] = add_terms(op, part, row_load_first(rows[r] + i, left), sums[r][s]);
            }
            i += left;
        }
    }
    UNROLLED for (int r = 0; r < row_count; r++) { results[r] = total(sums[r]); }
}

KERNEL_INLINE float compare_pair(operation op, const float *a, const ROW_ELEMENT *b, size_t dimension) {
    const ROW_ELEMENT *const rows[ROWS] = {b};
    float result;
    compare_rows(op, 1, a, rows, dimension, &result);
    return result;
}

// One row after the other: a scan in the order of memory is what the CPU's prefetcher follows best. Several rows at once, with or without
// prefetching, read memory at half the speed and gained a tenth from the second-level cache.
KERNEL_INLINE void compare_contiguous(
    operation op, const float *query, const ROW_ELEMENT *rows, size_t stride, size_t count, size_t dimension, float *results) {
    for (size_t i = 0; i < count; i++) {
        results[i] = compare_pair(op, query, rows + i * stride, dimension);
    }
}

KERNEL_INLINE void prefetch_start(const ROW_ELEMENT *row, size_t dimension) {
    size_t wanted = dimension < PREFETCHED ? dimension : PREFETCHED;
    for (size_t i = 0; i < wanted; i += CACHE_LINE) {
        __builtin_prefetch(row + i);
    }
}

// Rows from anywhere miss the cache: reading several at once, and asking for the next group before, keeps many misses in flight.
KERNEL_INLINE void compare_gathered(
    operation op, const float *query, const ROW_ELEMENT *base, size_t stride, const uint32_t *ordinals, size_t count, size_t dimension,
    float *results) {
    size_t i = 0;
    for (; count - i >= ROWS; i += ROWS) {
        const ROW_ELEMENT *group[ROWS];
        UNROLLED for (int r = 0; r < ROWS; r++) { group[r] = base + ordinals[i + r] * stride; }
        for (size_t next = i + ROWS; next < i + 2 * ROWS && next < count; next++) {
            prefetch_start(base + ordinals[next] * stride, dimension);
        }
        compare_rows(op, ROWS, query, group, dimension, results + i);
    }
    for (; i < count; i++) {
        results[i] = compare_pair(op, query, base + ordinals[i] * stride, dimension);
    }
}

KERNEL void squared_l2_rows(const float *query, const ROW_ELEMENT *rows, size_t stride, size_t count, size_t dimension, float *results) {
    compare_contiguous(SQUARED_L2, query, rows, stride, count, dimension, results);
}

KERNEL void inner_product_rows(const float *query, const ROW_ELEMENT *rows, size_t stride, size_t count, size_t dimension, float *results) {
    compare_contiguous(INNER_PRODUCT, query, rows, stride, count, dimension, results);
}

KERNEL void squared_l2_gathered_rows(
    const float *query, const ROW_ELEMENT *base, size_t stride, const uint32_t *ordinals, size_t count, size_t dimension, float *results) {
    compare_gathered(SQUARED_L2, query, base, stride, ordinals, count, dimension, results);
}

KERNEL void inner_product_gathered_rows(
    const float *query, const ROW_ELEMENT *base, size_t stride, const uint32_t *ordinals, size_t count, size_t dimension, float *results) {
    compare_gathered(INNER_PRODUCT, query, base, stride, ordinals, count, dimension, results);
}

#if defined(FLOAT_ROWS)

#include <string.h>

#include "double_sums.h"

KERNEL float squared_l2(const float *a, const float *b, size_t dimension) {
    return compare_pair(SQUARED_L2, a, b, dimension);
}

KERNEL float inner_product(const float *a, const float *b, size_t dimension) {
    return compare_pair(INNER_PRODUCT, a, b, dimension);
}

// One reading of the row gives both sums, each with the bits that `inner_product` would give.
KERNEL cvk_cosine_parts cosine_parts(const float *query, const float *row, size_t dimension) {
    vec products[SUMS], squares[SUMS];
    UNROLLED for (int s = 0; s < SUMS; s++) { products[s] = squares[s] = vec_zero(); }
    size_t i = 0;
    for (; dimension - i >= BLOCK; i += BLOCK) {
        UNROLLED for (int s = 0; s < SUMS; s++) {
            vec part = vec_load(row + i + s * LANES);
            products[s] = vec_multiply_add(vec_load(query + i + s * LANES), part, products[s]);
            squares[s] = vec_multiply_add(part, part, squares[s]);
        }
    }
    UNROLLED for (int s = 0; s < SUMS; s++) {
        size_t left = dimension - i < LANES ? dimension - i : LANES;
        if (left > 0) {
            vec part = left == LANES ? vec_load(row + i) : vec_load_first(row + i, left);
            vec query_part = left == LANES ? vec_load(query + i) : vec_load_first(query + i, left);
            products[s] = vec_multiply_add(query_part, part, products[s]);
            squares[s] = vec_multiply_add(part, part, squares[s]);
            i += left;
        }
    }
    return (cvk_cosine_parts){total(products), total(squares)};
}

const cvk_kernels KERNEL_TABLE = {
    .squared_l2 = squared_l2,
    .inner_product = inner_product,
    .cosine_parts = cosine_parts,
    .double_squared_l2 = double_squared_l2,
    .double_parts = double_parts,
    .squared_l2_rows = squared_l2_rows,
    .inner_product_rows = inner_product_rows,
    .squared_l2_gathered_rows = squared_l2_gathered_rows,
    .inner_product_gathered_rows = inner_product_gathered_rows,
};

#else

KERNEL void widen(const ROW_ELEMENT *from, size_t count, float *to) {
    size_t i = 0;
    for (; count - i >= LANES; i += LANES) { vec_store(to + i, row_load(from + i)); }
    if (i < count) { vec_store_first(to + i, row_load_first(from + i, count - i), count - i); }
}

KERNEL void narrow(const float *from, size_t count, ROW_ELEMENT *to) {
    size_t i = 0;
    for (; count - i >= LANES; i += LANES) { row_store(to + i, vec_load(from + i)); }
    if (i < count) { row_store_first(to + i, vec_load_first(from + i, count - i), count - i); }
}

const cvk_float16_kernels KERNEL_TABLE = {
    .squared_l2_rows = squared_l2_rows,
    .inner_product_rows = inner_product_rows,
    .squared_l2_gathered_rows = squared_l2_gathered_rows,
    .inner_product_gathered_rows = inner_product_gathered_rows,
    .widen = widen,
    .narrow = narrow,
};

#endif
