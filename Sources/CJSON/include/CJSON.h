#ifndef LYRICA_C_JSON_H
#define LYRICA_C_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// JSON text in and out behind a C interface: simdjson's document model for reading, std::to_chars for numbers. No exception crosses it.

// Readable bytes that must follow the text given to `cjson_parse`.
#define CJSON_PADDING 64

typedef enum {
    CJSON_OK = 0,
    CJSON_OUT_OF_MEMORY,
    // Larger than the reader can address (4 GiB).
    CJSON_TOO_LARGE,
    CJSON_TOO_DEEP,
    CJSON_INVALID_UTF8,
    CJSON_INVALID_NUMBER,
    CJSON_INVALID_STRING,
    // Nothing but white space.
    CJSON_EMPTY,
    // Ends inside a string, array or object, or has brackets that do not match.
    CJSON_INCOMPLETE,
    CJSON_SYNTAX,
} CJSONStatus;

typedef enum {
    CJSON_NULL = 0,
    CJSON_BOOLEAN,
    CJSON_INTEGER,   // fits int64_t
    CJSON_UNSIGNED,  // above INT64_MAX, fits uint64_t
    CJSON_DOUBLE,
    CJSON_STRING,
    CJSON_ARRAY,
    CJSON_OBJECT,
} CJSONKind;

// A reader that keeps its memory from one text to the next. One text, one thread at a time.
typedef struct CJSONParser CJSONParser;

// A value of the parsed text: valid until the parser parses again or is freed.
typedef struct {
    const void *document;
    size_t index;
} CJSONElement;

// A position in an array or object.
typedef struct {
    CJSONElement next;
    CJSONElement end;
} CJSONCursor;

// NULL without memory.
CJSONParser *cjson_parser_create(size_t depth_max);
void cjson_parser_free(CJSONParser *parser);
// Bytes of text that the parser's memory is made for.
size_t cjson_parser_capacity(const CJSONParser *parser);

// An upper bound of the values in a text, without parsing it: the commas and colons outside its strings, and one.
size_t cjson_value_bound(const char *text, size_t length);

// Parses `length` bytes, which are followed by CJSON_PADDING readable ones. `root` borrows from the parser, not from the text.
CJSONStatus cjson_parse(CJSONParser *parser, const char *text, size_t length, CJSONElement *root);

CJSONKind cjson_kind(CJSONElement element);
// Each requires the kind it names.
bool cjson_boolean(CJSONElement element);
int64_t cjson_integer(CJSONElement element);
uint64_t cjson_unsigned(CJSONElement element);
double cjson_double(CJSONElement element);
const char *cjson_string(CJSONElement element, size_t *length);
// Elements of an array or members of an object; stops counting at 16,777,215.
size_t cjson_count(CJSONElement element);
CJSONCursor cjson_begin(CJSONElement element);
bool cjson_next_element(CJSONCursor *cursor, CJSONElement *element);
bool cjson_next_member(CJSONCursor *cursor, const char **key, size_t *key_length, CJSONElement *value);

// Writes the numbers of an array, rounded to float (beyond its range: infinity), to `out`, which has room for `count` = `cjson_count(array)`.
// Returns the index of the first element that is not a number, or `count`.
size_t cjson_floats(CJSONElement array, float *out, size_t count);

// Longest text of one number.
#define CJSON_NUMBER_MAX 32
// The shortest decimal that reads back as the same number, always with a point or an exponent; `null` when not finite. Returns the length.
size_t cjson_write_float(float value, char *out);
size_t cjson_write_double(double value, char *out);
// `[a,b,…]`; `out` has room for `count * CJSON_NUMBER_MAX + 2`.
size_t cjson_write_floats(const float *values, size_t count, char *out);
// Writes the inside of a JSON string; `out` has room for six times `length`.
size_t cjson_write_escaped(const char *text, size_t length, char *out);

typedef enum {
    CJSON_BASE64_OK = 0,
    CJSON_BASE64_INVALID_SYMBOL,
    CJSON_BASE64_INVALID_PADDING,
    CJSON_BASE64_INVALID_LENGTH,
} CJSONBase64Status;

// Decodes standard, padded base64. `out` has room for `length / 4 * 3`; `place` is the offset of a bad symbol.
CJSONBase64Status cjson_decode_base64(const char *text, size_t length, uint8_t *out, size_t *out_length, size_t *place);

#ifdef __cplusplus
}
#endif

#endif
