#include "CTextAnalysis.h"

#include <string.h>
#include <utf8proc.h>

static bool is_ideograph(utf8proc_int32_t character) {
    return (character >= 0x3400 && character <= 0x4DBF) || (character >= 0x4E00 && character <= 0x9FFF)  // Han
        || (character >= 0xF900 && character <= 0xFAFF) || (character >= 0x20000 && character <= 0x323AF) || character == 0x3007
        || (character >= 0x3041 && character <= 0x3096);  // Hiragana
}

int cta_classify(const uint8_t *text, size_t length, size_t *consumed) {
    utf8proc_int32_t character;
    // Four bytes hold any character.
    utf8proc_ssize_t taken = utf8proc_iterate(text, (utf8proc_ssize_t)(length < 4 ? length : 4), &character);
    if (taken < 1) {
        *consumed = 1;
        return CTA_SEPARATOR;
    }
    *consumed = (size_t)taken;
    if (character == 0x27 || character == 0x2019) return CTA_APOSTROPHE;
    if (is_ideograph(character)) return CTA_IDEOGRAPH;
    switch (utf8proc_category(character)) {
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LL:
        case UTF8PROC_CATEGORY_LT:
        case UTF8PROC_CATEGORY_LM:
        case UTF8PROC_CATEGORY_LO:
        case UTF8PROC_CATEGORY_ND:
        case UTF8PROC_CATEGORY_NL:
        case UTF8PROC_CATEGORY_NO: return CTA_LETTER;
        case UTF8PROC_CATEGORY_MN:
        case UTF8PROC_CATEGORY_MC:
        case UTF8PROC_CATEGORY_ME:
        case UTF8PROC_CATEGORY_CF: return CTA_EXTENDER;
        default: return CTA_SEPARATOR;
    }
}

// The most that one character of two bytes or more decomposes into is 18 (U+FDFA), so no word of the allowed length overflows this.
enum { DECOMPOSED_MAX = (CTA_WORD_BYTES_MAX / 2 + 1) * 18 };

static size_t plain_apostrophes(const uint8_t *word, size_t length, uint8_t *plain) {
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        if (length - i >= 3 && word[i] == 0xE2 && word[i + 1] == 0x80 && word[i + 2] == 0x99) {
            plain[written++] = '\'';
            i += 2;
        } else {
            plain[written++] = word[i];
        }
    }
    return written;
}

size_t cta_fold(const uint8_t *word, size_t length, bool strips_marks, uint8_t *folded, size_t capacity) {
    if (length > CTA_WORD_BYTES_MAX) return 0;
    uint8_t plain[CTA_WORD_BYTES_MAX];
    utf8proc_int32_t characters[DECOMPOSED_MAX + 1];
    size_t plain_length = plain_apostrophes(word, length, plain);
    int options = UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE
        | (strips_marks ? UTF8PROC_STRIPMARK : 0);
    utf8proc_ssize_t count = utf8proc_decompose(plain, (utf8proc_ssize_t)plain_length, characters, DECOMPOSED_MAX, (utf8proc_option_t)options);
    if (count < 1 || count > DECOMPOSED_MAX) return 0;
    // Encodes in place and ends with a zero, for which the buffer has one more element.
    utf8proc_ssize_t bytes = utf8proc_reencode(characters, count, (utf8proc_option_t)options);
    if (bytes < 1) return 0;
    const uint8_t *encoded = (const uint8_t *)characters;
    size_t kept = (size_t)bytes;
    if (kept > capacity) {
        kept = capacity;
        while (kept > 0 && (encoded[kept] & 0xC0) == 0x80) kept--;
    }
    memcpy(folded, encoded, kept);
    return kept;
}
