/* What an edition of lite-1 knows, as scripts/decoder_weights.py writes it: one block of memory, with offsets in it. */
#include <stddef.h>
#include <stdint.h>

enum { STATISTICS_COUNTS = 8, STATISTICS_ARRAYS = 27, WEIGHTS_VERSION = 2 };

/* The parts of the block, by their places in its table of offsets. */
enum { WEIGHTS, NUMBERS, STEPS, PREVIEW, STATISTICS, PARTS = STATISTICS + STATISTICS_ARRAYS };

/* struct statistics of the trained coder, whose pointers here are 32 bits wide, too. */
typedef struct {
    int32_t counts[STATISTICS_COUNTS];
    const void *arrays[STATISTICS_ARRAYS];
} Statistics;

typedef struct {
    uint8_t magic[4]; /* SDZW */
    uint32_t version, bytes;
    int32_t shape[6]; /* of the network's decoder, as network.c takes it */
    int32_t rates;    /* rows of STEPS */
    int32_t side;     /* pixels of the preview a latent, in each direction */
    int32_t counts[STATISTICS_COUNTS];
    uint32_t offsets[PARTS];
    uint32_t names;
    uint8_t name[4][8]; /* what files name it by */
} Head;

typedef struct {
    const Head *head;
    const int32_t *steps;   /* [rates][channels], docs/network.md, "Steps" */
    const float *preview;   /* [channels + 1][3 * side * side], for latents on the network's grid */
    const uint8_t *packed;  /* the network's layers */
    Statistics statistics;
    int channels;
} Edition;

extern Edition edition;
