// The rotation, written once and compiled for each width of registers. A file defines before including this one:
//
//   ROTATE_TARGET               attribute that lets a function use the set's instructions (empty where the baseline has them)
//   ROTATE                      name of the function to define

#if !defined(ROTATE_TARGET) || !defined(ROTATE)
#error "describe the instruction set before including this file"
#endif

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

#define ROTATE_INLINE ROTATE_TARGET static inline __attribute__((always_inline))

enum { LANES = 16 };

// Sixteen floats, in as many registers as the set needs for them.
typedef float lanes __attribute__((vector_size(64), aligned(4)));

#define LOAD(from) (*(const lanes *)(from))
#define STORE(to, value) (*(lanes *)(to) = (value))

// Stages of the transform within sixteen floats: partners are 1, 2, 4 and 8 lanes apart. Scales, too.
ROTATE_INLINE void transform_lanes(float *x, float scale) {
    const lanes one = {1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1};
    const lanes two = {1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1};
    const lanes four = {1, 1, 1, 1, -1, -1, -1, -1, 1, 1, 1, 1, -1, -1, -1, -1};
    const lanes eight = {1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1};
    lanes v = LOAD(x);
    v = __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14) + v * one;
    v = __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13) + v * two;
    v = __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11) + v * four;
    v = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7) + v * eight;
    STORE(x, v * scale);
}

// The Walsh-Hadamard transform of a power of two of floats, at least 64, scaled so that lengths stay.
ROTATE_TARGET static void transform(float *x, size_t count, float scale) {
    for (size_t i = 0; i < count; i += LANES) { transform_lanes(x + i, scale); }
    size_t apart = LANES;
    // Two stages at a time: half the loads and stores.
    for (; apart * 2 < count; apart *= 4) {
        for (size_t start = 0; start < count; start += 4 * apart) {
            for (size_t i = start; i < start + apart; i += LANES) {
                lanes a = LOAD(x + i), b = LOAD(x + i + apart), c = LOAD(x + i + 2 * apart), d = LOAD(x + i + 3 * apart);
                lanes e = a + b, f = a - b, g = c + d, h = c - d;
                STORE(x + i, e + g);
                STORE(x + i + apart, f + h);
                STORE(x + i + 2 * apart, e - g);
                STORE(x + i + 3 * apart, f - h);
            }
        }
    }
    if (apart < count) {
        for (size_t i = 0; i < apart; i += LANES) {
            lanes a = LOAD(x + i), b = LOAD(x + i + apart);
            STORE(x + i, a + b);
            STORE(x + i + apart, a - b);
        }
    }
}

ROTATE_TARGET void ROTATE(float *vector, const float *signs, size_t dimension) {
    const float half = 0x1.6a09e6p-1F;
    size_t window = CVK_ROTATION_ALIGNMENT;
    unsigned bits = 6;
    while (window * 2 <= dimension) {
        window *= 2;
        bits += 1;
    }
    float scale = 1.0F / (float)(1ULL << (bits / 2));
    if (bits % 2) { scale *= half; }
    for (size_t round = 0; round < CVK_ROTATION_ROUNDS; round++, signs += dimension) {
        for (size_t i = 0; i < dimension; i += LANES) { STORE(vector + i, LOAD(vector + i) * LOAD(signs + i)); }
        // Windows at the start and at the end cover everything between them.
        transform(round % 2 ? vector + (dimension - window) : vector, window, scale);
        if (window == dimension) { continue; }
        for (size_t i = 0; i < dimension / 2; i += LANES) {
            lanes a = LOAD(vector + i), b = LOAD(vector + dimension / 2 + i);
            STORE(vector + i, (a + b) * half);
            STORE(vector + dimension / 2 + i, (a - b) * half);
        }
    }
}
