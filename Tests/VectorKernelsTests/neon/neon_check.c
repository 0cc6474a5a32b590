// Compares the NEON kernels with sums in double precision, and those of 8-bit codes with integer sums, for `tools/test-neon`, which runs it
// in an emulator where there is no Swift. The inputs are those of the Swift suites: every remainder, unaligned rows, zeros, denormals, huge values,
// overflow, rows at the end of a mapping.

#define _GNU_SOURCE

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "CVectorKernels.h"

enum { DIMENSION_MAX = 3072, ROW_COUNT = 7, PADDING = 3, STRIDE_MAX = DIMENSION_MAX + PADDING };

static uint64_t seed;
static uint64_t random_state;
static unsigned long checks;
static float query_memory[DIMENSION_MAX + 4];
static float row_memory[ROW_COUNT * STRIDE_MAX + 4];

// SplitMix64.
static uint64_t next_random(void) {
    uint64_t z = random_state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static float uniform(float magnitude) {
    return (float)((double)(next_random() >> 11) * 0x1p-52 - 1) * magnitude;
}

static float ordinary(void) { return uniform(1); }
static float wide(void) { return ldexpf(uniform(1), (int)(next_random() % 80) - 40); }
static float zero(void) { return 0; }
static float tiny(void) { return uniform(0x1p-66f); }
static float denormal(void) { return ldexpf((float)(1 + next_random() % 0x7FFFFF), -149); }
static float huge(void) { return uniform(1e18f); }

static void fail(const char *what, size_t dimension, size_t row, double expected, double found) {
    printf("neon: FAILED: %s, dimension %zu, row %zu: expected %.9g, found %.9g; replay with seed %llu\n", what, dimension, row, expected, found,
           (unsigned long long)seed);
    exit(1);
}

// The bound that CVectorKernels.h documents.
static void check_sum(const char *what, size_t dimension, size_t row, double sum, double magnitude, float found) {
    double tolerance = ((double)dimension / 16 + 10) * 0x1p-24 * magnitude + (double)dimension * 0x1p-149;
    checks++;
    if (!(fabs(found - sum) <= tolerance)) { fail(what, dimension, row, sum, found); }
}

static void check_same(const char *what, size_t dimension, size_t row, float expected, float found) {
    checks++;
    if (memcmp(&expected, &found, sizeof found) != 0) { fail(what, dimension, row, expected, found); }
}

static void check_pair(const cvk_kernels *kernels, const float *query, const float *row, size_t dimension, size_t index) {
    double distance = 0, product = 0, product_magnitude = 0, norm = 0;
    for (size_t i = 0; i < dimension; i++) {
        double difference = (double)query[i] - row[i], term = (double)query[i] * row[i];
        distance += difference * difference;
        product += term;
        product_magnitude += fabs(term);
        norm += (double)row[i] * row[i];
    }
    cvk_cosine_parts parts = kernels->cosine_parts(query, row, dimension);
    float inner_product = kernels->inner_product(query, row, dimension);
    check_sum("squared L2", dimension, index, distance, distance, kernels->squared_l2(query, row, dimension));
    check_sum("inner product", dimension, index, product, product_magnitude, inner_product);
    check_sum("squared norm", dimension, index, norm, norm, parts.squared_norm);
    check_same("cosine's inner product", dimension, index, inner_product, parts.inner_product);
}

// All forms at one dimension; floats that belong to no vector are NaN, so that reading one shows.
static void check_forms(const cvk_kernels *kernels, size_t dimension, size_t offset, float (*element)(void)) {
    for (size_t i = 0; i < sizeof query_memory / sizeof *query_memory; i++) { query_memory[i] = NAN; }
    for (size_t i = 0; i < sizeof row_memory / sizeof *row_memory; i++) { row_memory[i] = NAN; }
    size_t stride = dimension + offset % (PADDING + 1);
    float *query = query_memory + offset, *rows = row_memory + offset;
    for (size_t i = 0; i < dimension; i++) { query[i] = element(); }
    uint32_t ordinals[ROW_COUNT];
    for (size_t r = 0; r < ROW_COUNT; r++) {
        ordinals[r] = (uint32_t)(next_random() % ROW_COUNT);
        for (size_t i = 0; i < dimension; i++) { rows[r * stride + i] = element(); }
    }
    float l2[ROW_COUNT], products[ROW_COUNT], gathered_l2[ROW_COUNT], gathered_products[ROW_COUNT];
    kernels->squared_l2_rows(query, rows, stride, ROW_COUNT, dimension, l2);
    kernels->inner_product_rows(query, rows, stride, ROW_COUNT, dimension, products);
    kernels->squared_l2_gathered_rows(query, rows, stride, ordinals, ROW_COUNT, dimension, gathered_l2);
    kernels->inner_product_gathered_rows(query, rows, stride, ordinals, ROW_COUNT, dimension, gathered_products);
    for (size_t r = 0; r < ROW_COUNT; r++) {
        const float *row = rows + r * stride;
        check_pair(kernels, query, row, dimension, r);
        check_same("squared L2 of rows", dimension, r, kernels->squared_l2(query, row, dimension), l2[r]);
        check_same("inner product of rows", dimension, r, kernels->inner_product(query, row, dimension), products[r]);
        check_same("squared L2 of gathered rows", dimension, r, l2[ordinals[r]], gathered_l2[r]);
        check_same("inner product of gathered rows", dimension, r, products[ordinals[r]], gathered_products[r]);
    }
}

static void check_overflow(const cvk_kernels *kernels, size_t dimension) {
    for (size_t i = 0; i < dimension; i++) {
        query_memory[i] = i % 2 ? 1e30f : -1e30f;
        row_memory[i] = -query_memory[i];
    }
    check_same("overflow of squared L2", dimension, 0, INFINITY, kernels->squared_l2(query_memory, row_memory, dimension));
    check_same("overflow of inner product", dimension, 0, -INFINITY, kernels->inner_product(query_memory, row_memory, dimension));
}

static void check_dimension(const cvk_kernels *kernels, size_t dimension) {
    for (size_t offset = 0; offset < 4; offset++) { check_forms(kernels, dimension, offset, ordinary); }
    check_forms(kernels, dimension, 1, wide);
    check_forms(kernels, dimension, 0, zero);
    check_forms(kernels, dimension, 2, tiny);
    // 80 differences of up to 2e18 square to less than the largest float.
    if (dimension <= 80) { check_forms(kernels, dimension, 3, huge); }
    check_overflow(kernels, dimension);
    for (size_t i = 0; i < dimension; i++) {
        query_memory[i] = 0x1p50f;
        row_memory[i] = denormal();
    }
    check_pair(kernels, query_memory, row_memory, dimension, 0);
}

static int8_t code_query_memory[CVK_CODE_STRIDE_MAX + 1];
static int8_t code_row_memory[ROW_COUNT * CVK_CODE_STRIDE_MAX + 1];

static int8_t any_code(void) { return (int8_t)(next_random() % 256); }
static int8_t lowest_code(void) { return -128; }
static int8_t highest_code(void) { return 127; }

// Both forms against plain sums; codes that belong to no row are what they please.
static void check_codes(const cvk_code_kernels *kernels, size_t stride, size_t offset, int8_t (*query_code)(void), int8_t (*row_code)(void)) {
    int8_t *query = code_query_memory + offset, *rows = code_row_memory + offset;
    for (size_t i = 0; i < stride; i++) {
        query[i] = query_code();
        if (query[i] == -128) { query[i] = -127; }
    }
    for (size_t i = 0; i < ROW_COUNT * stride; i++) { rows[i] = row_code(); }
    uint32_t ordinals[ROW_COUNT];
    for (size_t r = 0; r < ROW_COUNT; r++) { ordinals[r] = (uint32_t)(next_random() % ROW_COUNT); }
    for (size_t count = 0; count <= ROW_COUNT; count++) {
        int32_t found[ROW_COUNT + 1], gathered[ROW_COUNT + 1];
        found[count] = gathered[count] = -7;
        kernels->inner_product_rows(query, rows, stride, count, found);
        kernels->inner_product_gathered_rows(query, rows, stride, ordinals, count, gathered);
        for (size_t r = 0; r < count; r++) {
            int64_t expected = 0, expected_gathered = 0;
            for (size_t i = 0; i < stride; i++) {
                expected += query[i] * rows[r * stride + i];
                expected_gathered += query[i] * rows[ordinals[r] * stride + i];
            }
            checks += 2;
            if (found[r] != expected) { fail("codes of rows", stride, r, (double)expected, found[r]); }
            if (gathered[r] != expected_gathered) { fail("codes of gathered rows", stride, r, (double)expected_gathered, gathered[r]); }
        }
        if (found[count] != -7 || gathered[count] != -7) { fail("past the last result of codes", stride, count, -7, found[count]); }
    }
}

static void check_all_codes(const cvk_code_kernels *kernels) {
    static const size_t strides[] = {0, 64, 128, 192, 384, 448, 1536, 3072, CVK_CODE_STRIDE_MAX};
    for (size_t i = 0; i < sizeof strides / sizeof *strides; i++) {
        check_codes(kernels, strides[i], 0, any_code, any_code);
        check_codes(kernels, strides[i], 1, any_code, any_code);
        check_codes(kernels, strides[i], 0, lowest_code, lowest_code);
        check_codes(kernels, strides[i], 0, lowest_code, highest_code);
        check_codes(kernels, strides[i], 0, highest_code, lowest_code);
        check_codes(kernels, strides[i], 0, highest_code, highest_code);
    }
}

static void check_end_of_mapping(const cvk_kernels *kernels, const cvk_code_kernels *code_kernels) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), usable = 4 * page;
    char *memory = mmap(NULL, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory + usable, page, PROT_NONE) != 0) {
        perror("neon: FAILED: no guarded page");
        exit(1);
    }
    const float *end = (const float *)(memory + usable);
    for (size_t dimension = 1; dimension <= 300; dimension++) {
        check_pair(kernels, end - dimension, end - dimension, dimension, 0);
    }
    for (size_t stride = CVK_CODE_ALIGNMENT; stride <= 1024; stride += CVK_CODE_ALIGNMENT) {
        const int8_t *row = (const int8_t *)end - stride;
        int32_t result;
        code_kernels->inner_product_rows(row, row, stride, 1, &result);
        checks++;
    }
}

// Conversions against the specification; distances bit for bit against those of the same numbers as floats.
static void check_float16(const cvk_float16_kernels *kernels, const cvk_float16_kernels *specification, const cvk_kernels *float_kernels) {
    static uint16_t bits[0x10000], narrow[2][0x10000];
    static float wide[2][0x10000];
    for (size_t i = 0; i < 0x10000; i++) { bits[i] = (uint16_t)i; }
    kernels->widen(bits, 0x10000, wide[0]);
    specification->widen(bits, 0x10000, wide[1]);
    for (size_t i = 0; i < 0x10000; i++) { check_same("widened binary16", 1, i, wide[1][i], wide[0][i]); }
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < 0x10000; i++) {
            uint32_t any = (uint32_t)next_random();
            if (round == 0) { wide[0][i] = wide[1][i]; }
            if (round > 0) { memcpy(&wide[0][i], &any, sizeof any); }
            if (round > 10) { wide[0][i] = uniform(2); }
        }
        kernels->narrow(wide[0], 0x10000, narrow[0]);
        specification->narrow(wide[0], 0x10000, narrow[1]);
        for (size_t i = 0; i < 0x10000; i++) {
            checks++;
            if (narrow[0][i] != narrow[1][i]) { fail("narrowed to binary16", 1, i, narrow[1][i], narrow[0][i]); }
        }
    }
    for (size_t dimension = 0; dimension <= 300; dimension++) {
        for (size_t i = 0; i < dimension; i++) { query_memory[i] = ordinary(); }
        for (size_t i = 0; i < ROW_COUNT * dimension; i++) { row_memory[i] = ordinary(); }
        kernels->narrow(row_memory, ROW_COUNT * dimension, narrow[0]);
        kernels->widen(narrow[0], ROW_COUNT * dimension, row_memory);
        uint32_t ordinals[ROW_COUNT];
        float l2[ROW_COUNT], products[ROW_COUNT], gathered_l2[ROW_COUNT], gathered_products[ROW_COUNT];
        for (size_t r = 0; r < ROW_COUNT; r++) { ordinals[r] = (uint32_t)(next_random() % ROW_COUNT); }
        kernels->squared_l2_rows(query_memory, narrow[0], dimension, ROW_COUNT, dimension, l2);
        kernels->inner_product_rows(query_memory, narrow[0], dimension, ROW_COUNT, dimension, products);
        kernels->squared_l2_gathered_rows(query_memory, narrow[0], dimension, ordinals, ROW_COUNT, dimension, gathered_l2);
        kernels->inner_product_gathered_rows(query_memory, narrow[0], dimension, ordinals, ROW_COUNT, dimension, gathered_products);
        for (size_t r = 0; r < ROW_COUNT; r++) {
            const float *row = row_memory + r * dimension;
            check_same("squared L2 of binary16", dimension, r, float_kernels->squared_l2(query_memory, row, dimension), l2[r]);
            check_same("inner product of binary16", dimension, r, float_kernels->inner_product(query_memory, row, dimension), products[r]);
            check_same("squared L2 of gathered binary16", dimension, r, l2[ordinals[r]], gathered_l2[r]);
            check_same("inner product of gathered binary16", dimension, r, products[ordinals[r]], gathered_products[r]);
        }
    }
}

// Masks against the specification, with whole numbers for terms: then nothing is rounded.
static void check_screen(const cvk_screen_kernels *kernels, const cvk_screen_kernels *specification) {
    enum { QUERIES = 11, STEPS_MAX = 96, STRIDE = STEPS_MAX * CVK_SCREEN_STEP };
    static int8_t queries[QUERIES * STRIDE], rows[CVK_SCREEN_ROWS * STRIDE];
    static _Alignas(64) int8_t tile[2][STEPS_MAX * CVK_SCREEN_STEP_BYTES];
    for (size_t steps = 0; steps <= STEPS_MAX; steps++) {
        uint32_t ordinals[CVK_SCREEN_ROWS];
        cvk_screen_query terms[QUERIES];
        cvk_screen_rows row_terms;
        for (size_t i = 0; i < sizeof rows; i++) { rows[i] = any_code(); }
        for (size_t i = 0; i < sizeof queries; i++) {
            queries[i] = any_code();
            if (queries[i] == -128) { queries[i] = -127; }
        }
        for (size_t r = 0; r < CVK_SCREEN_ROWS; r++) {
            ordinals[r] = (uint32_t)(next_random() % CVK_SCREEN_ROWS);
            row_terms.scale[r] = 1;
            row_terms.norm[r] = (float)(next_random() % 4096);
            row_terms.error[r] = (float)(next_random() % 64);
        }
        for (size_t q = 0; q < QUERIES; q++) {
            int32_t sum = 0;
            for (size_t i = 0; i < steps * CVK_SCREEN_STEP; i++) { sum += queries[q * STRIDE + i]; }
            terms[q] = (cvk_screen_query){(float)(next_random() % 4096), q % 2 ? 1 : -1, q % 3 ? 1 : -1, (float)(next_random() % 64), 1, sum};
        }
        size_t count = 1 + next_random() % CVK_SCREEN_ROWS;
        uint64_t wanted = count == 64 ? UINT64_MAX : ((uint64_t)1 << count) - 1, found[2][QUERIES];
        kernels->pack(rows, STRIDE, ordinals, count, steps, tile[0]);
        specification->pack(rows, STRIDE, ordinals, count, steps, tile[1]);
        for (int squared = 0; squared < 2; squared++) {
            kernels->screen(queries, STRIDE, terms, QUERIES, tile[0], &row_terms, steps, squared, found[0]);
            specification->screen(queries, STRIDE, terms, QUERIES, tile[1], &row_terms, steps, squared, found[1]);
            for (size_t q = 0; q < QUERIES; q++) {
                checks++;
                if ((found[0][q] ^ found[1][q]) & wanted) {
                    fail("mask of screening", steps * CVK_SCREEN_STEP, q, (double)found[1][q], (double)found[0][q]);
                }
            }
        }
    }
}

int main(int argc, char **argv) {
    seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    random_state = seed;
    const cvk_kernels *kernels = cvk_kernels_for(CVK_NEON);
    const cvk_code_kernels *code_kernels = cvk_code_kernels_for(CVK_NEON);
    if (!kernels || !code_kernels) {
        printf("neon: FAILED: this build has no NEON kernels\n");
        return 1;
    }
    static const size_t larger[] = {96, 100, 127, 128, 255, 256, 384, 385, 768, 1536, DIMENSION_MAX};
    for (size_t dimension = 1; dimension <= 70; dimension++) { check_dimension(kernels, dimension); }
    for (size_t i = 0; i < sizeof larger / sizeof *larger; i++) { check_dimension(kernels, larger[i]); }
    check_all_codes(code_kernels);
    check_float16(cvk_float16_kernels_for(CVK_NEON), cvk_float16_kernels_for(CVK_SCALAR), kernels);
    check_screen(cvk_screen_kernels_for(CVK_NEON), cvk_screen_kernels_for(CVK_SCALAR));
    check_end_of_mapping(kernels, code_kernels);
    printf("neon: %lu comparisons with double precision and with integer sums passed (seed %llu)\n", checks, (unsigned long long)seed);
    return 0;
}
