/* Forces of a controller: set bits of `mask` become those of `value`, in every chunk of 64 bytes that was ever used. */
static HIL_COLD void hil_lay_forces(void *memory, const void *mask, const void *value, const void *chunks, i64 size) {
    i64 chunk, i;
    for (chunk = 0; chunk * 64 < size; chunk = chunk + 1) {
        i64 end = chunk * 64 + 64 < size ? chunk * 64 + 64 : size;
        if (!((const u8 *)chunks)[chunk]) continue;
        for (i = chunk * 64; i < end; i = i + 1) {
            u8 bits = ((const u8 *)mask)[i];
            ((u8 *)memory)[i] = (u8)((((u8 *)memory)[i] & ~bits) | (((const u8 *)value)[i] & bits));
        }
    }
}
