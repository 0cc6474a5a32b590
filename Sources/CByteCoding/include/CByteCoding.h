#ifndef LYRICA_CBYTECODING_H
#define LYRICA_CBYTECODING_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Extends a CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) over `count` more bytes.
/// Start with `crc` = 0. Uses the processor's instruction where there is one, decided once per process.
uint32_t lyrica_crc32c_extend(uint32_t crc, const void *bytes, size_t count);

/// The same function from tables alone: the specification that the fast ones are tested against.
uint32_t lyrica_crc32c_extend_portable(uint32_t crc, const void *bytes, size_t count);

/// Which implementation `lyrica_crc32c_extend` uses: "sse4.2", "arm-crc" or "portable".
const char *lyrica_crc32c_implementation(void);

#ifdef __cplusplus
}
#endif

#endif
