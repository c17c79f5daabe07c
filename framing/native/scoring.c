/* Batches of sentences become decision values, as framing.bulk, framing.features and
   framing.classifier make them with arrays: to the last bit, for every number is
   added up in the same order (the columns of a block, block by block). */
#include "kernel.h"
#include <math.h>

/* -- the columns of one view -------------------------------------------------- */

static inline double *row_of(const Block *b, int32_t column) {
    return b->rows + column * (int64_t)b->step;
}

/* Note a column: a bit for it, and a bit for the 64 of which it is one. */
static inline void hold(Block *b, int32_t column) {
    PREFETCH(row_of(b, column));
    b->bits[column >> 6] |= 1ull << (column & 63);
    b->tops[column >> 12] |= 1ull << (column >> 6 & 63);
}

static inline void hold_known(Block *b, int32_t column) {
    if (column >= 0) hold(b, column);
}

/* Return the number of the lowest bit that is set; there is one. */
static inline int32_t lowest(uint64_t bits) {
#if defined(__GNUC__)
    return __builtin_ctzll(bits);
#else
    int32_t n = 0;
    for (; !(bits & 1); bits >>= 1) n++;
    return n;
#endif
}

/* List the rows of the columns held, in order and each once, and hold no more of them.
   Of 64 columns mostly one or two are held: these two are listed without a branch, for
   nobody could foresee it. */
static int32_t take(Block *b) {
    int32_t n = 0;
    const double **held = b->held;
    for (int32_t i = 0; i <= b->n_columns >> 12; i++) {
        uint64_t tops = b->tops[i];
        b->tops[i] = 0;
        for (; tops; tops &= tops - 1) {
            int32_t place = i << 6 | lowest(tops);
            uint64_t bits = b->bits[place];
            b->bits[place] = 0;
            const double *first = row_of(b, place << 6);
            held[n++] = first + lowest(bits) * b->step;
            bits &= bits - 1;
            held[n] = first + lowest(bits | 1ull << 63) * b->step;
            n += bits != 0;
            for (bits &= bits - 1; bits; bits &= bits - 1)
                held[n++] = first + lowest(bits) * b->step;
        }
    }
    return n;
}

/* Add what a block says to the decision values `z`; `stride` is even. */
static inline void add_up(const Block *b, int32_t n, int k, int stride, double *sums,
                          double *z) {
    const double *const *held = b->held;
    double value = b->plan->weight, square = 0.0;
    for (int c = 0; c < stride; c++) sums[c] = 0.0;
    if (b->plan->scaled) {
        for (int32_t i = 0; i < n; i++) square += held[i][stride] * held[i][stride];
        value = b->plan->weight / sqrt(square);
        for (int32_t i = 0; i < n; i++) {
            double own = held[i][stride] * value;
            for (int c = 0; c < stride; c++) sums[c] += own * held[i][c];
        }
    } else {
        for (int32_t i = 0; i < n; i++)
            for (int c = 0; c < stride; c++) sums[c] += value * held[i][c];
    }
    for (int c = 0; c < k; c++) z[c] += sums[c];
}

static void sum_block(Block *b, int k, double *sums, double *z) {
    int32_t n = take(b);
    if (!n) return;
    if (b->stride == 4) { /* known numbers let the compiler use registers */
        double own[4];
        add_up(b, n, k, 4, own, z);
    } else {
        add_up(b, n, k, b->stride, sums, z);
    }
}

/* -- features ----------------------------------------------------------------- */

/* A sentence as a model sees it: `n` words, actors masked; the groups found, once
   each; and what says where things stand from one target. */
typedef struct {
    const int32_t *words;
    int32_t *numbers, n; /* numbers: room for one of each word */
    const int32_t *groups;
    int32_t n_groups, n_actors;
} View;

static inline int may_be_pair(const Block *b, uint64_t h) {
    return b->seen[h >> 36 & b->mask / 8] >> (h >> 30 & 63) & 1;
}

static int32_t find_pair(const Block *b, int32_t node, int32_t word) {
    uint64_t key = pair_key(node, word), h = mix(key);
    if (!may_be_pair(b, h)) return -1;
    for (uint64_t i = h >> 16 & b->mask; b->pairs[i].key; i = (i + 1) & b->mask)
        if (b->pairs[i].key == key) return b->pairs[i].node;
    return -1;
}

/* Return what a block knows of a word. */
static inline const int32_t *slots_of(const Block *b, const Memo *m, int32_t word) {
    return m->slots.at + (int64_t)word * m->tables->n_slots + b->slot;
}

static void hold_grams(Block *b, const Memo *m, const View *view) {
    int32_t *numbers = view->numbers;
    for (int32_t j = 0; j < view->n; j++) {
        const int32_t *slots = slots_of(b, m, view->words[j]);
        if (j + AHEAD < view->n) PREFETCH(slots_of(b, m, view->words[j + AHEAD]));
        numbers[j] = slots[0];
        if (b->plan->low <= 1) hold_known(b, slots[1]);
    }
    for (int32_t j = 0; j + 1 < view->n && b->plan->high > 1; j++) {
        if (j + AHEAD + 1 < view->n)
            PREFETCH(&b->pairs[mix(pair_key(numbers[j + AHEAD], numbers[j + AHEAD + 1])) >>
                                   16 & b->mask]);
        int32_t node = numbers[j];
        for (int32_t n = 2; n <= b->plan->high && j + n <= view->n; n++) {
            int32_t next = numbers[j + n - 1];
            if (node < 0 || next < 0 || (node = find_pair(b, node, next)) < 0) break;
            if (n >= b->plan->low) hold_known(b, b->longer.at[node & ~(1 << 30)]);
        }
    }
}

static void hold_chars(Block *b, const Memo *m, const View *view) {
    for (int32_t j = 0; j < view->n; j++) {
        if (j + AHEAD < view->n)
            PREFETCH(m->lists.at + *slots_of(b, m, view->words[j + AHEAD]));
        const int32_t *list = m->lists.at + *slots_of(b, m, view->words[j]);
        for (int32_t i = 1; i <= list[0]; i++) hold(b, list[i]);
    }
}

/* What the groups of a sentence say in sum, as framing.views.count_facts has it. */
static void hold_facts(Block *b, const Plan *plan, const View *view, int32_t *counts) {
    int32_t n = plan->n_codes, *tags = counts, *hints = counts + n;
    memset(counts, 0, 2 * (size_t)n * sizeof *counts);
    for (int32_t i = 0; i < view->n_groups; i++) {
        int32_t group = view->groups[i];
        (plan->tags[group] ? tags : hints)[plan->code_of[group]]++;
    }
    for (int32_t code = 0; code < n; code++) {
        int facts[] = {tags[code] >= 1, tags[code] >= 2, hints[code] >= 1,
                       tags[code] >= 1 && hints[code] >= 1,
                       tags[code] + hints[code] >= 3};
        for (int32_t fact = 0; fact < 5; fact++)
            if (facts[fact]) hold_known(b, b->plan->map[fact * n + code]);
    }
    int32_t actors = view->n_actors < plan->many ? view->n_actors : plan->many;
    hold_known(b, b->plan->map[5 * n + actors]);
}

/* -- sentences from the side of one target ------------------------------------ */

typedef struct { /* where a word stands from the nearest mention of the target */
    int32_t distance;
    uint8_t is_target, is_before, crossed, same;
} Stand;

/* Find where each word of a sentence stands; false if the target is no word of it. */
static int locate(const Place *places, const int32_t *words, int32_t n, Stand *stands,
                  int32_t *others) {
    int32_t behind = -1, found = 0;
    others[0] = 0;
    for (int32_t j = 0; j < n; j++) {
        others[j + 1] = others[j] + (words[j] == OTHER_WORD);
        stands[j].is_target = words[j] == TARGET_WORD;
        if (stands[j].is_target) behind = j, found = 1;
        stands[j].distance = behind; /* for now the place behind */
    }
    if (!found) return 0;
    int32_t ahead = -1;
    for (int32_t j = n - 1; j >= 0; j--) {
        Stand *s = &stands[j];
        if (s->is_target) ahead = j;
        behind = s->distance;
        /* Of two mentions as near the first one counts. */
        int32_t place = ahead < 0 || (behind >= 0 && j - behind <= ahead - j) ? behind
                                                                              : ahead;
        int32_t low = j < place ? j : place, high = j < place ? place : j;
        s->distance = high - low;
        s->is_before = j < place;
        s->crossed = high > low && others[high] - others[low + 1] > 0;
        s->same = places[j].clause == places[place].clause;
    }
    return 1;
}

/* Return the columns of a word with each side and mark; looked up once a word. */
static int32_t find_sides(Block *b, Memo *m, int32_t number) {
    static const char *const marks[N_SIDES] = {"<",  "<x", "<c",  "<xc", ">",
                                               ">x", ">c", ">xc", "<<",  ">>"};
    int32_t *slot = &m->slots.at[(int64_t)number * m->tables->n_slots + b->slot];
    if (*slot >= 0) return *slot;
    const Letters *word = &m->letters.at[number];
    uint8_t *text = scratch_of(m, word->length + 3);
    if (!text || !ROOM(m->lists, N_SIDES)) return NO_MEMORY;
    for (int32_t i = 0; i < N_SIDES; i++) {
        int32_t n = (int32_t)strlen(marks[i]);
        memcpy(text, marks[i], (size_t)n);
        memcpy(text + n, word->at, (size_t)word->length);
        n += word->length;
        uint64_t key = key_of(text, n);
        m->lists.at[m->lists.n + i] =
            index_may_hold(&b->names, key) ? index_find(&b->names, key, text, n) : -1;
    }
    *slot = (int32_t)m->lists.n;
    m->lists.n += N_SIDES;
    return *slot;
}

static int hold_sides(Block *b, Memo *m, const View *view, const Stand *stands) {
    int32_t near = m->tables->plan->near;
    for (int32_t j = 0; j < view->n; j++) {
        if (stands[j].is_target) continue;
        int32_t list = find_sides(b, m, view->words[j]);
        if (list < 0) return NO_MEMORY;
        const int32_t *columns = m->lists.at + list;
        int32_t side = stands[j].is_before ? 0 : 4;
        int32_t mark = stands[j].crossed + 2 * stands[j].same;
        hold_known(b, columns[side]);
        if (mark) hold_known(b, columns[side + mark]);
        if (stands[j].distance <= near) hold_known(b, columns[8 + (side > 0)]);
    }
    return 0;
}

/* Hold a judging group or its stance value by its place, as numbers of
   framing.bulk._PLACES. */
static void hold_place(Block *b, const int32_t *column, const Stand *s, int32_t near) {
    int32_t side = s->is_before ? 0 : 1;
    hold_known(b, column[0]);
    hold_known(b, column[1 + side]);
    if (s->crossed) hold_known(b, column[3 + side]);
    if (!s->crossed) hold_known(b, column[5 + side]);
    if (s->same) hold_known(b, column[7 + side]);
    if (s->same && !s->crossed) hold_known(b, column[9 + side]);
    if (s->distance <= near) hold_known(b, column[11 + side]);
    if (s->same) hold_known(b, column[13]);
}

static void hold_places(Block *b, const Batch *batch, int32_t row, const Stand *stands) {
    const Plan *plan = batch->memo->tables->plan;
    int32_t shift = batch->place_starts.at[row];
    for (int32_t i = batch->hit_starts.at[row]; i < batch->hit_starts.at[row + 1]; i++) {
        const Hit *hit = &batch->hits.at[i];
        if (!plan->judges[hit->group]) continue;
        /* A pattern may hold the target itself: its other words say where it is. */
        const Stand *nearest = NULL;
        for (int32_t j = hit->first - shift; j < hit->stop - shift; j++)
            if (!nearest || stands[j].is_target < nearest->is_target ||
                (stands[j].is_target == nearest->is_target &&
                 stands[j].distance < nearest->distance))
                nearest = &stands[j];
        int32_t said[] = {hit->group, plan->n_groups + plan->code_of[hit->group]};
        for (int k = 0; k < 2; k++)
            hold_place(b, b->plan->map + said[k] * N_PLACES, nearest, plan->near);
    }
}

/* -- heads --------------------------------------------------------------------- */

typedef struct { /* room for one sentence */
    int32_t *words, *numbers, *others, *groups, *counts;
    Stand *stands;
    uint8_t *met;
} Room;

static void room_free(Room *room) {
    void *own[] = {room->words,  room->numbers, room->others, room->groups,
                   room->counts, room->stands,  room->met};
    for (size_t k = 0; k < sizeof own / sizeof *own; k++) free(own[k]);
}

static int room_make(Room *room, const Batch *b) {
    const Plan *plan = b->memo->tables->plan;
    size_t longest = 0;
    for (int32_t i = 0; i < b->n; i++) {
        size_t n = (size_t)(b->place_starts.at[i + 1] - b->place_starts.at[i]);
        if (n > longest) longest = n;
    }
    room->words = calloc(longest + 1, sizeof *room->words);
    room->numbers = calloc(longest + 1, sizeof *room->numbers);
    room->others = calloc(longest + 2, sizeof *room->others);
    room->stands = calloc(longest + 1, sizeof *room->stands);
    room->groups = calloc((size_t)plan->n_groups + 1, sizeof *room->groups);
    room->met = calloc((size_t)plan->n_groups + 1, 1);
    room->counts = calloc(2 * (size_t)plan->n_codes + 1, sizeof *room->counts);
    if (room->words && room->numbers && room->others && room->stands && room->groups && room->met &&
        room->counts)
        return 0;
    room_free(room);
    return NO_MEMORY;
}

/* List the groups found in a sentence that speak for a code, once each. */
static int32_t list_groups(const Batch *b, int32_t row, Room *room) {
    const Plan *plan = b->memo->tables->plan;
    int32_t n = 0;
    for (int32_t i = b->hit_starts.at[row]; i < b->hit_starts.at[row + 1]; i++) {
        int32_t group = b->hits.at[i].group;
        if (plan->judges[group] || room->met[group]) continue;
        room->met[group] = 1;
        room->groups[n++] = group;
    }
    for (int32_t i = 0; i < n; i++) room->met[room->groups[i]] = 0;
    return n;
}

static View view_of(const Batch *b, int32_t row, Room *room) {
    int32_t n_groups = list_groups(b, row, room);
    return (View){room->words, room->numbers,
                  b->place_starts.at[row + 1] - b->place_starts.at[row],
                  room->groups, n_groups,
                  b->actor_starts.at[row + 1] - b->actor_starts.at[row]};
}

/* Hold what both kinds of views have. */
static void hold_view(Block *b, const Memo *m, const View *view) {
    if (b->plan->kind == WORDS) hold_grams(b, m, view);
    else if (b->plan->kind == CHARS) hold_chars(b, m, view);
    else if (b->plan->kind == GROUPS)
        for (int32_t i = 0; i < view->n_groups; i++)
            hold_known(b, b->plan->map[view->groups[i]]);
}

/* Write the decision values of the frame model, a row for each sentence. */
API int framing_frames(Batch *b, double *z) {
    const Tables *t = b->memo->tables;
    const Plan *plan = t->plan;
    const Head *head = &t->frames;
    int32_t k = head->plan->n_classes;
    Room room = {0};
    if (room_make(&room, b)) return NO_MEMORY;
    for (int32_t row = 0; row < b->n; row++, z += k) {
        View view = view_of(b, row, &room);
        const Place *places = b->places.at + b->place_starts.at[row];
        for (int32_t j = 0; j < view.n; j++)
            room.words[j] = places[j].actor < 0
                                ? places[j].word
                                : FIRST_KIND + plan->kind_of_actor[places[j].actor];
        memcpy(z, head->plan->intercept, (size_t)k * sizeof *z);
        for (int32_t i = 0; i < head->plan->n_blocks; i++) {
            Block *block = &head->blocks[i];
            hold_view(block, b->memo, &view);
            if (block->plan->kind == CODES)
                hold_facts(block, plan, &view, room.counts);
            sum_block(block, k, head->sums, z);
        }
    }
    room_free(&room);
    return 0;
}

/* Count the pairs of a sentence asked for and a target it names. */
API int64_t framing_count_targets(const Batch *b, const uint8_t *asked) {
    const Plan *plan = b->memo->tables->plan;
    int64_t n = 0;
    for (int32_t row = 0; row < b->n; row++)
        if (asked[row])
            for (int32_t i = b->actor_starts.at[row]; i < b->actor_starts.at[row + 1]; i++)
                n += plan->is_target[b->actors.at[i]];
    return n;
}

/* Write these pairs, by sentence and target, and the decision values of each. */
API int framing_stance(Batch *b, const uint8_t *asked, int64_t *rows, int64_t *targets,
                       double *z) {
    const Tables *t = b->memo->tables;
    const Plan *plan = t->plan;
    const Head *head = &t->stance;
    int32_t k = head->plan->n_classes;
    Room room = {0};
    int status = 0;
    if (room_make(&room, b)) return NO_MEMORY;
    for (int32_t row = 0; row < b->n && !status; row++) {
        if (!asked[row]) continue;
        View view = view_of(b, row, &room);
        const Place *places = b->places.at + b->place_starts.at[row];
        for (int32_t a = b->actor_starts.at[row];
             a < b->actor_starts.at[row + 1] && !status; a++) {
            int32_t target = b->actors.at[a];
            if (!plan->is_target[target]) continue;
            *rows++ = row;
            *targets++ = target;
            for (int32_t j = 0; j < view.n; j++)
                room.words[j] = places[j].actor < 0         ? places[j].word
                                : places[j].actor == target ? TARGET_WORD
                                                            : OTHER_WORD;
            int there = locate(places, room.words, view.n, room.stands, room.others);
            memcpy(z, head->plan->intercept, (size_t)k * sizeof *z);
            for (int32_t i = 0; i < head->plan->n_blocks && !status; i++) {
                Block *block = &head->blocks[i];
                hold_view(block, b->memo, &view);
                if (block->plan->kind == SIDES && there)
                    status = hold_sides(block, b->memo, &view, room.stands);
                if (block->plan->kind == PLACES && there)
                    hold_places(block, b, row, room.stands);
                sum_block(block, k, head->sums, z);
            }
            z += k;
        }
    }
    room_free(&room);
    return status;
}

/* The sizes of what is shared with Python, so that an old library is not used. */
API int64_t framing_layout(void) {
    return (int64_t)(sizeof(Plan) * 1000000 + sizeof(BlockPlan) * 1000 +
                     sizeof(HeadPlan));
}
