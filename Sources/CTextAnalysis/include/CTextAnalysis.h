#ifndef LYRICA_C_TEXT_ANALYSIS_H
#define LYRICA_C_TEXT_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What a character is to words. The numbers are this header's own; nothing stores them.
enum {
    CTA_SEPARATOR = 0,
    // Letters and numbers: they make a word.
    CTA_LETTER = 1,
    // Marks and invisible format characters: they belong to the word before them.
    CTA_EXTENDER = 2,
    // Characters of scripts written without spaces (Han, Hiragana): each is a word.
    CTA_IDEOGRAPH = 3,
    // An apostrophe, which stands inside a word when letters are on both sides.
    CTA_APOSTROPHE = 4,
};

// Says what the first character of the text is, and in `consumed` how many bytes it has (at least 1, at most `length`).
// `length` is at least 1. A byte that begins no UTF-8 character is a separator of one byte.
int cta_classify(const uint8_t *text, size_t length, size_t *consumed);

// The longest word that `cta_fold` takes, in bytes.
#define CTA_WORD_BYTES_MAX 255

// Folds a word so that its spellings become one: compatibility forms and case folded, marks composed, U+2019 made an apostrophe, invisible
// characters removed; with `strips_marks` also without the marks of its letters (é becomes e).
// Writes at most `capacity` bytes, whole characters, and returns how many. 0 for a word that folds to nothing or is no UTF-8.
size_t cta_fold(const uint8_t *word, size_t length, bool strips_marks, uint8_t *folded, size_t capacity);

// A stemmer of the Snowball project. One may be used by one thread at a time.
typedef struct CTextStemmer CTextStemmer;

// NULL when the library does not know the language or has no memory.
CTextStemmer *cta_stemmer_create(const char *language);
void cta_stemmer_destroy(CTextStemmer *stemmer);

// The stem of a folded word, valid until the stemmer's next call. Returns its length; 0 when there is no memory.
size_t cta_stem(CTextStemmer *stemmer, const uint8_t *word, size_t length, const uint8_t **stem);

#ifdef __cplusplus
}
#endif

#endif
