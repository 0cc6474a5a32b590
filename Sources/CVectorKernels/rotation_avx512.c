// Registers of 16 floats.

#if defined(__x86_64__)

#include "rotation.h"
#include "rotation_sets.h"

#define ROTATE_TARGET __attribute__((target("avx512f")))
#define ROTATE cvk_rotate_avx512

#include "rotation_template.h"

#else

typedef int no_avx512_rotation_on_this_architecture;

#endif
