/* Strings of control programs: `capacity` units of 8 bits (16 if `wide`) and a closing zero.
   The unused rest is kept zero, so equal strings are equal bytes. What does not fit is cut off. */

static inline u32 hil_text_unit(const void *text, i64 index, i32 wide) {
    return wide ? (u32)((const u16 *)text)[index] : (u32)((const u8 *)text)[index];
}

static inline void hil_text_put(void *text, i64 index, u32 code, i32 wide) {
    if (wide) ((u16 *)text)[index] = (u16)code;
    else ((u8 *)text)[index] = (u8)code;
}

static inline i64 hil_text_length(const void *text, i32 capacity, i32 wide) {
    i64 length = 0;
    while (length < capacity && hil_text_unit(text, length, wide) != 0) length = length + 1;
    return length;
}

static inline void hil_text_finish(void *target, i32 capacity, i64 length, i32 wide) {
    i64 i;
    for (i = length; i <= capacity; i = i + 1) hil_text_put(target, i, 0, wide);
}

/* Put `count` units of `source` from `first` on behind `at`; returns the new length. */
static inline i64 hil_text_put_part(void *target, i32 capacity, i64 at, const void *source, i64 first, i64 count, i32 wide) {
    i64 i;
    for (i = 0; i < count && at < capacity; i = i + 1) {
        hil_text_put(target, at, hil_text_unit(source, first + i, wide), wide);
        at = at + 1;
    }
    return at;
}

static inline void hil_text_copy(void *target, i32 capacity, const void *source, i32 source_capacity, i32 wide) {
    i64 length = hil_text_length(source, source_capacity, wide);
    hil_text_finish(target, capacity, hil_text_put_part(target, capacity, 0, source, 0, length, wide), wide);
}

/* Between STRING and WSTRING; a code above 255 becomes a question mark. */
static inline void hil_text_from_other(void *target, i32 capacity, const void *source, i32 source_capacity, i32 wide) {
    i64 i, length = hil_text_length(source, source_capacity, !wide);
    if (length > capacity) length = capacity;
    for (i = 0; i < length; i = i + 1) {
        u32 code = hil_text_unit(source, i, !wide);
        hil_text_put(target, i, !wide && code > 255 ? 63 : code, wide);
    }
    hil_text_finish(target, capacity, length, wide);
}

static inline i32 hil_text_compare(const void *left, i32 left_capacity, const void *right, i32 right_capacity, i32 wide) {
    i64 i = 0;
    for (;;) {
        u32 first = i < left_capacity ? hil_text_unit(left, i, wide) : 0;
        u32 second = i < right_capacity ? hil_text_unit(right, i, wide) : 0;
        if (first != second) return first < second ? -1 : 1;
        if (first == 0) return 0;
        i = i + 1;
    }
}

static inline i64 hil_text_clamp(i64 value, i64 high) {
    return value < 0 ? 0 : value > high ? high : value;
}

static inline void hil_text_part(void *target, i32 capacity, const void *source, i64 first, i64 count, i32 wide) {
    hil_text_finish(target, capacity, hil_text_put_part(target, capacity, 0, source, first, count, wide), wide);
}

static inline void hil_text_left(void *target, i32 capacity, const void *source, i32 source_capacity, i64 count, i32 wide) {
    i64 length = hil_text_length(source, source_capacity, wide);
    hil_text_part(target, capacity, source, 0, hil_text_clamp(count, length), wide);
}

static inline void hil_text_right(void *target, i32 capacity, const void *source, i32 source_capacity, i64 count, i32 wide) {
    i64 length = hil_text_length(source, source_capacity, wide);
    i64 kept = hil_text_clamp(count, length);
    hil_text_part(target, capacity, source, length - kept, kept, wide);
}

/* Positions count from 1; one before the beginning counts as 1. */
static inline void hil_text_mid(void *target, i32 capacity, const void *source, i32 source_capacity, i64 count, i64 position, i32 wide) {
    i64 length = hil_text_length(source, source_capacity, wide);
    i64 first = hil_text_clamp(position < 1 ? 0 : position - 1, length);
    hil_text_part(target, capacity, source, first, hil_text_clamp(count, length - first), wide);
}

static inline void hil_text_delete(void *target, i32 capacity, const void *source, i32 source_capacity, i64 count, i64 position, i32 wide) {
    i64 length = hil_text_length(source, source_capacity, wide);
    i64 first = hil_text_clamp(position < 1 ? 0 : position - 1, length);
    i64 after = first + hil_text_clamp(count, length - first);
    i64 at = hil_text_put_part(target, capacity, 0, source, 0, first, wide);
    hil_text_finish(target, capacity, hil_text_put_part(target, capacity, at, source, after, length - after, wide), wide);
}

static inline void hil_text_insert(void *target, i32 capacity, const void *source, i32 source_capacity, const void *inserted, i32 inserted_capacity, i64 position, i32 wide) {
    i64 length = hil_text_length(source, source_capacity, wide);
    i64 first = hil_text_clamp(position, length);
    i64 at = hil_text_put_part(target, capacity, 0, source, 0, first, wide);
    at = hil_text_put_part(target, capacity, at, inserted, 0, hil_text_length(inserted, inserted_capacity, wide), wide);
    hil_text_finish(target, capacity, hil_text_put_part(target, capacity, at, source, first, length - first, wide), wide);
}

static inline void hil_text_replace(void *target, i32 capacity, const void *source, i32 source_capacity, const void *inserted, i32 inserted_capacity, i64 count, i64 position, i32 wide) {
    i64 length = hil_text_length(source, source_capacity, wide);
    i64 first = hil_text_clamp(position < 1 ? 0 : position - 1, length);
    i64 after = first + hil_text_clamp(count, length - first);
    i64 at = hil_text_put_part(target, capacity, 0, source, 0, first, wide);
    at = hil_text_put_part(target, capacity, at, inserted, 0, hil_text_length(inserted, inserted_capacity, wide), wide);
    hil_text_finish(target, capacity, hil_text_put_part(target, capacity, at, source, after, length - after, wide), wide);
}

static inline void hil_text_append(void *target, i32 capacity, const void *source, i32 source_capacity, i32 wide) {
    i64 at = hil_text_length(target, capacity, wide);
    i64 length = hil_text_length(source, source_capacity, wide);
    hil_text_finish(target, capacity, hil_text_put_part(target, capacity, at, source, 0, length, wide), wide);
}

/* Position of the first occurrence, from 1; 0 if there is none or nothing is looked for. */
static inline i64 hil_text_find(const void *source, i32 source_capacity, const void *wanted, i32 wanted_capacity, i32 wide) {
    i64 length = hil_text_length(source, source_capacity, wide);
    i64 size = hil_text_length(wanted, wanted_capacity, wide);
    i64 first, i;
    if (size == 0) return 0;
    for (first = 0; first + size <= length; first = first + 1) {
        i = 0;
        while (i < size && hil_text_unit(source, first + i, wide) == hil_text_unit(wanted, i, wide)) i = i + 1;
        if (i == size) return first + 1;
    }
    return 0;
}

static inline void hil_text_from_character(void *target, i32 capacity, i64 code, i32 wide) {
    i64 length = 0;
    if (code != 0 && capacity > 0) {
        hil_text_put(target, 0, (u32)code, wide);
        length = 1;
    }
    hil_text_finish(target, capacity, length, wide);
}
