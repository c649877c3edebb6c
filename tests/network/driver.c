/* Runs the library outside of Python, under sanitizers: reads a case from standard input, decodes and
 * encodes it with every variant by several threads, and writes what came out to standard output.
 *
 * A case: int32 [2][6] shapes of decoder and encoder, h, w, height, width, numbers of int16 weights and of
 * int32 numbers of both; then the weights and numbers of the decoder, those of the encoder, multiplier and
 * shift [C], symbols [C][h][w]. Memory is taken to the byte, so that a step beyond it is seen. */

#include "network.c"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *get(size_t bytes)
{
    void *found = NULL;
    if (posix_memalign(&found, 64, bytes ? bytes : 1)) abort();
    return found;
}

static void *read_all(size_t bytes)
{
    void *found = malloc(bytes ? bytes : 1);
    if (fread(found, 1, bytes, stdin) != bytes) abort();
    return found;
}

static const int32_t never = 0;

static void *help(void *room)
{
    while (sdz_network_work(room, &never) == 0) usleep(100);
    return NULL;
}

static void work_together(uint8_t *room)
{
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) pthread_create(threads + i, NULL, help, room);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    if (sdz_network_work(room, &never) != 1) abort();
}

int main(void)
{
    int32_t *head = read_all(20 * sizeof *head);
    const int32_t *shapes[2] = { head, head + 6 }, *counts = head + 16;
    const int h = head[12], w = head[13], height = head[14], width = head[15];
    uint8_t *packed[2];
    for (int i = 0; i < 2; i++) {
        int16_t *weights = read_all((size_t)counts[2 * i] * sizeof *weights);
        int32_t *numbers = read_all((size_t)counts[2 * i + 1] * sizeof *numbers);
        packed[i] = get(sdz_network_packed(shapes[i]));
        sdz_network_pack(shapes[i], weights, numbers, packed[i]);
        free(weights);
        free(numbers);
    }
    const size_t C = (size_t)head[1], plane = (size_t)h * (size_t)w;
    int32_t *multiplier = read_all(C * sizeof *multiplier), *shift = read_all(C * sizeof *shift);
    int16_t *symbols = read_all(C * plane * sizeof *symbols);
    for (int variant = 0; variant < VARIANTS; variant++) {
        if (!sdz_network_has(variant)) continue;
        uint8_t *room = get(sdz_network_room(shapes[0], h, w));
        uint8_t *pixels = malloc((size_t)height * (size_t)width * 3);
        sdz_network_decode(room, shapes[0], packed[0], variant, symbols, plane, multiplier, shift, h, w, pixels,
                           height, width, 0);
        work_together(room);
        fwrite(pixels, 3, (size_t)height * (size_t)width, stdout);
        free(room);
        room = get(sdz_network_room(shapes[1], h, w));
        int16_t *latents = malloc(C * plane * sizeof *latents);
        sdz_network_encode(room, shapes[1], packed[1], variant, pixels, height, width, latents);
        work_together(room);
        fwrite(latents, sizeof *latents, C * plane, stdout);
        free(room);
        free(latents);
        free(pixels);
    }
    free(symbols);
    free(multiplier);
    free(shift);
    free(packed[0]);
    free(packed[1]);
    free(head);
    return 0;
}
