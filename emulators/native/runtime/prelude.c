/* Types, faults and integer helpers that every module uses. Freestanding: no includes, no globals. */
typedef unsigned char b8;
typedef signed char i8;
typedef short i16;
typedef int i32;
typedef long long i64;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef float f32;
typedef double f64;

/* scalars laid over byte arrays may lie at any address */
typedef __attribute__((aligned(1))) i16 i16_any;
typedef __attribute__((aligned(1))) i32 i32_any;
typedef __attribute__((aligned(1))) i64 i64_any;
typedef __attribute__((aligned(1))) u16 u16_any;
typedef __attribute__((aligned(1))) u32 u32_any;
typedef __attribute__((aligned(1))) u64 u64_any;
typedef __attribute__((aligned(1))) f32 f32_any;
typedef __attribute__((aligned(1))) f64 f64_any;

#ifdef __TINYC__
#define HIL_UNLIKELY(condition) (condition)
#define HIL_COLD
#else
#define HIL_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define HIL_COLD __attribute__((cold, noinline))
#endif
#ifdef _WIN32
#define HIL_EXPORT __attribute__((dllexport))
#else
#define HIL_EXPORT __attribute__((visibility("default")))
#endif

void *memset(void *target, int value, __SIZE_TYPE__ size);
void *memcpy(void *target, const void *source, __SIZE_TYPE__ size);
void *memmove(void *target, const void *source, __SIZE_TYPE__ size);

typedef struct {
    i32 fault_code;
    i32 fault_site;
    i64 fault_values[3];
    i64 budget; /* turns of loops that are left, beyond the slice */
    u64 *coverage;
    volatile i32 *stop;
    i64 slice; /* turns until the stop flag is looked at again */
} hil_context;

#define HIL_LOOP_BUDGET 6
#define HIL_STOPPED 10
#define HIL_SLICE 65536

static HIL_COLD i32 hil_fault(hil_context *context, i32 code, i32 site, i64 first, i64 second, i64 third) {
    context->fault_code = code;
    context->fault_site = site;
    context->fault_values[0] = first;
    context->fault_values[1] = second;
    context->fault_values[2] = third;
    return 1;
}

/* The slice is used up: take another from the budget, or fault. */
static HIL_COLD i32 hil_refill(hil_context *context, i32 site) {
    i64 slice = context->budget < HIL_SLICE ? context->budget : HIL_SLICE;
    if (*context->stop) return hil_fault(context, HIL_STOPPED, site, 0, 0, 0);
    if (slice <= 0) {
        context->slice = 0;
        return hil_fault(context, HIL_LOOP_BUDGET, site, 0, 0, 0);
    }
    context->budget -= slice;
    context->slice = slice - 1;
    return 0;
}

/* Give a new budget; returns what was left. */
static inline i64 hil_set_budget(hil_context *context, i64 budget) {
    i64 left = context->budget + (context->slice > 0 ? context->slice : 0);
    context->budget = budget;
    context->slice = 0;
    return left;
}

/* overflow checks: store the wrapped result, tell whether it is wrong */
#ifdef __TINYC__
#define HIL_NARROW_TRAPS(type, left, sign, right, result) \
    (result = (type)((i64)(left) sign (i64)(right)), (i64)(left) sign (i64)(right) != (i64)result)
#define HIL_ADD_TRAPS_NARROW(type, left, right, result) HIL_NARROW_TRAPS(type, left, +, right, result)
#define HIL_SUBTRACT_TRAPS_NARROW(type, left, right, result) HIL_NARROW_TRAPS(type, left, -, right, result)
#define HIL_MULTIPLY_TRAPS_NARROW(type, left, right, result) \
    (sizeof(type) == 4 && (type)-1 > 0 \
        ? (result = (type)((u64)(left) * (u64)(right)), (u64)(left) * (u64)(right) != (u64)result) \
        : HIL_NARROW_TRAPS(type, left, *, right, result))
#define HIL_ADD_TRAPS_I64(type, left, right, result) \
    (result = (left) + (right), (((left) ^ result) & ((right) ^ result)) < 0)
#define HIL_SUBTRACT_TRAPS_I64(type, left, right, result) \
    (result = (left) - (right), (((left) ^ (right)) & ((left) ^ result)) < 0)
#define HIL_MULTIPLY_TRAPS_I64(type, left, right, result) \
    (result = (left) * (right), \
     !((i64)(i32)(left) == (left) && (i64)(i32)(right) == (right)) && hil_product_is_wrong(left, right, result))
#define HIL_ADD_TRAPS_U64(type, left, right, result) (result = (left) + (right), result < (left))
#define HIL_SUBTRACT_TRAPS_U64(type, left, right, result) (result = (left) - (right), (left) < (right))
#define HIL_MULTIPLY_TRAPS_U64(type, left, right, result) \
    (result = (left) * (right), (left) != 0 && result / (left) != (right))
static inline i32 hil_product_is_wrong(i64 left, i64 right, i64 result) {
    if (left == 0 || right == 0) return 0;
    if (left == -1) return right == (i64)(1ULL << 63);
    if (right == -1) return left == (i64)(1ULL << 63);
    return result / right != left;
}
#else
#define HIL_ADD_TRAPS_NARROW(type, left, right, result) __builtin_add_overflow(left, right, &result)
#define HIL_SUBTRACT_TRAPS_NARROW(type, left, right, result) __builtin_sub_overflow(left, right, &result)
#define HIL_MULTIPLY_TRAPS_NARROW(type, left, right, result) __builtin_mul_overflow(left, right, &result)
#define HIL_ADD_TRAPS_I64 HIL_ADD_TRAPS_NARROW
#define HIL_SUBTRACT_TRAPS_I64 HIL_SUBTRACT_TRAPS_NARROW
#define HIL_MULTIPLY_TRAPS_I64 HIL_MULTIPLY_TRAPS_NARROW
#define HIL_ADD_TRAPS_U64 HIL_ADD_TRAPS_NARROW
#define HIL_SUBTRACT_TRAPS_U64 HIL_SUBTRACT_TRAPS_NARROW
#define HIL_MULTIPLY_TRAPS_U64 HIL_MULTIPLY_TRAPS_NARROW
#endif

/* toward minus infinity; the divisor is not 0 */
static inline i64 hil_floor_divide(i64 left, i64 right) {
    i64 quotient;
    if (right == -1) return -left;
    quotient = left / right;
    return quotient - (((left ^ right) < 0) & (quotient * right != left));
}

/* the sign of the divisor, which is not 0 */
static inline i64 hil_floor_modulo(i64 left, i64 right) {
    i64 rest;
    if (right == -1) return 0;
    rest = left % right;
    return rest != 0 && (rest ^ right) < 0 ? rest + right : rest;
}

/* bits of floats */
static inline f64 hil_f64_from_bits_raw(u64 bits) {
    union { u64 bits; f64 number; } both;
    both.bits = bits;
    return both.number;
}
static inline u64 hil_raw_bits_from_f64(f64 number) {
    union { u64 bits; f64 number; } both;
    both.number = number;
    return both.bits;
}
static inline f32 hil_f32_from_bits_raw(u32 bits) {
    union { u32 bits; f32 number; } both;
    both.bits = bits;
    return both.number;
}
static inline u32 hil_raw_bits_from_f32(f32 number) {
    union { u32 bits; f32 number; } both;
    both.number = number;
    return both.bits;
}

/* Inside a run every NaN is the one that this processor makes; outside it is 0x7ff8..., as numpy writes it. */
#if defined(__aarch64__) || defined(__riscv)
#define HIL_NAN_BITS 0x7ff8000000000000ULL
#define HIL_NAN_BITS_F32 0x7fc00000u
#else
#define HIL_NAN_BITS 0xfff8000000000000ULL
#define HIL_NAN_BITS_F32 0xffc00000u
#endif
#define HIL_NAN hil_f64_from_bits_raw(HIL_NAN_BITS)
#define HIL_NAN_F32 hil_f32_from_bits_raw(HIL_NAN_BITS_F32)
#define HIL_INFINITY hil_f64_from_bits_raw(0x7ff0000000000000ULL)
#define HIL_INFINITY_F32 hil_f32_from_bits_raw(0x7f800000u)

static inline f64 hil_canonical_f64(f64 number) { return number == number ? number : HIL_NAN; }
static inline f32 hil_canonical_f32(f32 number) { return number == number ? number : HIL_NAN_F32; }
static inline f64 hil_f64_from_bits(u64 bits) { return hil_canonical_f64(hil_f64_from_bits_raw(bits)); }
static inline f32 hil_f32_from_bits(u32 bits) { return hil_canonical_f32(hil_f32_from_bits_raw(bits)); }
static inline u64 hil_bits_from_f64(f64 number) {
    return number == number ? hil_raw_bits_from_f64(number) : 0x7ff8000000000000ULL;
}
static inline u32 hil_bits_from_f32(f32 number) {
    return number == number ? hil_raw_bits_from_f32(number) : 0x7fc00000u;
}

/* floats to integers and back */
static inline f64 hil_trunc(f64 x) {
    f64 whole;
    if (!(x > -0x1p52 && x < 0x1p52)) return x;
    whole = (f64)(i64)x;
    return whole == 0.0 ? x * 0.0 : whole;
}
static inline f64 hil_round_even(f64 x) {
    f64 whole;
    if (!(x > -0x1p52 && x < 0x1p52)) return x;
    if (x < 0.0) {
        whole = x - 0x1p52;
        whole = whole + 0x1p52;
    } else {
        whole = x + 0x1p52;
        whole = whole - 0x1p52;
    }
    return whole == 0.0 ? x * 0.0 : whole;
}
/* Without branches; exact below 2**51, and above it the result stays above 2**50. */
static inline f64 hil_round_even_small(f64 x) {
    f64 moved = x + 0x1.8p52;
    return moved - 0x1.8p52;
}
static inline i64 hil_saturate(f64 whole, f64 low, f64 above, i64 least, i64 greatest) {
    if (whole != whole) return 0;
    if (whole < low) return least;
    return whole >= above ? greatest : (i64)whole;
}
static inline u64 hil_u64_from_f64(f64 whole) {
    return whole < 0x1p63 ? (u64)(i64)whole : (u64)(i64)(whole - 0x1p63) ^ 0x8000000000000000ULL;
}
static inline u64 hil_saturate_u64(f64 whole) {
    if (!(whole > 0.0)) return 0;
    return whole >= 0x1p64 ? 0xffffffffffffffffULL : hil_u64_from_f64(whole);
}
/* halve, keeping the lost bit as the last one, so that rounding happens once */
static inline f64 hil_f64_from_u64(u64 whole) {
    return (i64)whole >= 0 ? (f64)(i64)whole : 2.0 * (f64)(i64)((whole >> 1) | (whole & 1));
}
static inline f32 hil_f32_from_u64(u64 whole) {
    return (i64)whole >= 0 ? (f32)(i64)whole : 2.0f * (f32)(i64)((whole >> 1) | (whole & 1));
}
