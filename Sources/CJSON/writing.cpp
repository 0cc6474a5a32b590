#include "CJSON.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace {

template <typename Number>
size_t write_number(Number value, char *out) noexcept {
    if (!std::isfinite(value)) {
        std::memcpy(out, "null", 4);
        return 4;
    }
    char *end = std::to_chars(out, out + CJSON_NUMBER_MAX, value).ptr;
    for (const char *place = out; place != end; ++place) {
        if (*place == '.' || *place == 'e') return static_cast<size_t>(end - out);
    }
    // A number without point or exponent would be read back as an integer.
    *end++ = '.';
    *end++ = '0';
    return static_cast<size_t>(end - out);
}

bool needs_escape(unsigned char byte) noexcept { return byte < 0x20 || byte == '"' || byte == '\\'; }

// Whether one of eight bytes is a control character, a quote or a backslash: the usual tests of all bytes of a word at once.
bool any_needs_escape(uint64_t word) noexcept {
    constexpr uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
    uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
    uint64_t found = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash);
    return (found & highs) != 0;
}

char *write_escape(unsigned char byte, char *out) noexcept {
    static const char digits[] = "0123456789abcdef";
    char letter = 0;
    switch (byte) {
    case '"': letter = '"'; break;
    case '\\': letter = '\\'; break;
    case '\n': letter = 'n'; break;
    case '\r': letter = 'r'; break;
    case '\t': letter = 't'; break;
    case '\b': letter = 'b'; break;
    case '\f': letter = 'f'; break;
    default: break;
    }
    *out++ = '\\';
    if (letter != 0) {
        *out++ = letter;
        return out;
    }
    std::memcpy(out, "u00", 3);
    out[3] = digits[byte >> 4];
    out[4] = digits[byte & 15];
    return out + 5;
}

}  // namespace

size_t cjson_write_float(float value, char *out) { return write_number(value, out); }
size_t cjson_write_double(double value, char *out) { return write_number(value, out); }

size_t cjson_write_floats(const float *values, size_t count, char *out) {
    char *place = out;
    *place++ = '[';
    for (size_t index = 0; index < count; ++index) {
        if (index != 0) *place++ = ',';
        place += write_number(values[index], place);
    }
    *place++ = ']';
    return static_cast<size_t>(place - out);
}

size_t cjson_write_escaped(const char *text, size_t length, char *out) {
    char *place = out;
    size_t index = 0;
    while (index < length) {
        while (index + 8 <= length) {
            uint64_t word;
            std::memcpy(&word, text + index, 8);
            if (any_needs_escape(word)) break;
            std::memcpy(place, &word, 8);
            place += 8;
            index += 8;
        }
        size_t stop = index + 8 < length ? index + 8 : length;
        for (; index < stop; ++index) {
            auto byte = static_cast<unsigned char>(text[index]);
            if (needs_escape(byte)) {
                place = write_escape(byte, place);
            } else {
                *place++ = static_cast<char>(byte);
            }
        }
    }
    return static_cast<size_t>(place - out);
}
