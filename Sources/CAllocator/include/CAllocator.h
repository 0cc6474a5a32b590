#ifndef LYRICA_C_ALLOCATOR_H
#define LYRICA_C_ALLOCATOR_H

// Gives the pages of freed blocks back to the system, where the C library can. Holds locks of the allocator meanwhile.
void callocator_return_freed_memory(void);

#endif
