// Sums in double precision, the same bits in every set: sixteen of them, term i in sum i mod 16, added as a tree. A product of two floats is
// exact in double precision, so that adding it rounds the same fused or not; squares of differences are not, and are never fused, so that a
// set without FMA rounds them as one with it does. Included by the template.

typedef double double_lanes __attribute__((vector_size(8 * sizeof(double))));
typedef float float_lanes __attribute__((vector_size(8 * sizeof(float)), aligned(sizeof(float))));

#if defined(__clang__)
#define UNFUSED _Pragma("clang fp contract(off)")
#define FUSED _Pragma("clang fp contract(fast)")
#else
#define UNFUSED
#define FUSED
#endif

enum { DOUBLE_SUMS = 16, DOUBLE_LANES = 8 };

// No function takes or returns such lanes: how they are passed would depend on the set.
#define WIDENED_LANES(from) __builtin_convertvector(*(const float_lanes *)(const void *)(from), double_lanes)

KERNEL_INLINE double double_total(const double_lanes halves[2]) {
    double_lanes sums = halves[0] + halves[1];
    double fours[4], twos[2];
    UNROLLED for (int i = 0; i < 4; i++) { fours[i] = sums[i] + sums[i + 4]; }
    UNROLLED for (int i = 0; i < 2; i++) { twos[i] = fours[i] + fours[i + 2]; }
    return twos[0] + twos[1];
}

// Adds sixteen terms to the sums.
KERNEL_INLINE void add_squared_differences(const float *a, const float *b, double_lanes sums[2]) {
    UNFUSED
    UNROLLED for (int half = 0; half < 2; half++) {
        double_lanes difference = WIDENED_LANES(a + half * DOUBLE_LANES) - WIDENED_LANES(b + half * DOUBLE_LANES);
        double_lanes square = difference * difference;
        sums[half] = sums[half] + square;
    }
}

KERNEL_INLINE void add_products(const float *query, const float *row, double_lanes products[2], double_lanes squares[2]) {
    FUSED
    UNROLLED for (int half = 0; half < 2; half++) {
        double_lanes number = WIDENED_LANES(row + half * DOUBLE_LANES);
        products[half] = products[half] + WIDENED_LANES(query + half * DOUBLE_LANES) * number;
        squares[half] = squares[half] + number * number;
    }
}

KERNEL double double_squared_l2(const float *a, const float *b, size_t dimension) {
    double_lanes sums[2] = {{0}, {0}};
    size_t i = 0;
    for (; dimension - i >= DOUBLE_SUMS; i += DOUBLE_SUMS) { add_squared_differences(a + i, b + i, sums); }
    if (i < dimension) {
        float rest[2][DOUBLE_SUMS] = {{0}, {0}};
        memcpy(rest[0], a + i, (dimension - i) * sizeof *a);
        memcpy(rest[1], b + i, (dimension - i) * sizeof *b);
        add_squared_differences(rest[0], rest[1], sums);
    }
    return double_total(sums);
}

KERNEL cvk_double_parts double_parts(const float *query, const float *row, size_t dimension) {
    double_lanes products[2] = {{0}, {0}}, squares[2] = {{0}, {0}};
    size_t i = 0;
    for (; dimension - i >= DOUBLE_SUMS; i += DOUBLE_SUMS) { add_products(query + i, row + i, products, squares); }
    if (i < dimension) {
        float rest[2][DOUBLE_SUMS] = {{0}, {0}};
        memcpy(rest[0], query + i, (dimension - i) * sizeof *query);
        memcpy(rest[1], row + i, (dimension - i) * sizeof *row);
        add_products(rest[0], rest[1], products, squares);
    }
    return (cvk_double_parts){double_total(products), double_total(squares)};
}
