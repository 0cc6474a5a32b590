#include "CTextAnalysis.h"

#include <libstemmer.h>

CTextStemmer *cta_stemmer_create(const char *language) { return (CTextStemmer *)sb_stemmer_new(language, "UTF_8"); }

void cta_stemmer_destroy(CTextStemmer *stemmer) { sb_stemmer_delete((struct sb_stemmer *)stemmer); }

size_t cta_stem(CTextStemmer *stemmer, const uint8_t *word, size_t length, const uint8_t **stem) {
    struct sb_stemmer *snowball = (struct sb_stemmer *)stemmer;
    const sb_symbol *result = sb_stemmer_stem(snowball, word, (int)length);
    if (result == NULL) return 0;
    *stem = result;
    return (size_t)sb_stemmer_length(snowball);
}
