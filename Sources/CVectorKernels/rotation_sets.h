#ifndef ROTATION_SETS_H
#define ROTATION_SETS_H

#include <stddef.h>

// `cvk_rotate`, compiled for each width of registers.

void cvk_rotate_baseline(float *vector, const float *signs, size_t dimension);

#if defined(__x86_64__)
void cvk_rotate_avx2(float *vector, const float *signs, size_t dimension);
void cvk_rotate_avx512(float *vector, const float *signs, size_t dimension);
#endif

#endif
