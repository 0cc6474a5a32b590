// The specification: what each kernel computes, in the plainest C. Nothing here is shared with the vector kernels, so that a mistake
// in their template cannot hide in both. It is also what a CPU without vector instructions of ours runs.

#include "kernel_tables.h"

// Independent sums keep the rounding error low and let a compiler use what vector instructions its baseline has.
enum { PARTIAL_SUMS = 16 };

// Kept out of line: where it is inlined, clang arranges the sums for the tree and shuffles them in every step of the loop, at half the speed.
static __attribute__((noinline)) float sum_as_tree(float sums[PARTIAL_SUMS]) {
    for (size_t half = PARTIAL_SUMS / 2; half > 0; half /= 2) {
        for (size_t i = 0; i < half; i++) {
            sums[i] += sums[i + half];
        }
    }
    return sums[0];
}

static float squared_l2(const float *a, const float *b, size_t dimension) {
    float sums[PARTIAL_SUMS] = {0};
    size_t i = 0;
    for (; dimension - i >= PARTIAL_SUMS; i += PARTIAL_SUMS) {
        for (size_t lane = 0; lane < PARTIAL_SUMS; lane++) {
            float difference = a[i + lane] - b[i + lane];
            sums[lane] += difference * difference;
        }
    }
    for (size_t lane = 0; i < dimension; i++, lane++) {
        float difference = a[i] - b[i];
        sums[lane] += difference * difference;
    }
    return sum_as_tree(sums);
}

static float inner_product(const float *a, const float *b, size_t dimension) {
    float sums[PARTIAL_SUMS] = {0};
    size_t i = 0;
    for (; dimension - i >= PARTIAL_SUMS; i += PARTIAL_SUMS) {
        for (size_t lane = 0; lane < PARTIAL_SUMS; lane++) {
            sums[lane] += a[i + lane] * b[i + lane];
        }
    }
    for (size_t lane = 0; i < dimension; i++, lane++) {
        sums[lane] += a[i] * b[i];
    }
    return sum_as_tree(sums);
}

static cvk_cosine_parts cosine_parts(const float *query, const float *row, size_t dimension) {
    return (cvk_cosine_parts){inner_product(query, row, dimension), inner_product(row, row, dimension)};
}

// As `sum_as_tree`, in double precision.
static double double_sum_as_tree(double sums[PARTIAL_SUMS]) {
    for (size_t half = PARTIAL_SUMS / 2; half > 0; half /= 2) {
        for (size_t i = 0; i < half; i++) { sums[i] += sums[i + half]; }
    }
    return sums[0];
}

static double double_squared_l2(const float *a, const float *b, size_t dimension) {
#if defined(__clang__)
#pragma clang fp contract(off)
#endif
    double sums[PARTIAL_SUMS] = {0};
    for (size_t i = 0; i < dimension; i++) {
        double difference = (double)a[i] - (double)b[i];
        double square = difference * difference;
        sums[i % PARTIAL_SUMS] += square;
    }
    return double_sum_as_tree(sums);
}

static cvk_double_parts double_parts(const float *query, const float *row, size_t dimension) {
    double products[PARTIAL_SUMS] = {0}, squares[PARTIAL_SUMS] = {0};
    for (size_t i = 0; i < dimension; i++) { // Products of floats are exact here, fused or not.
        products[i % PARTIAL_SUMS] += (double)query[i] * (double)row[i];
        squares[i % PARTIAL_SUMS] += (double)row[i] * (double)row[i];
    }
    return (cvk_double_parts){double_sum_as_tree(products), double_sum_as_tree(squares)};
}

static void squared_l2_rows(const float *query, const float *rows, size_t stride, size_t count, size_t dimension, float *results) {
    for (size_t i = 0; i < count; i++) {
        results[i] = squared_l2(query, rows + i * stride, dimension);
    }
}

static void inner_product_rows(const float *query, const float *rows, size_t stride, size_t count, size_t dimension, float *results) {
    for (size_t i = 0; i < count; i++) {
        results[i] = inner_product(query, rows + i * stride, dimension);
    }
}

static void squared_l2_gathered_rows(
    const float *query, const float *base, size_t stride, const uint32_t *ordinals, size_t count, size_t dimension, float *results) {
    for (size_t i = 0; i < count; i++) {
        results[i] = squared_l2(query, base + ordinals[i] * stride, dimension);
    }
}

static void inner_product_gathered_rows(
    const float *query, const float *base, size_t stride, const uint32_t *ordinals, size_t count, size_t dimension, float *results) {
    for (size_t i = 0; i < count; i++) {
        results[i] = inner_product(query, base + ordinals[i] * stride, dimension);
    }
}

const cvk_kernels cvk_scalar_kernels = {
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
