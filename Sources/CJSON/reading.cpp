#include "CJSON.h"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>

using namespace simdjson;

struct CJSONParser {
    dom::parser parser;
    size_t depth_max;
};

namespace {

// The C handles are the library's own, byte for byte.
template <typename To, typename From>
To bits(const From &from) noexcept {
    static_assert(sizeof(To) == sizeof(From) && std::is_trivially_copyable<From>::value, "not a plain handle");
    To to;
    std::memcpy(static_cast<void *>(&to), static_cast<const void *>(&from), sizeof(To));
    return to;
}

dom::element value_of(CJSONElement element) noexcept { return bits<dom::element>(element); }

CJSONStatus status_of(error_code code) noexcept {
    switch (code) {
    case SUCCESS: return CJSON_OK;
    case MEMALLOC: return CJSON_OUT_OF_MEMORY;
    case CAPACITY: return CJSON_TOO_LARGE;
    case DEPTH_ERROR: return CJSON_TOO_DEEP;
    case UTF8_ERROR: return CJSON_INVALID_UTF8;
    case NUMBER_ERROR: return CJSON_INVALID_NUMBER;
    case STRING_ERROR: case UNESCAPED_CHARS: return CJSON_INVALID_STRING;
    case EMPTY: return CJSON_EMPTY;
    case UNCLOSED_STRING: return CJSON_INCOMPLETE;
    default: return CJSON_SYNTAX;
    }
}

// The place behind the quote that ends the string, or `end`.
const char *end_of_string(const char *place, const char *end) noexcept {
    while (auto quote = static_cast<const char *>(std::memchr(place, '"', static_cast<size_t>(end - place)))) {
        size_t backslashes = 0;
        while (quote - backslashes > place && quote[-1 - static_cast<std::ptrdiff_t>(backslashes)] == '\\') ++backslashes;
        place = quote + 1;
        if (backslashes % 2 == 0) return place;
    }
    return end;
}

}  // namespace

CJSONParser *cjson_parser_create(size_t depth_max) {
    return new (std::nothrow) CJSONParser{dom::parser(), depth_max};
}

void cjson_parser_free(CJSONParser *parser) { delete parser; }

size_t cjson_parser_capacity(const CJSONParser *parser) { return parser->parser.capacity(); }

size_t cjson_value_bound(const char *text, size_t length) {
    const char *place = text, *end = text + length;
    size_t count = 1;
    while (place < end) {
        auto quote = static_cast<const char *>(std::memchr(place, '"', static_cast<size_t>(end - place)));
        const char *stop = quote ? quote : end;
        count += static_cast<size_t>(std::count_if(place, stop, [](char byte) { return (byte == ',') | (byte == ':'); }));
        if (!quote) break;
        place = end_of_string(quote + 1, end);
    }
    return count;
}

CJSONStatus cjson_parse(CJSONParser *parser, const char *text, size_t length, CJSONElement *root) {
    if (parser->parser.capacity() < length || parser->parser.max_depth() != parser->depth_max) {
        if (length > SIMDJSON_MAXSIZE_BYTES) return CJSON_TOO_LARGE;
        auto code = parser->parser.allocate(std::max<size_t>(length, 4096), parser->depth_max);
        if (code != SUCCESS) return status_of(code);
    }
    dom::element element;
    auto code = parser->parser.parse(reinterpret_cast<const uint8_t *>(text), length, false).get(element);
    if (code == SUCCESS) *root = bits<CJSONElement>(element);
    return status_of(code);
}

CJSONKind cjson_kind(CJSONElement element) {
    switch (value_of(element).type()) {
    case dom::element_type::ARRAY: return CJSON_ARRAY;
    case dom::element_type::OBJECT: return CJSON_OBJECT;
    case dom::element_type::INT64: return CJSON_INTEGER;
    case dom::element_type::UINT64: return CJSON_UNSIGNED;
    case dom::element_type::DOUBLE: return CJSON_DOUBLE;
    case dom::element_type::STRING: return CJSON_STRING;
    case dom::element_type::BOOL: return CJSON_BOOLEAN;
    case dom::element_type::NULL_VALUE: return CJSON_NULL;
    }
    return CJSON_NULL;
}

bool cjson_boolean(CJSONElement element) { return value_of(element).get_bool().value_unsafe(); }
int64_t cjson_integer(CJSONElement element) { return value_of(element).get_int64().value_unsafe(); }
uint64_t cjson_unsigned(CJSONElement element) { return value_of(element).get_uint64().value_unsafe(); }
double cjson_double(CJSONElement element) { return value_of(element).get_double().value_unsafe(); }

const char *cjson_string(CJSONElement element, size_t *length) {
    auto text = value_of(element).get_string().value_unsafe();
    *length = text.size();
    return text.data();
}

size_t cjson_count(CJSONElement element) {
    auto value = value_of(element);
    return value.is_array() ? value.get_array().value_unsafe().size() : value.get_object().value_unsafe().size();
}

CJSONCursor cjson_begin(CJSONElement element) {
    auto value = value_of(element);
    if (value.is_array()) {
        auto array = value.get_array().value_unsafe();
        return CJSONCursor{bits<CJSONElement>(array.begin()), bits<CJSONElement>(array.end())};
    }
    auto object = value.get_object().value_unsafe();
    return CJSONCursor{bits<CJSONElement>(object.begin()), bits<CJSONElement>(object.end())};
}

bool cjson_next_element(CJSONCursor *cursor, CJSONElement *element) {
    if (cursor->next.index == cursor->end.index) return false;
    auto position = bits<dom::array::iterator>(cursor->next);
    *element = bits<CJSONElement>(*position);
    cursor->next = bits<CJSONElement>(++position);
    return true;
}

bool cjson_next_member(CJSONCursor *cursor, const char **key, size_t *key_length, CJSONElement *value) {
    if (cursor->next.index == cursor->end.index) return false;
    auto position = bits<dom::object::iterator>(cursor->next);
    auto name = position.key();
    *key = name.data();
    *key_length = name.size();
    *value = bits<CJSONElement>(position.value());
    cursor->next = bits<CJSONElement>(++position);
    return true;
}

size_t cjson_floats(CJSONElement array, float *out, size_t count) {
    auto elements = value_of(array).get_array().value_unsafe();
    size_t index = 0;
    for (auto element : elements) {
        if (index == count) break;
        double number;
        if (element.get_double().get(number) != SUCCESS) return index;
        out[index++] = static_cast<float>(number);
    }
    return count;
}
