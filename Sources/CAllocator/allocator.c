#include "CAllocator.h"

#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>

void callocator_return_freed_memory(void) { malloc_trim(0); }
#else
// The allocators of other C libraries return pages by themselves.
void callocator_return_freed_memory(void) {}
#endif
