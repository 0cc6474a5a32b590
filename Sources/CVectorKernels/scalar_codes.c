// The specification of the code kernels, in the plainest C; shares nothing with the vector kernels.

#include "kernel_tables.h"

static int32_t inner_product(const int8_t *query, const int8_t *row, size_t stride) {
    int32_t sum = 0;
    for (size_t i = 0; i < stride; i++) {
        sum += (int32_t)query[i] * row[i];
    }
    return sum;
}

static void inner_product_rows(const int8_t *query, const int8_t *rows, size_t stride, size_t count, int32_t *results) {
    for (size_t i = 0; i < count; i++) {
        results[i] = inner_product(query, rows + i * stride, stride);
    }
}

static void inner_product_gathered_rows(
    const int8_t *query, const int8_t *base, size_t stride, const uint32_t *ordinals, size_t count, int32_t *results) {
    for (size_t i = 0; i < count; i++) {
        results[i] = inner_product(query, base + ordinals[i] * stride, stride);
    }
}

static int32_t query_offset(const int8_t *query, size_t stride) {
    (void)query, (void)stride;
    return 0;
}

static int32_t inner_product_row(const int8_t *query, int32_t offset, const int8_t *row, size_t stride) {
    return inner_product(query, row, stride) + offset;
}

const cvk_code_kernels cvk_scalar_code_kernels = {
    .query_offset = query_offset,
    .inner_product_row = inner_product_row,
    .inner_product_rows = inner_product_rows,
    .inner_product_gathered_rows = inner_product_gathered_rows,
};
