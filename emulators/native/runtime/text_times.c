/* Durations, dates and times of day as the literals of IEC 61131-3 spell them, in nanoseconds. */

#define HIL_DAY_NS 86400000000000LL

static inline void hil_spell_unit(hil_spelling *spelling, u64 *rest, u64 unit, const char *name) {
    u64 count = *rest / unit;
    *rest = *rest % unit;
    if (count != 0) {
        hil_spell_number(spelling, count, 1);
        hil_spell_words(spelling, name);
    }
}

/* T#1d2h3m4s5ms6us7ns without the units that are zero; T#0s */
static inline void hil_text_from_duration(void *target, i32 capacity, i64 value, i32 is_long, i32 wide) {
    hil_spelling spelling;
    u64 rest = value < 0 ? 0 - (u64)value : (u64)value;
    spelling.length = 0;
    hil_spell_words(&spelling, is_long ? "LTIME#" : "T#");
    if (value < 0) hil_spell(&spelling, 45);
    if (value == 0) hil_spell_words(&spelling, "0s");
    hil_spell_unit(&spelling, &rest, (u64)HIL_DAY_NS, "d");
    hil_spell_unit(&spelling, &rest, 3600000000000ULL, "h");
    hil_spell_unit(&spelling, &rest, 60000000000ULL, "m");
    hil_spell_unit(&spelling, &rest, 1000000000ULL, "s");
    hil_spell_unit(&spelling, &rest, 1000000ULL, "ms");
    hil_spell_unit(&spelling, &rest, 1000ULL, "us");
    hil_spell_unit(&spelling, &rest, 1ULL, "ns");
    hil_spelled(target, capacity, &spelling, wide);
}

static inline i64 hil_floor_days(i64 value) {
    i64 days = value / HIL_DAY_NS;
    return value % HIL_DAY_NS < 0 ? days - 1 : days;
}

/* Civil date of days since 1970-01-01, in cycles of 400 years that start on the first of March. */
static inline void hil_spell_date(hil_spelling *spelling, i64 days) {
    i64 shifted = days + 719468, era, day, year, month;
    era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    day = shifted - era * 146097;
    year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day = day - (365 * year + year / 4 - year / 100);
    month = (5 * day + 2) / 153;
    day = day - (153 * month + 2) / 5 + 1;
    month = month < 10 ? month + 3 : month - 9;
    year = year + era * 400 + (month <= 2);
    hil_spell_number(spelling, (u64)year, 4);
    hil_spell(spelling, 45);
    hil_spell_number(spelling, (u64)month, 2);
    hil_spell(spelling, 45);
    hil_spell_number(spelling, (u64)day, 2);
}

/* HH:MM:SS with as many thirds of decimals as are needed */
static inline void hil_spell_time(hil_spelling *spelling, i64 in_day) {
    u64 seconds = (u64)in_day / 1000000000ULL, fraction = (u64)in_day % 1000000000ULL;
    hil_spell_number(spelling, seconds / 3600, 2);
    hil_spell(spelling, 58);
    hil_spell_number(spelling, seconds / 60 % 60, 2);
    hil_spell(spelling, 58);
    hil_spell_number(spelling, seconds % 60, 2);
    if (fraction == 0) return;
    hil_spell(spelling, 46);
    if (fraction % 1000000 == 0) hil_spell_number(spelling, fraction / 1000000, 3);
    else if (fraction % 1000 == 0) hil_spell_number(spelling, fraction / 1000, 6);
    else hil_spell_number(spelling, fraction, 9);
}

static inline void hil_text_from_date(void *target, i32 capacity, i64 value, i32 is_long, i32 wide) {
    hil_spelling spelling;
    spelling.length = 0;
    hil_spell_words(&spelling, is_long ? "LDATE#" : "D#");
    hil_spell_date(&spelling, hil_floor_days(value));
    hil_spelled(target, capacity, &spelling, wide);
}

static inline void hil_text_from_time_of_day(void *target, i32 capacity, i64 value, i32 is_long, i32 wide) {
    hil_spelling spelling;
    spelling.length = 0;
    hil_spell_words(&spelling, is_long ? "LTOD#" : "TOD#");
    hil_spell_time(&spelling, value - hil_floor_days(value) * HIL_DAY_NS);
    hil_spelled(target, capacity, &spelling, wide);
}

static inline void hil_text_from_date_and_time(void *target, i32 capacity, i64 value, i32 is_long, i32 wide) {
    hil_spelling spelling;
    i64 days = hil_floor_days(value);
    spelling.length = 0;
    hil_spell_words(&spelling, is_long ? "LDT#" : "DT#");
    hil_spell_date(&spelling, days);
    hil_spell(&spelling, 45);
    hil_spell_time(&spelling, value - days * HIL_DAY_NS);
    hil_spelled(target, capacity, &spelling, wide);
}

/* --- reading; what is no literal gives 0 --- */

/* Go behind the prefix (T#, DATE#, …), if there is one. */
static inline void hil_skip_prefix(hil_reading *reading) {
    i64 start = reading->at;
    while (reading->at < reading->length && hil_peek(reading) != 35) reading->at = reading->at + 1;
    reading->at = reading->at < reading->length ? reading->at + 1 : start;
}

/* Decimals behind a point as a fraction of `unit`, rounded down; at most nine of them count. */
static inline u64 hil_read_fraction(hil_reading *reading, u64 unit) {
    u64 numerator = 0, denominator = 1;
    if (hil_peek(reading) != 46) return 0;
    reading->at = reading->at + 1;
    while ((hil_peek(reading) >= 48 && hil_peek(reading) <= 57) || hil_peek(reading) == 95) {
        u32 code = hil_peek(reading);
        reading->at = reading->at + 1;
        if (code == 95 || denominator >= 1000000000ULL) continue;
        numerator = numerator * 10 + (code - 48);
        denominator = denominator * 10;
    }
    return unit / denominator * numerator + unit % denominator * numerator / denominator;
}

static inline u64 hil_read_unit(hil_reading *reading) {
    u32 first = hil_peek_upper(reading), second;
    reading->at = reading->at + 1;
    second = hil_peek_upper(reading);
    if (second == 83 && (first == 77 || first == 85 || first == 78)) {
        reading->at = reading->at + 1;
        return first == 77 ? 1000000ULL : first == 85 ? 1000ULL : 1ULL;
    }
    if (first == 68) return (u64)HIL_DAY_NS;
    if (first == 72) return 3600000000000ULL;
    if (first == 77) return 60000000000ULL;
    if (first == 83) return 1000000000ULL;
    return 0;
}

static inline i64 hil_text_to_duration(const void *text, i32 capacity, i32 wide) {
    hil_reading reading;
    u64 total = 0;
    i32 is_negative;
    hil_start_reading(&reading, text, capacity, wide);
    hil_skip_prefix(&reading);
    is_negative = hil_read_sign(&reading);
    while (hil_peek(&reading) >= 48 && hil_peek(&reading) <= 57) {
        u64 count = hil_read_digits(&reading, 10), unit;
        i64 behind = reading.at;
        hil_read_fraction(&reading, 1);
        unit = hil_read_unit(&reading);
        if (unit == 0) return 0;
        total = total + count * unit;
        if (hil_text_unit(text, behind, wide) == 46) {
            i64 next = reading.at;
            reading.at = behind;
            total = total + hil_read_fraction(&reading, unit);
            reading.at = next;
        }
        if (hil_peek(&reading) == 95) reading.at = reading.at + 1;
    }
    return (i64)(is_negative ? 0 - total : total);
}

static inline i64 hil_read_date(hil_reading *reading) {
    i64 year, month, day, era, of_era;
    year = (i64)hil_read_digits(reading, 10);
    if (hil_peek(reading) != 45) return 0;
    reading->at = reading->at + 1;
    month = (i64)hil_read_digits(reading, 10);
    if (hil_peek(reading) != 45) return 0;
    reading->at = reading->at + 1;
    day = (i64)hil_read_digits(reading, 10);
    if (year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1 || day > 31) return 0;
    year = year - (month <= 2);
    era = year / 400;
    of_era = year - era * 400;
    day = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    day = of_era * 365 + of_era / 4 - of_era / 100 + day;
    return (era * 146097 + day - 719468) * HIL_DAY_NS;
}

static inline i64 hil_read_time(hil_reading *reading) {
    u64 total = hil_read_digits(reading, 10) % 24 * 3600000000000ULL;
    if (hil_peek(reading) != 58) return (i64)total;
    reading->at = reading->at + 1;
    total = total + hil_read_digits(reading, 10) % 60 * 60000000000ULL;
    if (hil_peek(reading) != 58) return (i64)total;
    reading->at = reading->at + 1;
    total = total + hil_read_digits(reading, 10) % 60 * 1000000000ULL;
    return (i64)(total + hil_read_fraction(reading, 1000000000ULL));
}

static inline i64 hil_text_to_date(const void *text, i32 capacity, i32 wide) {
    hil_reading reading;
    hil_start_reading(&reading, text, capacity, wide);
    hil_skip_prefix(&reading);
    return hil_read_date(&reading);
}

static inline i64 hil_text_to_time_of_day(const void *text, i32 capacity, i32 wide) {
    hil_reading reading;
    hil_start_reading(&reading, text, capacity, wide);
    hil_skip_prefix(&reading);
    return hil_read_time(&reading);
}

static inline i64 hil_text_to_date_and_time(const void *text, i32 capacity, i32 wide) {
    hil_reading reading;
    i64 date;
    hil_start_reading(&reading, text, capacity, wide);
    hil_skip_prefix(&reading);
    date = hil_read_date(&reading);
    if (hil_peek(&reading) != 45) return date;
    reading.at = reading.at + 1;
    return date + hil_read_time(&reading);
}
