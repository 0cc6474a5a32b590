#include "CJSON.h"

#include <array>

namespace {

constexpr uint8_t invalid = 0xFF;

constexpr std::array<uint8_t, 256> make_values() {
    std::array<uint8_t, 256> values{};
    for (auto &value : values) value = invalid;
    for (int letter = 0; letter < 26; ++letter) {
        values['A' + letter] = static_cast<uint8_t>(letter);
        values['a' + letter] = static_cast<uint8_t>(26 + letter);
    }
    for (int digit = 0; digit < 10; ++digit) values['0' + digit] = static_cast<uint8_t>(52 + digit);
    values['+'] = 62;
    values['/'] = 63;
    return values;
}

constexpr auto values = make_values();

}  // namespace

CJSONBase64Status cjson_decode_base64(const char *text, size_t length, uint8_t *out, size_t *out_length, size_t *place) {
    *out_length = 0;
    *place = 0;
    auto symbols = reinterpret_cast<const uint8_t *>(text);
    size_t padding = 0;
    while (padding < 2 && padding < length && symbols[length - 1 - padding] == '=') ++padding;
    size_t count = length - padding;
    uint8_t *next = out;
    uint32_t pending = 0;
    size_t index = 0;
    for (; index + 4 <= count; index += 4) {
        uint8_t a = values[symbols[index]], b = values[symbols[index + 1]], c = values[symbols[index + 2]], d = values[symbols[index + 3]];
        if (((a | b | c | d) & 0xC0) != 0) break;
        uint32_t bits = uint32_t(a) << 18 | uint32_t(b) << 12 | uint32_t(c) << 6 | d;
        *next++ = static_cast<uint8_t>(bits >> 16);
        *next++ = static_cast<uint8_t>(bits >> 8);
        *next++ = static_cast<uint8_t>(bits);
    }
    size_t rest = count - index;
    for (size_t symbol = index; symbol < count && symbol < index + 4; ++symbol) {
        if (values[symbols[symbol]] == invalid) {
            *place = symbol;
            return CJSON_BASE64_INVALID_SYMBOL;
        }
        pending = pending << 6 | values[symbols[symbol]];
    }
    if (rest == 1) return CJSON_BASE64_INVALID_LENGTH;
    if (length % 4 != 0 || (rest + padding != 4 && rest + padding != 0)) return CJSON_BASE64_INVALID_PADDING;
    if (rest == 2) {
        *next++ = static_cast<uint8_t>(pending >> 4);
    } else if (rest == 3) {
        *next++ = static_cast<uint8_t>(pending >> 10);
        *next++ = static_cast<uint8_t>(pending >> 2);
    }
    *out_length = static_cast<size_t>(next - out);
    return CJSON_BASE64_OK;
}
