// Registers of 8 floats.

#if defined(__x86_64__)

#include "rotation.h"
#include "rotation_sets.h"

#define ROTATE_TARGET __attribute__((target("avx2")))
#define ROTATE cvk_rotate_avx2

#include "rotation_template.h"

#else

typedef int no_avx2_rotation_on_this_architecture;

#endif
