#ifndef LYRICA_C_REGULAR_EXPRESSIONS_H
#define LYRICA_C_REGULAR_EXPRESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// RE2 behind a C interface: linear time in the text, memory bounded by the caller, no exception crosses it.
// A compiled pattern is immutable for its users and may be matched from many threads at once.
typedef struct CRegularExpression CRegularExpression;

// Compiles UTF-8 `pattern` (case-sensitive). `memory_bytes_max` bounds the compiled program and the automata made from it.
// Returns NULL when the pattern is invalid or too large; then `error` holds the reason, UTF-8, cut to `error_capacity` bytes with its NUL.
CRegularExpression *cre_compile(
    const char *pattern, size_t pattern_length, int64_t memory_bytes_max, char *error, size_t error_capacity);

// Whether the pattern is found anywhere in the text.
bool cre_matches(const CRegularExpression *expression, const char *text, size_t text_length);

void cre_free(CRegularExpression *expression);

// Whether `part` stands in the text, byte for byte; an empty part always does. Linear in both lengths, whatever they hold.
bool cre_contains(const void *text, size_t text_length, const void *part, size_t part_length);

#ifdef __cplusplus
}
#endif

#endif
