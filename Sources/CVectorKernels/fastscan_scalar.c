// The specification of the FastScan kernels, in plain C.

#include "fastscan_tables.h"

#define SCAN_TARGET
#define SCAN_TABLE cvk_scalar_fastscan_kernels
#define SCAN_BLOCKS 1
#define SCAN_CHUNKS_NARROW CVK_FASTSCAN_CHUNKS_MAX

typedef struct {
    uint32_t rows[CVK_FASTSCAN_ROWS];
} scan_sums;
typedef const uint8_t *scan_entries;

static inline scan_entries scan_load(const uint8_t *table) { return table; }

static inline void scan_begin(scan_sums *sums) { *sums = (scan_sums){{0}}; }

static inline void scan_add(scan_sums *sums, const uint8_t *chunk, scan_entries entries) {
    for (int lane = 0; lane < CVK_FASTSCAN_ROWS / 2; lane++) {
        for (int group = 0; group < 4; group++) {
            uint8_t pair = chunk[4 * lane + group];
            sums->rows[lane] += entries[16 * group + (pair & 15)];
            sums->rows[lane + 16] += entries[16 * group + (pair >> 4)];
        }
    }
}

static inline void scan_widen(scan_sums *sums) { (void)sums; }

static inline void scan_finish(const scan_sums *sums, uint32_t *results) { __builtin_memcpy(results, sums->rows, sizeof sums->rows); }

static int32_t nibble_product(const int8_t *query, const uint8_t *row, size_t bytes) {
    int32_t sum = 0;
    for (size_t i = 0; i < bytes; i++) {
        sum += query[i] * (row[i] & 15) + query[bytes + i] * (row[i] >> 4);
    }
    return sum;
}

static int32_t crumb_product(const int8_t *query, const uint8_t *row, size_t bytes) {
    int32_t sum = 0;
    for (size_t i = 0; i < bytes; i++) {
        sum += query[i] * (row[i] & 3) + query[bytes + i] * (row[i] >> 2 & 3);
        sum += query[2 * bytes + i] * (row[i] >> 4 & 3) + query[3 * bytes + i] * (row[i] >> 6);
    }
    return sum;
}

#include "fastscan_template.h"
