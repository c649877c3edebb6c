/* Pixels as PNG that is not compressed: browsers read it at the speed of memory, and nobody keeps it. */
#include "check.h"
#include "memory.h"

enum { MOST_STORED = 65535, ADLER = 65521, ADLER_RUN = 5552 };

typedef struct {
    uint8_t *at;
    uint64_t left;  /* bytes of rows still to come, in this block and the later ones */
    uint32_t block; /* bytes left in this block */
    uint32_t a, b;  /* Adler-32 */
    int more;       /* whether others come behind the last block */
} Stored;

static uint8_t *big(uint8_t *at, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8) *at++ = (uint8_t)(number >> shift);
    return at;
}

/* `length` bytes of rows, cut into blocks as deflate has them. */
static void store(Stored *s, const uint8_t *from, uint32_t length)
{
    while (length) {
        if (!s->block) {
            s->block = s->left < MOST_STORED ? (uint32_t)s->left : MOST_STORED;
            const uint8_t head[5] = { !s->more && s->left == s->block, (uint8_t)s->block, (uint8_t)(s->block >> 8),
                                      (uint8_t)~s->block, (uint8_t)(~s->block >> 8) };
            for (int i = 0; i < 5; i++) *s->at++ = head[i];
        }
        uint32_t run = length < s->block ? length : s->block;
        run = run < ADLER_RUN ? run : ADLER_RUN;
        __builtin_memcpy(s->at, from, run);
        for (uint32_t i = 0; i < run; i++) s->b += s->a += from[i];
        s->a %= ADLER, s->b %= ADLER;
        s->at += run, from += run, s->block -= run, s->left -= run, length -= run;
    }
}

static uint8_t *chunk(uint8_t *at, const char *type, uint32_t length)
{
    at = big(at, length);
    for (int i = 0; i < 4; i++) *at++ = (uint8_t)type[i];
    return at;
}

/* Closes the chunk of `length` bytes that ends at `at`. */
static uint8_t *close_chunk(uint8_t *at, uint32_t length)
{
    return big(at, ~crc_bytes(~0u, at - length - 4, (size_t)length + 4));
}

static uint64_t rows_bytes(int width, int height, int channels) { return ((uint64_t)width * (uint64_t)channels + 1) * (uint64_t)height; }

static uint32_t data_bytes(uint64_t rows) { return (uint32_t)(2 + rows + 5 * ((rows + MOST_STORED - 1) / MOST_STORED) + 4); }

/* Bytes of the file that sdz_png writes. */
uint32_t sdz_png_bytes(int width, int height, int channels)
{
    return 8 + 25 + 12 + data_bytes(rows_bytes(width, height, channels)) + 12;
}

/* The pixels of row y with their alpha, [width][4]. */
static const uint8_t *with_alpha(const uint8_t *rgb, const uint8_t *alpha, int width, uint8_t *row)
{
    for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) row[4 * x + c] = rgb[3 * x + c];
        row[4 * x + 3] = alpha[x];
    }
    return row;
}

/* What comes before the rows. */
static uint8_t *header(uint8_t *at, int width, int height, int channels)
{
    static const uint8_t signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
    for (int i = 0; i < 8; i++) *at++ = signature[i];
    at = big(big(chunk(at, "IHDR", 13), (uint32_t)width), (uint32_t)height);
    const uint8_t kind[5] = { 8, channels == 4 ? 6 : 2, 0, 0, 0 };
    for (int i = 0; i < 5; i++) *at++ = kind[i];
    return close_chunk(at, 13);
}

static void store_row(Stored *s, const uint8_t *row, int bytes)
{
    static const uint8_t unfiltered = 0;
    store(s, &unfiltered, 1);
    store(s, row, (uint32_t)bytes);
}

/* The file of pixels [height][width][3], and alpha [height][width] or NULL. 0, or -1 for want of memory. */
int sdz_png(const uint8_t *pixels, const uint8_t *alpha, int width, int height, uint8_t *out)
{
    const uintptr_t mark = sdz_mark();
    const int channels = alpha ? 4 : 3;
    const uint64_t rows = rows_bytes(width, height, channels);
    uint8_t *row = alpha ? sdz_take((size_t)width * 4) : NULL;
    if (alpha && !row) return -1;
    make_crc_table();
    uint8_t *at = chunk(header(out, width, height, channels), "IDAT", data_bytes(rows));
    *at++ = 0x78, *at++ = 0x01;
    Stored s = { at, rows, 0, 1, 0, 0 };
    for (int y = 0; y < height; y++) {
        const uint8_t *rgb = pixels + (size_t)y * (size_t)width * 3;
        store_row(&s, alpha ? with_alpha(rgb, alpha + (size_t)y * (size_t)width, width, row) : rgb, width * channels);
    }
    at = close_chunk(big(s.at, s.b << 16 | s.a), data_bytes(rows));
    close_chunk(chunk(at, "IEND", 0), 0);
    sdz_release(mark);
    return 0;
}

static uint32_t part_sum;

/* A chunk with some rows of a file that is `height` high, which joining.js makes whole; the file's first bytes before its first
 * rows. Its bytes, which sdz_png_bytes(width, rows, 3) are enough for. */
uint32_t sdz_png_part(const uint8_t *pixels, int width, int rows, int height, int first, uint8_t *out)
{
    const uint64_t bytes = rows_bytes(width, rows, 3);
    const uint32_t length = data_bytes(bytes) - 4 - (first ? 0 : 2);
    make_crc_table();
    uint8_t *at = chunk(first ? header(out, width, height, 3) : out, "IDAT", length);
    if (first) *at++ = 0x78, *at++ = 0x01;
    Stored s = { at, bytes, 0, 1, 0, 1 };
    for (int y = 0; y < rows; y++) store_row(&s, pixels + (size_t)y * (size_t)width * 3, width * 3);
    part_sum = s.b << 16 | s.a;
    return (uint32_t)(close_chunk(s.at, length) - out);
}

/* Adler-32 of the rows of the last part. */
uint32_t sdz_png_sum(void) { return part_sum; }
