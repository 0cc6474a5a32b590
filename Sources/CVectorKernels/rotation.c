#include "rotation.h"

#include "CVectorKernels.h"
#include "rotation_sets.h"

// Forcing a set for a comparison changes nothing here but the time: results are the same in all of them. So the widest is always taken.
void cvk_rotate(float *vector, const float *signs, size_t dimension) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        cvk_rotate_avx512(vector, signs, dimension);
        return;
    }
    if (__builtin_cpu_supports("avx2")) {
        cvk_rotate_avx2(vector, signs, dimension);
        return;
    }
#endif
    cvk_rotate_baseline(vector, signs, dimension);
}
