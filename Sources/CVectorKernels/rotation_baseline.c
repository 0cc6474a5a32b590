// What every CPU of the architecture has.

#include "rotation.h"
#include "rotation_sets.h"

#define ROTATE_TARGET
#define ROTATE cvk_rotate_baseline

#include "rotation_template.h"
