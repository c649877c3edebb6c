/* The edition that this instance decodes, taken over from a block of memory once. The block is our own, checked by
 * scripts/decoder_weights.py when it was written and known by its SHA-256: nothing is proved again here. */
#include "kernels.h"
#include "memory.h"
#include "weights.h"
#include <string.h>

enum { TOGETHER = 64 }; /* weights that share a width in bits */

Edition edition;

/* The weights of a part of scripts/decoder_weights.py, in new memory; NULL for want of it. */
static const int16_t *unpacked(const uint8_t *part)
{
    const uint32_t count = *(const uint32_t *)part, groups = (count + TOGETHER - 1) / TOGETHER;
    const uint8_t *width = part + sizeof count, *bits = width + groups;
    int16_t *weights = sdz_take(groups * TOGETHER * sizeof *weights);
    if (!weights) return NULL;
    for (int16_t *group = weights; group < weights + groups * TOGETHER; group += TOGETHER) {
        const int spare = 32 - *width;
        for (int i = 0, at = 0; i < TOGETHER; i++, at += *width) {
            uint32_t word;
            memcpy(&word, bits + at / 8, sizeof word); /* 7 bits before it and 16 of it at most */
            group[i] = (int16_t)((int32_t)(word >> at % 8 << spare) >> spare);
        }
        bits += TOGETHER / 8 * *width++;
    }
    return weights;
}

/* 0, or -1 for a block of another kind, -2 for want of memory. */
int sdz_open(const uint8_t *block, uint32_t bytes)
{
    const Head *head = (const Head *)block;
    if (bytes < sizeof *head || head->magic[0] != 'S' || head->magic[1] != 'D' || head->magic[2] != 'Z'
        || head->magic[3] != 'W' || head->version != WEIGHTS_VERSION || head->bytes != bytes) return -1;
    const size_t room = sdz_network_packed(head->shape);
    uint8_t *packed = room ? sdz_take(room) : NULL;
    if (!packed) return room ? -2 : -1;
    const uintptr_t before = sdz_mark();
    const int16_t *weights = unpacked(block + head->offsets[WEIGHTS]);
    if (!weights) return -2;
    sdz_network_pack(head->shape, weights, (const int32_t *)(block + head->offsets[NUMBERS]), packed);
    sdz_release(before);
    edition.head = head;
    edition.steps = (const int32_t *)(block + head->offsets[STEPS]);
    edition.preview = (const float *)(block + head->offsets[PREVIEW]);
    edition.packed = packed;
    edition.channels = head->shape[1];
    for (int i = 0; i < STATISTICS_COUNTS; i++) edition.statistics.counts[i] = head->counts[i];
    for (int i = 0; i < STATISTICS_ARRAYS; i++)
        edition.statistics.arrays[i] = head->offsets[STATISTICS + i] ? block + head->offsets[STATISTICS + i] : NULL;
    sdz_start();
    return 0;
}
