#include "CByteCoding.h"

#include <stdatomic.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#if defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif
#endif

typedef uint32_t (*crc32c_function)(uint32_t, const void *, size_t);

// Eight tables: `tables[k][b]` is the CRC of byte `b` followed by `k` zero bytes, so that eight bytes are folded with eight independent loads.
static uint32_t tables[8][256];

// Before `main`, while the process has one thread: no reader can see half a table.
__attribute__((constructor)) static void build_tables(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1u)));
        }
        tables[0][byte] = crc;
    }
    for (int zeros = 1; zeros < 8; zeros++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t before = tables[zeros - 1][byte];
            tables[zeros][byte] = (before >> 8) ^ tables[0][before & 0xFF];
        }
    }
}

uint32_t lyrica_crc32c_extend_portable(uint32_t crc, const void *bytes, size_t count) {
    const unsigned char *p = bytes;
    crc = ~crc;
    while (count >= 8) {
        uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
        crc = tables[7][low & 0xFF] ^ tables[6][(low >> 8) & 0xFF] ^ tables[5][(low >> 16) & 0xFF] ^ tables[4][low >> 24]
            ^ tables[3][p[4]] ^ tables[2][p[5]] ^ tables[1][p[6]] ^ tables[0][p[7]];
        p += 8;
        count -= 8;
    }
    while (count > 0) {
        crc = (crc >> 8) ^ tables[0][(crc ^ *p) & 0xFF];
        p++;
        count--;
    }
    return ~crc;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) static uint32_t extend_sse42(uint32_t crc, const void *bytes, size_t count) {
    const unsigned char *p = bytes;
    uint64_t wide = (uint32_t)~crc;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        wide = _mm_crc32_u64(wide, word);
        p += 8;
        count -= 8;
    }
    uint32_t narrow = (uint32_t)wide;
    while (count > 0) {
        narrow = _mm_crc32_u8(narrow, *p);
        p++;
        count--;
    }
    return ~narrow;
}

static crc32c_function fastest(const char **name) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("sse4.2")) {
        *name = "sse4.2";
        return extend_sse42;
    }
    *name = "portable";
    return lyrica_crc32c_extend_portable;
}

#elif defined(__aarch64__)

__attribute__((target("+crc"))) static uint32_t extend_arm(uint32_t crc, const void *bytes, size_t count) {
    const unsigned char *p = bytes;
    crc = ~crc;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        crc = __crc32cd(crc, word);
        p += 8;
        count -= 8;
    }
    while (count > 0) {
        crc = __crc32cb(crc, *p);
        p++;
        count--;
    }
    return ~crc;
}

static crc32c_function fastest(const char **name) {
#if defined(__linux__)
    if (!(getauxval(AT_HWCAP) & HWCAP_CRC32)) {
        *name = "portable";
        return lyrica_crc32c_extend_portable;
    }
#endif
    *name = "arm-crc";
    return extend_arm;
}

#else

static crc32c_function fastest(const char **name) {
    *name = "portable";
    return lyrica_crc32c_extend_portable;
}

#endif

static uint32_t choose_and_extend(uint32_t crc, const void *bytes, size_t count);

static _Atomic(crc32c_function) chosen = choose_and_extend;

static uint32_t choose_and_extend(uint32_t crc, const void *bytes, size_t count) {
    const char *name;
    crc32c_function function = fastest(&name);
    atomic_store_explicit(&chosen, function, memory_order_relaxed);
    return function(crc, bytes, count);
}

uint32_t lyrica_crc32c_extend(uint32_t crc, const void *bytes, size_t count) {
    return atomic_load_explicit(&chosen, memory_order_relaxed)(crc, bytes, count);
}

const char *lyrica_crc32c_implementation(void) {
    const char *name;
    (void)fastest(&name);
    return name;
}
