// The FastScan kernels, written once. A set's file describes how a chunk is scored and includes this file last:
//
//   SCAN_TARGET                 attribute that lets a function use the set's instructions (empty where the baseline has them)
//   SCAN_TABLE                  name of the table to define
//   SCAN_BLOCKS                 blocks scored at once, 1 or 2: they share the loads of the table
//   scan_sums                   the 32 sums of a block, while they are added up
//   scan_entries                a chunk's part of the table
//   scan_entries scan_load(const uint8_t *)
//   void scan_begin(scan_sums *)
//   void scan_add(scan_sums *, const uint8_t *chunk, scan_entries)
//   void scan_widen(scan_sums *)                    called after at most SCAN_CHUNKS_NARROW chunks, for sums that are kept narrow until then
//   void scan_finish(const scan_sums *, uint32_t *) writes 32 sums
//   int32_t nibble_product(const int8_t *query, const uint8_t *row, size_t bytes)
//   int32_t crumb_product(const int8_t *query, const uint8_t *row, size_t bytes)
//
// The floats are plain C, which the compiler turns into the set's instructions; contraction is off, so that every set rounds alike.

#if !defined(SCAN_TARGET) || !defined(SCAN_TABLE) || !defined(SCAN_BLOCKS) || !defined(SCAN_CHUNKS_NARROW)
#error "describe the instruction set before including this file"
#endif

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#define SCAN_UNROLLED _Pragma("clang loop unroll(full)")
#else
#define SCAN_UNROLLED _Pragma("GCC unroll 2")
#endif

#define SCAN_INLINE SCAN_TARGET static inline __attribute__((always_inline))

// A chunk has four groups of four dimensions.
enum { ROWS = CVK_FASTSCAN_ROWS, CHUNK_BYTES = CVK_FASTSCAN_CHUNK_BYTES, GROUPS = 4, ROWS_AHEAD = 6 };

// Scores `count` blocks (1 or SCAN_BLOCKS, a constant where it is called). Meanwhile as many cache lines from `ahead` on are asked for, where it is
// not NULL: a few at a time, since a burst of them keeps the loads behind it waiting.
SCAN_INLINE void sum_blocks(
    int count, const uint8_t *codes, size_t stride, const uint8_t *table, size_t chunks, const uint8_t *ahead, uint32_t *results) {
    scan_sums sums[SCAN_BLOCKS];
    SCAN_UNROLLED for (int b = 0; b < count; b++) { scan_begin(&sums[b]); }
    size_t chunk = 0;
    while (chunk < chunks) {
        size_t end = chunks - chunk > SCAN_CHUNKS_NARROW ? chunk + SCAN_CHUNKS_NARROW : chunks;
        for (; chunk < end; chunk++) {
            scan_entries entries = scan_load(table + chunk * CHUNK_BYTES);
            if (ahead) {
                SCAN_UNROLLED for (int b = 0; b < count; b++) { __builtin_prefetch(ahead + b * stride + chunk * CHUNK_BYTES); }
            }
            SCAN_UNROLLED for (int b = 0; b < count; b++) { scan_add(&sums[b], codes + b * stride + chunk * CHUNK_BYTES, entries); }
        }
        SCAN_UNROLLED for (int b = 0; b < count; b++) { scan_widen(&sums[b]); }
    }
    SCAN_UNROLLED for (int b = 0; b < count; b++) { scan_finish(&sums[b], results + b * ROWS); }
}

SCAN_TARGET static void sum(
    const uint8_t *codes, size_t stride, size_t blocks, const uint8_t *table, size_t chunks, uint32_t *sums) {
    size_t block = 0;
    for (; blocks - block >= SCAN_BLOCKS; block += SCAN_BLOCKS) {
        sum_blocks(SCAN_BLOCKS, codes + block * stride, stride, table, chunks, 0, sums + block * ROWS);
    }
    for (; block < blocks; block++) {
        sum_blocks(1, codes + block * stride, stride, table, chunks, 0, sums + block * ROWS);
    }
}

SCAN_INLINE uint32_t estimate_block(const uint8_t *codes, size_t chunks, cvk_fastscan_estimate how, const uint32_t *sums, float *estimates) {
    float factors[ROWS], offsets[ROWS];
    __builtin_memcpy(factors, codes + chunks * CHUNK_BYTES, sizeof factors);
    __builtin_memcpy(offsets, codes + chunks * CHUNK_BYTES + sizeof factors, sizeof offsets);
    uint32_t mask = 0;
    for (int row = 0; row < ROWS; row++) {
        // Sums are below 2^24, so the conversion from a signed integer, which every set has, is exact.
        estimates[row] = offsets[row] - factors[row] * (how.step * (float)(int32_t)sums[row] + how.shift);
    }
    for (int row = 0; row < ROWS; row++) { mask |= (uint32_t)(estimates[row] < how.threshold) << row; }
    return mask;
}

SCAN_INLINE void select_blocks(
    const uint8_t *codes, size_t stride, size_t blocks, const uint8_t *table, size_t chunks, cvk_fastscan_estimate how, const uint8_t *ahead,
    float *estimates, uint32_t *masks) {
    uint32_t sums[SCAN_BLOCKS * ROWS];
    size_t block = 0;
    for (; blocks - block >= SCAN_BLOCKS; block += SCAN_BLOCKS) {
        const uint8_t *first = codes + block * stride;
        sum_blocks(SCAN_BLOCKS, first, stride, table, chunks, ahead ? ahead + block * stride : 0, sums);
        SCAN_UNROLLED for (int b = 0; b < SCAN_BLOCKS; b++) {
            masks[block + b] = estimate_block(first + b * stride, chunks, how, sums + b * ROWS, estimates + (block + b) * ROWS);
        }
    }
    for (; block < blocks; block++) {
        sum_blocks(1, codes + block * stride, stride, table, chunks, ahead ? ahead + block * stride : 0, sums);
        masks[block] = estimate_block(codes + block * stride, chunks, how, sums, estimates + block * ROWS);
    }
}

SCAN_TARGET static void select_rows(
    const uint8_t *codes, size_t stride, size_t blocks, const uint8_t *table, size_t chunks, cvk_fastscan_estimate how, float *estimates,
    uint32_t *masks) {
    select_blocks(codes, stride, blocks, table, chunks, how, 0, estimates, masks);
}

SCAN_TARGET static void select_rows_ahead(
    const uint8_t *codes, size_t stride, size_t blocks, const uint8_t *table, size_t chunks, cvk_fastscan_estimate how, const uint8_t *ahead,
    float *estimates, uint32_t *masks) {
    select_blocks(codes, stride, blocks, table, chunks, how, ahead, estimates, masks);
}

// One lane for each value of a nibble.
typedef float lanes __attribute__((vector_size(64)));
typedef int32_t integers __attribute__((vector_size(64)));
typedef uint8_t bytes __attribute__((vector_size(16)));

SCAN_INLINE float group_width(const float *v) {
    return (__builtin_fabsf(v[0]) + __builtin_fabsf(v[1])) + (__builtin_fabsf(v[2]) + __builtin_fabsf(v[3]));
}

SCAN_INLINE float negative_part(float value) { return value < 0 ? value : 0; }

// Entries are rounded to the nearest of 255 steps, the same for all groups: that of the widest group.
SCAN_TARGET static cvk_fastscan_scale make_table(const float *vector, size_t chunks, uint8_t *table) {
    static const lanes bit[GROUPS] = {
        {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}, {0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1},
        {0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1}, {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1}};
    size_t count = chunks * GROUPS * GROUPS;
    float widest = 0, base = 0;
    for (size_t i = 0; i < count; i += GROUPS) {
        float width = group_width(vector + i);
        widest = width > widest ? width : widest;
    }
    float step = widest / 255;
    float steps = step > 0 ? 1 / step : 0;
    // The reciprocal of a denormal is infinite; so small a step is as good as none.
    if (steps > 3e38f) { step = steps = 0; }
    for (size_t i = 0; i < count; i += GROUPS) {
        const float *v = vector + i;
        float low = (negative_part(v[0]) + negative_part(v[1])) + (negative_part(v[2]) + negative_part(v[3]));
        base += low;
        lanes sums = (bit[0] * v[0] + bit[1] * v[1]) + (bit[2] * v[2] + bit[3] * v[3]);
        integers rounded = __builtin_convertvector((sums - low) * steps + 0.5f, integers);
        // An entry is at most 255 and a rounding error, which truncation takes away again.
        bytes entries = __builtin_convertvector(rounded, bytes);
        __builtin_memcpy(table + i * GROUPS, &entries, sizeof entries);
    }
    return (cvk_fastscan_scale){base, step};
}

// Rows from anywhere miss the cache: some are asked for ahead, with what lies behind their codes.
SCAN_INLINE void prefetch_row(const uint8_t *row, size_t bytes) {
    enum { PREFETCHED_BYTES = 256, CACHE_LINE = 64 };
    size_t last = bytes < PREFETCHED_BYTES ? bytes : PREFETCHED_BYTES;
    for (size_t at = 0; at < last; at += CACHE_LINE) { __builtin_prefetch(row + at); }
    __builtin_prefetch(row + last);
}

SCAN_TARGET static void nibble_products(
    const int8_t *query, const uint8_t *rows, size_t stride, size_t bytes, const uint32_t *positions, size_t count, int32_t *products) {
    for (size_t i = 0; i < count && i < ROWS_AHEAD; i++) { prefetch_row(rows + positions[i] * stride, bytes); }
    for (size_t i = 0; i < count; i++) {
        if (count - i > ROWS_AHEAD) { prefetch_row(rows + positions[i + ROWS_AHEAD] * stride, bytes); }
        products[i] = nibble_product(query, rows + positions[i] * stride, bytes);
    }
}

SCAN_TARGET static void crumb_products(
    const int8_t *query, const uint8_t *rows, size_t stride, size_t bytes, const uint32_t *positions, size_t count, int32_t *products) {
    for (size_t i = 0; i < count && i < ROWS_AHEAD; i++) { prefetch_row(rows + positions[i] * stride, bytes); }
    for (size_t i = 0; i < count; i++) {
        if (count - i > ROWS_AHEAD) { prefetch_row(rows + positions[i + ROWS_AHEAD] * stride, bytes); }
        products[i] = crumb_product(query, rows + positions[i] * stride, bytes);
    }
}

SCAN_INLINE uint32_t count_through(const float *values, uint32_t count, float limit) {
    uint32_t through = 0;
    for (uint32_t i = 0; i < count; i++) { through += values[i] <= limit; }
    return through;
}

// The limit that is looked for lies between them.
SCAN_INLINE void find_range(const float *values, size_t count, float *low, float *high) {
    enum { LANES = 16 };
    float smallest[LANES], largest[LANES];
    for (int lane = 0; lane < LANES; lane++) { smallest[lane] = largest[lane] = values[0]; }
    *low = *high = values[0];
    size_t i = 0;
    for (; count - i >= LANES; i += LANES) {
        for (int lane = 0; lane < LANES; lane++) {
            float value = values[i + lane];
            smallest[lane] = value < smallest[lane] ? value : smallest[lane];
            largest[lane] = value > largest[lane] ? value : largest[lane];
        }
    }
    for (int lane = 0; lane < LANES; lane++) {
        float below = i < count && values[i] < smallest[lane] ? values[i] : smallest[lane];
        float above = i < count && values[i] > largest[lane] ? values[i] : largest[lane];
        i += i < count;
        *low = below < *low ? below : *low;
        *high = above > *high ? above : *high;
    }
}

// Counting is a pass of a few instructions per register, so halving the range a dozen times costs less than any order among the values.
SCAN_TARGET static size_t collect_smallest(const float *values, size_t count, size_t wanted, uint32_t *found) {
    enum { HALVINGS_MAX = 16 };
    if (count == 0 || wanted == 0) { return 0; }
    float low, high;
    find_range(values, count, &low, &high);
    size_t enough = wanted + wanted / 8;
    for (int halving = 0; halving < HALVINGS_MAX && wanted < count; halving++) {
        float middle = 0.5f * low + 0.5f * high;
        size_t through = count_through(values, (uint32_t)count, middle);
        if (through >= wanted) { high = middle; } else { low = middle; }
        if (through >= wanted && through <= enough) { break; }
    }
    size_t number = 0;
    for (size_t i = 0; i < count; i++) {
        found[number] = (uint32_t)i;
        number += values[i] <= high;
    }
    return number;
}

const cvk_fastscan_kernels SCAN_TABLE = {
    .make_table = make_table,
    .sum = sum,
    .select = select_rows,
    .select_ahead = select_rows_ahead,
    .nibble_products = nibble_products,
    .crumb_products = crumb_products,
    .collect_smallest = collect_smallest,
};
