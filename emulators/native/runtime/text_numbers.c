/* Numbers as text and back, correctly rounded both ways, with exact integers of many words. */

typedef struct {
    i64 length;
    u8 text[96];
} hil_spelling;

static inline void hil_spell(hil_spelling *spelling, u32 code) {
    if (spelling->length < 96) {
        spelling->text[spelling->length] = (u8)code;
        spelling->length = spelling->length + 1;
    }
}

static inline void hil_spell_words(hil_spelling *spelling, const char *words) {
    while (*words != 0) {
        hil_spell(spelling, (u32)*words);
        words = words + 1;
    }
}

/* Decimal digits, at least `width` of them. */
static inline void hil_spell_number(hil_spelling *spelling, u64 value, i32 width) {
    u8 digits[20];
    i32 count = 0;
    do {
        digits[count] = (u8)(48 + value % 10);
        value = value / 10;
        count = count + 1;
    } while (value != 0);
    while (width > count) {
        hil_spell(spelling, 48);
        width = width - 1;
    }
    while (count > 0) {
        count = count - 1;
        hil_spell(spelling, digits[count]);
    }
}

static inline void hil_spelled(void *target, i32 capacity, const hil_spelling *spelling, i32 wide) {
    i64 i, length = spelling->length < capacity ? spelling->length : capacity;
    for (i = 0; i < length; i = i + 1) hil_text_put(target, i, spelling->text[i], wide);
    hil_text_finish(target, capacity, length, wide);
}

static inline void hil_text_from_u64(void *target, i32 capacity, u64 value, i32 wide) {
    hil_spelling spelling;
    spelling.length = 0;
    hil_spell_number(&spelling, value, 1);
    hil_spelled(target, capacity, &spelling, wide);
}

static inline void hil_text_from_i64(void *target, i32 capacity, i64 value, i32 wide) {
    hil_spelling spelling;
    spelling.length = 0;
    if (value < 0) hil_spell(&spelling, 45);
    hil_spell_number(&spelling, value < 0 ? 0 - (u64)value : (u64)value, 1);
    hil_spelled(target, capacity, &spelling, wide);
}

static inline void hil_text_from_bool(void *target, i32 capacity, b8 value, i32 wide) {
    hil_spelling spelling;
    spelling.length = 0;
    hil_spell_words(&spelling, value ? "TRUE" : "FALSE");
    hil_spelled(target, capacity, &spelling, wide);
}

/* --- integers of many words, least significant first --- */

#define HIL_WORDS 80

typedef struct {
    i32 used;
    u32 words[HIL_WORDS];
} hil_large;

static inline void hil_large_set(hil_large *number, u64 value) {
    number->used = 0;
    while (value != 0) {
        number->words[number->used] = (u32)value;
        number->used = number->used + 1;
        value = value >> 32;
    }
}

static inline void hil_large_scale(hil_large *number, u32 factor, u32 added) {
    u64 carry = added;
    i32 i;
    for (i = 0; i < number->used; i = i + 1) {
        carry = carry + (u64)number->words[i] * factor;
        number->words[i] = (u32)carry;
        carry = carry >> 32;
    }
    if (carry != 0 && number->used < HIL_WORDS) {
        number->words[number->used] = (u32)carry;
        number->used = number->used + 1;
    }
}

static inline void hil_large_scale_ten(hil_large *number, i64 exponent) {
    while (exponent >= 9) {
        hil_large_scale(number, 1000000000u, 0);
        exponent = exponent - 9;
    }
    while (exponent > 0) {
        hil_large_scale(number, 10u, 0);
        exponent = exponent - 1;
    }
}

static inline void hil_large_shift(hil_large *number, i64 bits) {
    i32 words = (i32)(bits / 32), i;
    u32 rest = (u32)(bits % 32);
    if (number->used == 0) return;
    if (rest != 0) hil_large_scale(number, 1u << rest, 0);
    if (words == 0 || number->used + words > HIL_WORDS) return;
    for (i = number->used - 1; i >= 0; i = i - 1) number->words[i + words] = number->words[i];
    for (i = 0; i < words; i = i + 1) number->words[i] = 0;
    number->used = number->used + words;
}

static inline i32 hil_large_compare(const hil_large *left, const hil_large *right) {
    i32 i;
    if (left->used != right->used) return left->used < right->used ? -1 : 1;
    for (i = left->used - 1; i >= 0; i = i - 1) {
        if (left->words[i] != right->words[i]) return left->words[i] < right->words[i] ? -1 : 1;
    }
    return 0;
}

static inline void hil_large_trim(hil_large *number) {
    while (number->used > 0 && number->words[number->used - 1] == 0) number->used = number->used - 1;
}

/* left = left - right, where right is not greater */
static inline void hil_large_subtract(hil_large *left, const hil_large *right) {
    u64 borrow = 0;
    i32 i;
    for (i = 0; i < left->used; i = i + 1) {
        u64 taken = (i < right->used ? (u64)right->words[i] : 0) + borrow;
        u64 have = left->words[i];
        borrow = have < taken;
        left->words[i] = (u32)(have + (borrow << 32) - taken);
    }
    hil_large_trim(left);
}

static inline void hil_large_add(hil_large *sum, const hil_large *left, const hil_large *right) {
    u64 carry = 0;
    i32 i, used = left->used > right->used ? left->used : right->used;
    for (i = 0; i < used; i = i + 1) {
        carry = carry + (i < left->used ? (u64)left->words[i] : 0) + (i < right->used ? (u64)right->words[i] : 0);
        sum->words[i] = (u32)carry;
        carry = carry >> 32;
    }
    sum->used = used;
    if (carry != 0 && used < HIL_WORDS) {
        sum->words[used] = (u32)carry;
        sum->used = used + 1;
    }
}

static inline i64 hil_large_bits(const hil_large *number) {
    u32 top;
    i64 bits;
    if (number->used == 0) return 0;
    top = number->words[number->used - 1];
    bits = (i64)(number->used - 1) * 32;
    while (top != 0) {
        bits = bits + 1;
        top = top >> 1;
    }
    return bits;
}

/* --- shortest digits that read back as the same number (Steele and White's free-format printing) --- */

/* Digits of mantissa * 2**exponent into `digits`; returns their number, `point`: 0.DIGITS * 10**point. */
static inline i32 hil_shortest_digits(u64 mantissa, i64 exponent, i32 is_boundary, u8 *digits, i64 *point) {
    hil_large rest, unit, above, below, sum;
    i32 count = 0, is_even = (i32)((mantissa & 1) == 0), is_low, is_high, order;
    i64 power = 0;
    hil_large_set(&rest, mantissa);
    hil_large_set(&unit, 1);
    hil_large_set(&below, 1);
    hil_large_shift(&rest, 1 + (exponent > 0 ? exponent : 0) + is_boundary);
    hil_large_shift(&unit, 1 + (exponent < 0 ? -exponent : 0) + is_boundary);
    hil_large_shift(&below, exponent > 0 ? exponent : 0);
    above = below;
    if (is_boundary) hil_large_shift(&above, 1);
    for (;;) { /* unit * 10**power shall be at least rest + above */
        hil_large_add(&sum, &rest, &above);
        order = hil_large_compare(&sum, &unit);
        if (order < 0 || (order == 0 && !is_even)) break;
        hil_large_scale(&unit, 10, 0);
        power = power + 1;
    }
    for (;;) {
        hil_large_add(&sum, &rest, &above);
        hil_large_scale(&sum, 10, 0);
        order = hil_large_compare(&sum, &unit);
        if (order > 0 || (order == 0 && is_even)) break;
        hil_large_scale(&rest, 10, 0);
        hil_large_scale(&above, 10, 0);
        hil_large_scale(&below, 10, 0);
        power = power - 1;
    }
    *point = power;
    for (;;) {
        u32 digit = 0;
        hil_large_scale(&rest, 10, 0);
        hil_large_scale(&above, 10, 0);
        hil_large_scale(&below, 10, 0);
        while (hil_large_compare(&rest, &unit) >= 0) {
            hil_large_subtract(&rest, &unit);
            digit = digit + 1;
        }
        order = hil_large_compare(&rest, &below);
        is_low = order < 0 || (order == 0 && is_even);
        hil_large_add(&sum, &rest, &above);
        order = hil_large_compare(&sum, &unit);
        is_high = order > 0 || (order == 0 && is_even);
        if (is_low && is_high) {
            hil_large_add(&sum, &rest, &rest);
            order = hil_large_compare(&sum, &unit);
            is_high = order > 0 || (order == 0 && (digit & 1));
        }
        digits[count] = (u8)(digit + (u32)is_high);
        count = count + 1;
        if (is_low || is_high) return count;
    }
}

static inline void hil_spell_real(hil_spelling *spelling, u64 bits, i32 mantissa_bits, i32 exponent_bits) {
    u64 fraction = bits & ((1ULL << mantissa_bits) - 1);
    i64 exponent = (i64)(bits >> mantissa_bits) & ((1LL << exponent_bits) - 1);
    i64 bias = (1LL << (exponent_bits - 1)) - 1 + mantissa_bits, point, i;
    u8 digits[24];
    i32 count;
    if (exponent == (1LL << exponent_bits) - 1 && fraction != 0) {
        hil_spell_words(spelling, "NaN");
        return;
    }
    if (bits >> (mantissa_bits + exponent_bits)) hil_spell(spelling, 45);
    if (exponent == (1LL << exponent_bits) - 1) {
        hil_spell_words(spelling, "Infinity");
        return;
    }
    if (exponent == 0 && fraction == 0) {
        hil_spell_words(spelling, "0.0");
        return;
    }
    if (exponent == 0) count = hil_shortest_digits(fraction, 1 - bias, 0, digits, &point);
    else count = hil_shortest_digits(fraction | (1ULL << mantissa_bits), exponent - bias, fraction == 0 && exponent > 1, digits, &point);
    if (point > -4 && point <= 16) {
        if (point <= 0) {
            hil_spell_words(spelling, "0.");
            for (i = point; i < 0; i = i + 1) hil_spell(spelling, 48);
        }
        for (i = 0; i < count || i < point; i = i + 1) {
            if (i == point && i > 0) hil_spell(spelling, 46);
            hil_spell(spelling, i < count ? (u32)(48 + digits[i]) : 48);
        }
        if (count <= point) hil_spell_words(spelling, ".0");
        return;
    }
    hil_spell(spelling, (u32)(48 + digits[0]));
    hil_spell(spelling, 46);
    if (count == 1) hil_spell(spelling, 48);
    for (i = 1; i < count; i = i + 1) hil_spell(spelling, (u32)(48 + digits[i]));
    hil_spell_words(spelling, point > 0 ? "E+" : "E-");
    hil_spell_number(spelling, (u64)(point > 0 ? point - 1 : 1 - point), 2);
}

static inline void hil_text_from_f64(void *target, i32 capacity, f64 value, i32 wide) {
    hil_spelling spelling;
    spelling.length = 0;
    hil_spell_real(&spelling, hil_raw_bits_from_f64(value), 52, 11);
    hil_spelled(target, capacity, &spelling, wide);
}

static inline void hil_text_from_f32(void *target, i32 capacity, f32 value, i32 wide) {
    hil_spelling spelling;
    spelling.length = 0;
    hil_spell_real(&spelling, (u64)hil_raw_bits_from_f32(value), 23, 8);
    hil_spelled(target, capacity, &spelling, wide);
}

/* --- reading --- */

typedef struct {
    const void *text;
    i64 at;
    i64 length;
    i32 wide;
} hil_reading;

static inline u32 hil_peek(const hil_reading *reading) {
    return reading->at < reading->length ? hil_text_unit(reading->text, reading->at, reading->wide) : 0;
}

static inline u32 hil_peek_upper(const hil_reading *reading) {
    u32 code = hil_peek(reading);
    return code >= 97 && code <= 122 ? code - 32 : code;
}

static inline void hil_start_reading(hil_reading *reading, const void *text, i32 capacity, i32 wide) {
    reading->text = text;
    reading->at = 0;
    reading->length = hil_text_length(text, capacity, wide);
    reading->wide = wide;
    while (hil_peek(reading) == 32 || hil_peek(reading) == 9) reading->at = reading->at + 1;
}

/* Take a sign; returns whether it was a minus. */
static inline i32 hil_read_sign(hil_reading *reading) {
    u32 code = hil_peek(reading);
    if (code == 43 || code == 45) reading->at = reading->at + 1;
    return code == 45;
}

/* Digits of a base with single underscores between them, modulo 2**64. */
static inline u64 hil_read_digits(hil_reading *reading, u32 base) {
    u64 value = 0;
    for (;;) {
        u32 code = hil_peek_upper(reading), digit;
        if (code == 95) {
            reading->at = reading->at + 1;
            continue;
        }
        digit = code >= 65 ? code - 55 : code - 48;
        if (code < 48 || (code > 57 && code < 65) || digit >= base) return value;
        value = value * base + digit;
        reading->at = reading->at + 1;
    }
}

static inline u64 hil_text_to_u64(const void *text, i32 capacity, i32 wide) {
    hil_reading reading;
    u64 value;
    i32 is_negative;
    hil_start_reading(&reading, text, capacity, wide);
    is_negative = hil_read_sign(&reading);
    value = hil_read_digits(&reading, 10);
    if (hil_peek(&reading) == 35 && (value == 2 || value == 8 || value == 16)) {
        reading.at = reading.at + 1;
        value = hil_read_digits(&reading, (u32)value);
    }
    return is_negative ? 0 - value : value;
}

static inline b8 hil_text_to_bool(const void *text, i32 capacity, i32 wide) {
    const char *word = "TRUE";
    hil_reading reading;
    hil_start_reading(&reading, text, capacity, wide);
    while (*word != 0 && hil_peek_upper(&reading) == (u32)*word) {
        word = word + 1;
        reading.at = reading.at + 1;
    }
    return (b8)(*word == 0 || hil_text_to_u64(text, capacity, wide) != 0);
}

#define HIL_MOST_DIGITS 120

/* Bits of the float nearest to digits * 10**exponent, ties to even; `digits` is not zero. */
static inline u64 hil_nearest_real(hil_large *digits, i64 exponent, i32 is_inexact, i32 mantissa_bits, i32 exponent_bits) {
    hil_large unit;
    i64 least = 2 - (1LL << (exponent_bits - 1)) - mantissa_bits, last, shift, i;
    u64 quotient = 0, kept, rest, half;
    hil_large_set(&unit, 1);
    if (exponent > 0) hil_large_scale_ten(digits, exponent);
    else hil_large_scale_ten(&unit, -exponent);
    /* scale so that the quotient has 63 or 64 bits: it is worth quotient * 2**last */
    last = hil_large_bits(digits) - hil_large_bits(&unit) - 63;
    if (last < 0) hil_large_shift(digits, -last);
    else hil_large_shift(&unit, last);
    hil_large_shift(&unit, 64);
    for (i = 0; i < 64; i = i + 1) {
        hil_large_scale(digits, 2, 0);
        quotient = quotient << 1;
        if (hil_large_compare(digits, &unit) >= 0) {
            hil_large_subtract(digits, &unit);
            quotient = quotient | 1;
        }
    }
    is_inexact = is_inexact || digits->used != 0;
    shift = (quotient >> 63 ? 63 : 62) - mantissa_bits;
    if (last + shift < least) shift = least - last;
    if (shift > 64) return 0;
    kept = shift == 64 ? 0 : quotient >> shift;
    rest = shift == 64 ? quotient : quotient & ((1ULL << shift) - 1);
    half = shift == 0 ? 0 : 1ULL << (shift - 1);
    if (shift > 0 && (rest > half || (rest == half && (is_inexact || (kept & 1))))) kept = kept + 1;
    if (kept == 0) return 0;
    if (kept >> (mantissa_bits + 1)) {
        kept = kept >> 1;
        shift = shift + 1;
    }
    if (kept >> mantissa_bits == 0) return kept;
    i = last + shift - least + 1;
    if (i >= (1LL << exponent_bits) - 1) return ((1ULL << exponent_bits) - 1) << mantissa_bits;
    return ((u64)i << mantissa_bits) | (kept & ((1ULL << mantissa_bits) - 1));
}

static inline u64 hil_read_real(const void *text, i32 capacity, i32 wide, i32 mantissa_bits, i32 exponent_bits) {
    hil_reading reading;
    hil_large digits;
    i64 exponent = 0, count = 0, written;
    i32 is_negative, is_fraction = 0, is_inexact = 0;
    u64 sign, bits;
    hil_start_reading(&reading, text, capacity, wide);
    is_negative = hil_read_sign(&reading);
    sign = (u64)is_negative << (mantissa_bits + exponent_bits);
    digits.used = 0;
    for (;; reading.at = reading.at + 1) {
        u32 code = hil_peek(&reading);
        if (code == 95) continue;
        if (code == 46 && !is_fraction) {
            is_fraction = 1;
            continue;
        }
        if (code < 48 || code > 57) break;
        if (count < HIL_MOST_DIGITS) {
            if (digits.used == 0) hil_large_set(&digits, code - 48);
            else hil_large_scale(&digits, 10, code - 48);
            if (digits.used != 0) count = count + 1;
            exponent = exponent - is_fraction;
        } else {
            is_inexact = is_inexact || code != 48;
            exponent = exponent + 1 - is_fraction;
        }
    }
    if (hil_peek_upper(&reading) == 69) {
        i32 is_small;
        reading.at = reading.at + 1;
        is_small = hil_read_sign(&reading);
        written = (i64)hil_read_digits(&reading, 10);
        if (written < 0 || written > 100000) written = 100000;
        exponent = is_small ? exponent - written : exponent + written;
    }
    if (digits.used == 0) return sign;
    if (count + exponent > 310) return sign | (((1ULL << exponent_bits) - 1) << mantissa_bits);
    if (count + exponent < -330) return sign;
    bits = hil_nearest_real(&digits, exponent, is_inexact, mantissa_bits, exponent_bits);
    return sign | bits;
}

static inline f64 hil_text_to_f64(const void *text, i32 capacity, i32 wide) {
    return hil_f64_from_bits_raw(hil_read_real(text, capacity, wide, 52, 11));
}

static inline f32 hil_text_to_f32(const void *text, i32 capacity, i32 wide) {
    return hil_f32_from_bits_raw((u32)hil_read_real(text, capacity, wide, 23, 8));
}
