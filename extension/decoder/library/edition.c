/* The edition that this instance decodes, taken over from a block of memory once. The block is our own, checked by
 * scripts/decoder_weights.py when it was written and known by its SHA-256: nothing is proved again here. */
#include "kernels.h"
#include "memory.h"
#include "weights.h"

Edition edition;

/* 0, or -1 for a block of another kind, -2 for want of memory. */
int sdz_open(const uint8_t *block, uint32_t bytes)
{
    const Head *head = (const Head *)block;
    if (bytes < sizeof *head || head->magic[0] != 'S' || head->magic[1] != 'D' || head->magic[2] != 'Z'
        || head->magic[3] != 'W' || head->version != WEIGHTS_VERSION || head->bytes != bytes) return -1;
    const size_t room = sdz_network_packed(head->shape);
    uint8_t *packed = room ? sdz_take(room) : NULL;
    if (!packed) return room ? -2 : -1;
    sdz_network_pack(head->shape, (const int16_t *)(block + head->offsets[WEIGHTS]),
                     (const int32_t *)(block + head->offsets[NUMBERS]), packed);
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
