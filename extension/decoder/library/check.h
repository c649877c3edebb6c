/* CRC-32 of IEEE 802.3, four bytes a step. */
#include <stddef.h>
#include <stdint.h>

static uint32_t crc_table[4][256];

static void make_crc_table(void)
{
    if (crc_table[0][1]) return;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++) c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
        crc_table[0][i] = c;
    }
    for (int k = 1; k < 4; k++)
        for (int i = 0; i < 256; i++) {
            const uint32_t before = crc_table[k - 1][i];
            crc_table[k][i] = before >> 8 ^ crc_table[0][before & 255];
        }
}

/* `crc` without its first and last inversion. */
static inline uint32_t crc_word(uint32_t crc, uint32_t word)
{
    crc ^= word;
    return crc_table[3][crc & 255] ^ crc_table[2][crc >> 8 & 255] ^ crc_table[1][crc >> 16 & 255] ^ crc_table[0][crc >> 24];
}

static inline uint32_t crc_bytes(uint32_t crc, const uint8_t *at, size_t bytes)
{
    for (; bytes >= 4; at += 4, bytes -= 4)
        crc = crc_word(crc, (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);
    for (; bytes; at++, bytes--) crc = crc >> 8 ^ crc_table[0][(crc ^ *at) & 255];
    return crc;
}
