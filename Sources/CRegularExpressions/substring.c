#define _GNU_SOURCE
#include "CRegularExpressions.h"

#include <string.h>

// The C library's search is linear in the worst case (two-way string matching); Swift does not see `memmem`, hence this.
bool cre_contains(const void *text, size_t text_length, const void *part, size_t part_length) {
    return part_length == 0 || (text_length >= part_length && memmem(text, text_length, part, part_length) != NULL);
}
