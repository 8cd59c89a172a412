/* The same by hand, without guards. The state is marked as used: a compiler drops what nobody reads. */
#include <stdbool.h>
#include <stdint.h>

#define STATE static __attribute__((used))

STATE int32_t numbers[1000], sum;
STATE float a[12][12], b[12][12], c[12][12];
STATE int16_t list[64];
STATE uint32_t seed = 1;
STATE bool filled;

void run(int64_t scans) {
    for (int64_t n = 0; n < scans; n++) {
        if (!filled) {
            for (int i = 0; i < 1000; i++) numbers[i] = i + 1;
            for (int i = 0; i < 12; i++)
                for (int j = 0; j < 12; j++) {
                    a[i][j] = (float)i + 0.5f * (float)j;
                    b[i][j] = (float)i - 0.25f * (float)j;
                }
            filled = true;
        }
        int32_t total = 0;
        for (int i = 0; i < 1000; i++) total += numbers[i];
        sum = total;
        numbers[0] = sum % 7;
        for (int i = 0; i < 12; i++)
            for (int j = 0; j < 12; j++) {
                float acc = 0.0f;
                for (int k = 0; k < 12; k++) acc += a[i][k] * b[k][j];
                c[i][j] = acc;
            }
        for (int i = 0; i < 64; i++) {
            seed = seed * 1664525u + 1013904223u;
            list[i] = (int16_t)((seed >> 17) % 1000u);
        }
        for (int i = 1; i < 64; i++) {
            int16_t key = list[i];
            int j = i - 1;
            while (j >= 0 && list[j] > key) {
                list[j + 1] = list[j];
                j--;
            }
            list[j + 1] = key;
        }
    }
}
