#include "CRegularExpressions.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <string>

struct CRegularExpression {
    RE2 program;

    CRegularExpression(const re2::StringPiece &pattern, const RE2::Options &options) : program(pattern, options) {}
};

namespace {

void describe(const char *reason, char *error, size_t capacity) noexcept {
    if (error == nullptr || capacity == 0) return;
    size_t length = std::min(std::strlen(reason), capacity - 1);
    std::memcpy(error, reason, length);
    error[length] = '\0';
}

}  // namespace

CRegularExpression *cre_compile(
    const char *pattern, size_t pattern_length, int64_t memory_bytes_max, char *error, size_t error_capacity) {
    try {
        RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(memory_bytes_max);
        auto expression = std::make_unique<CRegularExpression>(re2::StringPiece(pattern, pattern_length), options);
        if (expression->program.ok()) return expression.release();
        describe(expression->program.error().c_str(), error, error_capacity);
    } catch (const std::exception &failure) {
        describe(failure.what(), error, error_capacity);
    }
    return nullptr;
}

bool cre_matches(const CRegularExpression *expression, const char *text, size_t text_length) {
    try {
        return RE2::PartialMatch(re2::StringPiece(text, text_length), expression->program);
    } catch (const std::exception &) {
        // Only an allocation can throw here, and then the process cannot go on in any case.
        std::terminate();
    }
}

void cre_free(CRegularExpression *expression) { delete expression; }
