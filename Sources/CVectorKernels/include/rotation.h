#ifndef CVK_ROTATION_H
#define CVK_ROTATION_H

#include <stddef.h>

// A pseudo-random rotation in O(n log n): rounds of random signs, a fast Walsh-Hadamard transform of a window, and a butterfly of the two halves
// (Ailon, Chazelle, "The fast Johnson-Lindenstrauss transform", SIAM J. Comput. 2009, doi:10.1137/060673096; the halves are mixed as in Kac's walk).

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

enum {
    /// Dimensions are a multiple of this many.
    CVK_ROTATION_ALIGNMENT = 64,
    /// Rounds, each with signs of its own.
    CVK_ROTATION_ROUNDS = 4,
};

/// Rotates `vector` in place: `dimension` floats, a multiple of CVK_ROTATION_ALIGNMENT. `signs` are CVK_ROTATION_ROUNDS * dimension floats, each +1
/// or -1. Every addition and product is rounded, in an order that no instruction set changes: the same bits everywhere.
void cvk_rotate(float *vector, const float *signs, size_t dimension);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
