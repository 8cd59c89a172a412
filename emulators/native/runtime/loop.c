/* The loop of a cell: n steps of eight phases, a tape of timed writes in, typed columns out. */
typedef struct {
    i64 tick;
    u64 value;
    u64 mask;
    u32 offset;
    u8 size; /* 1 2 4 8 */
    u8 stage; /* 0: before phase 1, 1: in phase 4 */
    u16 pad;
} hil_tape_entry;

typedef struct {
    void *rows;
    u32 offset;
    u8 kind; /* index of the Scalar in order of declaration */
    u8 bit; /* 255: the whole scalar */
    u16 pad;
} hil_column;

#define HIL_WHOLE 255
#define HIL_KIND_F32 9
#define HIL_KIND_F64 10

static inline void hil_write_entry(u8 *state, hil_tape_entry *entry) {
    u8 *place = state + entry->offset;
    switch ((i32)entry->size) {
    case 1: *place = (u8)((*place & ~entry->mask) | (entry->value & entry->mask)); break;
    case 2: *(u16_any *)place = (u16)((*(u16_any *)place & ~entry->mask) | (entry->value & entry->mask)); break;
    case 4: *(u32_any *)place = (u32)((*(u32_any *)place & ~entry->mask) | (entry->value & entry->mask)); break;
    default: *(u64_any *)place = (*(u64_any *)place & ~entry->mask) | (entry->value & entry->mask); break;
    }
}

/* Apply what is due at this tick up to this stage; returns the tick of the next entry. */
static i64 hil_play(u8 *state, hil_tape_entry *tape, i64 n_tape, i64 *cursor, i64 tick, i32 stage) {
    i64 next = *cursor;
    while (next < n_tape && (tape[next].tick < tick || (tape[next].tick == tick && (i32)tape[next].stage <= stage))) {
        hil_write_entry(state, &tape[next]);
        ++next;
    }
    *cursor = next;
    return next < n_tape ? tape[next].tick : 0x7fffffffffffffffLL;
}

static u64 hil_read_whole(u8 *place, i32 kind) {
    switch (kind) {
    case 0: case 1: case 5: return *place;
    case 2: case 6: return *(u16_any *)place;
    case 3: case 7: return *(u32_any *)place;
    default: return *(u64_any *)place;
    }
}

/* One row; columns of one kind lie together, so each inner loop is a plain copy. */
static void hil_record(u8 *state, hil_column *columns, i64 n_columns, i64 row) {
    i64 i = 0;
    while (i < n_columns) {
        i32 kind = columns[i].kind;
        if (columns[i].bit != HIL_WHOLE) {
            ((u8 *)columns[i].rows)[row] = (u8)((hil_read_whole(state + columns[i].offset, kind) >> columns[i].bit) & 1);
            ++i;
            continue;
        }
        switch (kind) {
        case 0:
        case 1:
        case 5:
            do ((u8 *)columns[i].rows)[row] = state[columns[i].offset];
            while (++i < n_columns && columns[i].kind == kind && columns[i].bit == HIL_WHOLE);
            break;
        case 2:
        case 6:
            do ((u16 *)columns[i].rows)[row] = *(u16_any *)(state + columns[i].offset);
            while (++i < n_columns && columns[i].kind == kind && columns[i].bit == HIL_WHOLE);
            break;
        case 3:
        case 7:
            do ((u32 *)columns[i].rows)[row] = *(u32_any *)(state + columns[i].offset);
            while (++i < n_columns && columns[i].kind == kind && columns[i].bit == HIL_WHOLE);
            break;
        case HIL_KIND_F32:
            do {
                u32 bits = *(u32_any *)(state + columns[i].offset);
                ((u32 *)columns[i].rows)[row] = (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc00000u : bits;
            } while (++i < n_columns && columns[i].kind == kind && columns[i].bit == HIL_WHOLE);
            break;
        case HIL_KIND_F64:
            do {
                u64 bits = *(u64_any *)(state + columns[i].offset);
                if (HIL_UNLIKELY((bits & 0x7fffffffffffffffULL) > 0x7ff0000000000000ULL)) bits = 0x7ff8000000000000ULL;
                ((u64 *)columns[i].rows)[row] = bits;
            } while (++i < n_columns && columns[i].kind == kind && columns[i].bit == HIL_WHOLE);
            break;
        default:
            do ((u64 *)columns[i].rows)[row] = *(u64_any *)(state + columns[i].offset);
            while (++i < n_columns && columns[i].kind == kind && columns[i].bit == HIL_WHOLE);
            break;
        }
    }
}

static HIL_COLD i64 hil_end_with_fault(hil_context *context, struct cell *state, i64 step) {
    state->header.fault_code = context->fault_code;
    state->header.fault_site = context->fault_site;
    memcpy(state->header.fault_values, context->fault_values, sizeof context->fault_values);
    return step;
}

/* Returns the steps completed: fewer than n_steps when a fault left the loop or the stop flag was set. */
HIL_EXPORT i64 hil_run(
    hil_context *restrict context, struct cell *state, i64 n_steps,
    hil_tape_entry *tape, i64 n_tape, i64 *cursor,
    hil_column *columns, i64 n_columns, i64 *row_times, i64 first_row
) {
    i64 step, budget = context->budget;
    i64 next_tick = *cursor < n_tape ? tape[*cursor].tick : 0x7fffffffffffffffLL;
    context->fault_code = 0;
    for (step = 0; step < n_steps; ++step) {
        i64 tick = state->header.tick + 1;
        if (HIL_UNLIKELY(*context->stop)) break;
        context->budget = budget;
        context->slice = 0;
        state->header.tick = tick;
        state->header.time_ns += state->header.step_ns;
        if (HIL_UNLIKELY(next_tick <= tick)) next_tick = hil_play((u8 *)state, tape, n_tape, cursor, tick, 0);
        if (HIL_UNLIKELY(HIL_CELL_ADVANCE)) return hil_end_with_fault(context, state, step);
        if (HIL_UNLIKELY(HIL_CELL_SENSE)) return hil_end_with_fault(context, state, step);
        if (HIL_UNLIKELY(HIL_CELL_PUBLISH)) return hil_end_with_fault(context, state, step);
        if (HIL_UNLIKELY(next_tick <= tick)) next_tick = hil_play((u8 *)state, tape, n_tape, cursor, tick, 1);
        if (HIL_UNLIKELY(HIL_CELL_LATCH)) return hil_end_with_fault(context, state, step);
        if (HIL_UNLIKELY(HIL_CELL_EXECUTE)) return hil_end_with_fault(context, state, step);
        if (HIL_UNLIKELY(HIL_CELL_FLUSH)) return hil_end_with_fault(context, state, step);
        if (HIL_UNLIKELY(HIL_CELL_ACTUATE)) return hil_end_with_fault(context, state, step);
        hil_record((u8 *)state, columns, n_columns, first_row + step);
        if (row_times) row_times[first_row + step] = state->header.time_ns;
    }
    context->budget = budget;
    context->slice = 0;
    return step;
}
