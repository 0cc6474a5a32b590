// The vector kernels for codes, written once. A set's file describes its registers and includes this file last:
//
//   CODE_TARGET                 attribute that lets a function use the set's instructions (empty where the baseline has them)
//   CODE_TABLE                  name of the table to define
//   CODE_LANES                  codes in a register; divides CVK_CODE_ALIGNMENT
//   codes                       type of a register of 8-bit codes
//   sums                        type of a register of 32-bit sums
//   sums sums_zero(void)
//   codes codes_load(const int8_t *)                unaligned
//   sums codes_multiply_add(codes query, codes row, sums) adds the products, each sum taking neighbouring ones
//   sums sums_add(sums, sums)
//   int32_t sums_total(sums)                        sum of the lanes
//   int32_t correction(const int8_t *query, size_t stride) added to every result: undoes an offset that `codes_multiply_add` works with
//
// Integer sums are exact in any order, so the forms need not share their inner loop to agree.

#if !defined(CODE_TARGET) || !defined(CODE_TABLE) || !defined(CODE_LANES)
#error "describe the instruction set before including this file"
#endif

#if defined(__clang__)
#define CODE_UNROLLED _Pragma("clang loop unroll(full)")
#else
#define CODE_UNROLLED _Pragma("GCC unroll 4")
#endif

// Two independent sums hide the latency of the multiplication; a step of two registers divides every stride.
enum { CODE_CHAINS = CVK_CODE_ALIGNMENT / CODE_LANES < 2 ? 1 : 2, CODE_STEP = CODE_LANES * CODE_CHAINS, CODE_CACHE_LINE = 64 };

CODE_TARGET static inline __attribute__((always_inline)) int32_t code_inner_product(const int8_t *query, const int8_t *row, size_t stride) {
    sums chain[CODE_CHAINS];
    CODE_UNROLLED for (int c = 0; c < CODE_CHAINS; c++) { chain[c] = sums_zero(); }
    for (size_t i = 0; i < stride; i += CODE_STEP) {
        CODE_UNROLLED for (int c = 0; c < CODE_CHAINS; c++) {
            size_t at = i + (size_t)c * CODE_LANES;
            chain[c] = codes_multiply_add(codes_load(query + at), codes_load(row + at), chain[c]);
        }
    }
    return sums_total(CODE_CHAINS == 1 ? chain[0] : sums_add(chain[0], chain[CODE_CHAINS - 1]));
}

CODE_TARGET static void inner_product_rows(const int8_t *query, const int8_t *rows, size_t stride, size_t count, int32_t *results) {
    int32_t offset = correction(query, stride);
    for (size_t i = 0; i < count; i++) {
        results[i] = code_inner_product(query, rows + i * stride, stride) + offset;
    }
}

// The rows after next are asked for while this one is summed: rows from anywhere miss the cache.
CODE_TARGET static void inner_product_gathered_rows(
    const int8_t *query, const int8_t *base, size_t stride, const uint32_t *ordinals, size_t count, int32_t *results) {
    enum { AHEAD = 4, PREFETCHED_LINES = 6 };
    int32_t offset = correction(query, stride);
    for (size_t i = 0; i < count; i++) {
        if (count - i > AHEAD) {
            const int8_t *next = base + ordinals[i + AHEAD] * stride;
            for (size_t line = 0; line < PREFETCHED_LINES && line * CODE_CACHE_LINE < stride; line++) {
                __builtin_prefetch(next + line * CODE_CACHE_LINE);
            }
        }
        results[i] = code_inner_product(query, base + ordinals[i] * stride, stride) + offset;
    }
}

CODE_TARGET static int32_t query_offset(const int8_t *query, size_t stride) { return correction(query, stride); }

CODE_TARGET static int32_t inner_product_row(const int8_t *query, int32_t offset, const int8_t *row, size_t stride) {
    return code_inner_product(query, row, stride) + offset;
}

const cvk_code_kernels CODE_TABLE = {
    .query_offset = query_offset,
    .inner_product_row = inner_product_row,
    .inner_product_rows = inner_product_rows,
    .inner_product_gathered_rows = inner_product_gathered_rows,
};
