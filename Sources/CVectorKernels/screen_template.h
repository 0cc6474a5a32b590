// The screening kernels, written once. A set's file describes its registers and includes this file last:
//
//   SCREEN_TARGET                attribute that lets a function use the set's instructions (empty where the baseline has them)
//   SCREEN_TABLE                 name of the table to define
//   SCREEN_OFFSET                what packed codes are exclusive-ored with: 0x80 where instructions want them unsigned, else 0
//   SCREEN_LANES                 rows in a register of packed codes, sums or floats
//   SCREEN_REGISTERS             such registers that are worked on at once; SCREEN_LANES * SCREEN_REGISTERS divides CVK_SCREEN_ROWS
//   SCREEN_QUERIES               queries worked on at once; SCREEN_REGISTERS * SCREEN_QUERIES sums must fit the register file
//   packed                       a step of SCREEN_LANES rows
//   packed packed_load(const int8_t *), packed_broadcast(const int8_t *)   aligned; one step of a query, for every lane
//   sums                         what products are added to
//   sums sums_start(int32_t code_sum)                  no products yet; `code_sum` is that of the query's codes
//   sums sums_multiply_add(packed query, packed rows, sums)
//   lanes                        SCREEN_LANES floats
//   lanes sums_floats(sums)      the inner products, rounded to nearest
//   lanes lanes_load(const float *), lanes_set(float)
//   lanes lanes_multiply(lanes, lanes)
//   lanes lanes_multiply_add(lanes a, lanes b, lanes c), lanes_subtract_product(lanes a, lanes b, lanes c)    c + a * b and c - a * b
//   uint64_t lanes_not_greater(lanes, lanes)           bit per lane; set where one side is NaN

#if !defined(SCREEN_TARGET) || !defined(SCREEN_TABLE) || !defined(SCREEN_LANES) || !defined(SCREEN_REGISTERS) || !defined(SCREEN_QUERIES)
#error "describe the instruction set before including this file"
#endif

#include <string.h>

#if defined(__clang__)
#define SCREEN_UNROLLED _Pragma("clang loop unroll(full)")
#else
#define SCREEN_UNROLLED _Pragma("GCC unroll 16")
#endif

typedef uint32_t four_steps __attribute__((vector_size(16)));

SCREEN_INLINE four_steps four_load(const int8_t *from) {
    four_steps steps;
    memcpy(&steps, from, sizeof steps);
    return steps ^ (SCREEN_OFFSET * 0x01010101u);
}

SCREEN_INLINE void four_store(int8_t *to, four_steps steps) { memcpy(to, &steps, sizeof steps); }

// Four steps of four rows, turned over: one store for each step. Every architecture's baseline has registers of four integers.
SCREEN_INLINE void pack_four_rows(const int8_t *const rows[4], size_t steps, int8_t *tile) {
    for (size_t step = 0; step + 4 <= steps; step += 4) {
        four_steps a = four_load(rows[0] + step * CVK_SCREEN_STEP), b = four_load(rows[1] + step * CVK_SCREEN_STEP);
        four_steps c = four_load(rows[2] + step * CVK_SCREEN_STEP), d = four_load(rows[3] + step * CVK_SCREEN_STEP);
        four_steps ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
        four_steps cd = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
        int8_t *to = tile + step * CVK_SCREEN_STEP_BYTES;
        four_store(to, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
        four_store(to + CVK_SCREEN_STEP_BYTES, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
        four_store(to + 2 * CVK_SCREEN_STEP_BYTES, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
        four_store(to + 3 * CVK_SCREEN_STEP_BYTES, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
    }
}

SCREEN_INLINE void pack_steps(const int8_t *row, size_t from, size_t steps, int8_t *tile) {
    for (size_t step = from; step < steps; step++) {
        uint32_t codes;
        memcpy(&codes, row + step * CVK_SCREEN_STEP, sizeof codes);
        codes ^= SCREEN_OFFSET * 0x01010101u;
        memcpy(tile + step * CVK_SCREEN_STEP_BYTES, &codes, sizeof codes);
    }
}

SCREEN_TARGET static void pack(const int8_t *base, size_t stride, const uint32_t *ordinals, size_t count, size_t steps, int8_t *tile) {
    size_t row = 0;
    for (; count - row >= 4; row += 4) {
        const int8_t *rows[4];
        for (size_t i = 0; i < 4; i++) { rows[i] = base + ordinals[row + i] * stride; }
        pack_four_rows(rows, steps, tile + row * CVK_SCREEN_STEP);
        for (size_t i = 0; i < 4; i++) { pack_steps(rows[i], steps - steps % 4, steps, tile + (row + i) * CVK_SCREEN_STEP); }
    }
    for (; row < count; row++) { pack_steps(base + ordinals[row] * stride, 0, steps, tile + row * CVK_SCREEN_STEP); }
}

SCREEN_INLINE uint64_t near_enough(sums sum, const cvk_screen_query *query, const cvk_screen_rows *rows, size_t row, int squared) {
    lanes product = lanes_multiply(lanes_set(query->weight), sums_floats(sum));
    lanes x = lanes_multiply_add(lanes_set(query->norm_weight), lanes_load(rows->norm + row), lanes_set(query->base));
    x = lanes_subtract_product(lanes_load(rows->scale + row), product, x);
    lanes y = lanes_multiply_add(lanes_set(query->spread), lanes_load(rows->error + row), lanes_set(query->reach));
    return lanes_not_greater(x, squared ? lanes_multiply(y, y) : y);
}

// Screens `query_count` queries (1 or SCREEN_QUERIES, a constant where it is called).
SCREEN_INLINE void screen_some(
    int query_count, const int8_t *queries, size_t stride, const cvk_screen_query *terms, const int8_t *tile, const cvk_screen_rows *rows,
    size_t steps, int squared, uint64_t *masks) {
    uint64_t found[SCREEN_QUERIES] = {0};
    for (size_t row = 0; row < CVK_SCREEN_ROWS; row += SCREEN_LANES * SCREEN_REGISTERS) {
        sums sum[SCREEN_QUERIES][SCREEN_REGISTERS];
        SCREEN_UNROLLED for (int q = 0; q < query_count; q++) {
            SCREEN_UNROLLED for (int r = 0; r < SCREEN_REGISTERS; r++) { sum[q][r] = sums_start(terms[q].code_sum); }
        }
        const int8_t *from = tile + row * CVK_SCREEN_STEP;
        for (size_t step = 0; step < steps; step++, from += CVK_SCREEN_STEP_BYTES) {
            packed part[SCREEN_REGISTERS];
            SCREEN_UNROLLED for (int r = 0; r < SCREEN_REGISTERS; r++) { part[r] = packed_load(from + r * SCREEN_LANES * CVK_SCREEN_STEP); }
            SCREEN_UNROLLED for (int q = 0; q < query_count; q++) {
                packed query = packed_broadcast(queries + (size_t)q * stride + step * CVK_SCREEN_STEP);
                SCREEN_UNROLLED for (int r = 0; r < SCREEN_REGISTERS; r++) { sum[q][r] = sums_multiply_add(query, part[r], sum[q][r]); }
            }
        }
        SCREEN_UNROLLED for (int q = 0; q < query_count; q++) {
            SCREEN_UNROLLED for (int r = 0; r < SCREEN_REGISTERS; r++) {
                size_t first = row + (size_t)r * SCREEN_LANES;
                found[q] |= near_enough(sum[q][r], terms + q, rows, first, squared) << first;
            }
        }
    }
    SCREEN_UNROLLED for (int q = 0; q < query_count; q++) { masks[q] = found[q]; }
}

SCREEN_INLINE void screen_all(
    const int8_t *queries, size_t stride, const cvk_screen_query *terms, size_t count, const int8_t *tile, const cvk_screen_rows *rows,
    size_t steps, int squared, uint64_t *masks) {
    size_t i = 0;
    for (; count - i >= SCREEN_QUERIES; i += SCREEN_QUERIES) {
        screen_some(SCREEN_QUERIES, queries + i * stride, stride, terms + i, tile, rows, steps, squared, masks + i);
    }
    for (; i < count; i++) { screen_some(1, queries + i * stride, stride, terms + i, tile, rows, steps, squared, masks + i); }
}

SCREEN_TARGET static void screen(
    const int8_t *queries, size_t stride, const cvk_screen_query *terms, size_t count, const int8_t *tile, const cvk_screen_rows *rows,
    size_t steps, int squared, uint64_t *masks) {
    if (squared) {
        screen_all(queries, stride, terms, count, tile, rows, steps, 1, masks);
    } else {
        screen_all(queries, stride, terms, count, tile, rows, steps, 0, masks);
    }
}

const cvk_screen_kernels SCREEN_TABLE = {.pack = pack, .screen = screen};
