// The specification of the screening kernels, in the plainest C; shares nothing with the vector kernels.

#include "screen_tables.h"

static void pack(const int8_t *base, size_t stride, const uint32_t *ordinals, size_t count, size_t steps, int8_t *tile) {
    for (size_t step = 0; step < steps; step++) {
        for (size_t row = 0; row < count; row++) {
            for (size_t code = 0; code < CVK_SCREEN_STEP; code++) {
                tile[(step * CVK_SCREEN_ROWS + row) * CVK_SCREEN_STEP + code] = base[ordinals[row] * stride + step * CVK_SCREEN_STEP + code];
            }
        }
    }
}

static int32_t inner_product(const int8_t *query, const int8_t *tile, size_t row, size_t steps) {
    int32_t sum = 0;
    for (size_t step = 0; step < steps; step++) {
        for (size_t code = 0; code < CVK_SCREEN_STEP; code++) {
            sum += (int32_t)query[step * CVK_SCREEN_STEP + code] * tile[(step * CVK_SCREEN_ROWS + row) * CVK_SCREEN_STEP + code];
        }
    }
    return sum;
}

static void screen(
    const int8_t *queries, size_t stride, const cvk_screen_query *terms, size_t count, const int8_t *tile, const cvk_screen_rows *rows,
    size_t steps, int squared, uint64_t *masks) {
    for (size_t i = 0; i < count; i++) {
        masks[i] = 0;
        for (size_t row = 0; row < CVK_SCREEN_ROWS; row++) {
            float product = terms[i].weight * (float)inner_product(queries + i * stride, tile, row, steps);
            float x = terms[i].base + terms[i].norm_weight * rows->norm[row] - rows->scale[row] * product;
            float y = terms[i].reach + terms[i].spread * rows->error[row];
            if (!(x > (squared ? y * y : y))) { masks[i] |= (uint64_t)1 << row; }
        }
    }
}

const cvk_screen_kernels cvk_scalar_screen_kernels = {.pack = pack, .screen = screen};
