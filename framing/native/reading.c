/* Sentences become words, actors and hits of seed words.

   What depends on a word alone is looked up when the word is first met and kept in a
   memo. Words with letters beyond ASCII are folded by Python, once each, so that every
   odd character is treated as Python treats it. */
#include "kernel.h"

/* -- growing arrays and strings by number ------------------------------------ */

int grow(void **data, int64_t *room, int64_t need, size_t size) {
    int64_t more = need + need / 2 + 16;
    void *moved = realloc(*data, (size_t)more * size);
    if (!moved) return 0;
    *data = moved;
    *room = more;
    return 1;
}

/* Put a string into the first empty slot from its place on. */
static void index_put(Index *index, Slot slot, const uint8_t *string) {
    uint64_t i = slot.key >> 20 & index->mask;
    while (index->slots[i].number) i = (i + 1) & index->mask;
    index->slots[i] = slot;
    index->strings[i] = string;
}

static int index_grow(Index *index) {
    Index old = *index;
    index->mask = old.slots ? 2 * old.mask + 1 : 63;
    index->slots = calloc(index->mask + 1, sizeof *index->slots);
    index->strings = calloc(index->mask + 1, sizeof *index->strings);
    if (!index->slots || !index->strings) {
        free(index->slots);
        free(index->strings);
        *index = old;
        return NO_MEMORY;
    }
    for (uint64_t i = 0; old.slots && i <= old.mask; i++)
        if (old.slots[i].number) index_put(index, old.slots[i], old.strings[i]);
    free(old.slots);
    free(old.strings);
    return 0;
}

/* Add a string that is not there yet; it must stay where it is. */
int index_add(Index *index, const uint8_t *p, int32_t n, int32_t id) {
    if (!index->slots || 8 * (uint64_t)index->n > 5 * index->mask)
        if (index_grow(index)) return NO_MEMORY;
    index_put(index, (Slot){key_of(p, n), n, id + 1}, p);
    index->n++;
    return 0;
}

/* Note what is there, so that most of what is not is turned away at once. */
int index_sift(Index *index) {
    if (!index->slots) return 0;
    index->seen = calloc(index->mask / 8 + 1, sizeof *index->seen);
    if (!index->seen) return NO_MEMORY;
    for (uint64_t i = 0; i <= index->mask; i++) {
        uint64_t bit = index->slots[i].key >> 24 & (8 * index->mask + 7);
        if (index->slots[i].number) index->seen[bit >> 6] |= 1ull << (bit & 63);
    }
    return 0;
}

void index_free(Index *index) {
    free(index->slots);
    free(index->strings);
    free(index->seen);
}

static int32_t look_up(const Index *index, const uint8_t *p, int32_t n) {
    return index_find(index, key_of(p, n), p, n);
}

/* The same where most that is looked up is not there. */
static int32_t look_up_rare(const Index *index, const uint8_t *p, int32_t n) {
    uint64_t key = key_of(p, n);
    return index_may_hold(index, key) ? index_find(index, key, p, n) : -1;
}

/* Return where each string begins and, as one more, where the last one ends + 1. */
static int32_t *starts_of(const Strings *strings) {
    int32_t *starts = malloc((size_t)(strings->n + 1) * sizeof *starts);
    if (!starts) return NULL;
    int64_t k = 0;
    starts[k] = 0;
    for (int64_t i = 0; i < strings->size && k + 1 < strings->n; i++)
        if (strings->text[i] == '\n') starts[++k] = (int32_t)i + 1;
    while (k < strings->n) starts[++k] = (int32_t)strings->size + 1;
    return starts;
}

int index_lines(Index *index, const Strings *strings) {
    const uint8_t *p = strings->text, *end = p + strings->size;
    for (int32_t i = 0; i < strings->n; i++) {
        const uint8_t *stop = memchr(p, '\n', (size_t)(end - p));
        if (!stop) stop = end;
        if (index_add(index, p, (int32_t)(stop - p), i)) return NO_MEMORY;
        p = stop < end ? stop + 1 : end;
    }
    return 0;
}

/* -- blocks of features ------------------------------------------------------ */

static int32_t *pair_slot(const Block *b, uint64_t key) {
    uint64_t i = mix(key) >> 16 & b->mask;
    while (b->pairs[i].key && b->pairs[i].key != key) i = (i + 1) & b->mask;
    b->pairs[i].key = key;
    return &b->pairs[i].node;
}

/* Return the length of the word of an n-gram at `p`; a mask is one word. */
static int32_t word_of_gram(const uint8_t *p, const uint8_t *end) {
    const uint8_t *stop = *p == '<' ? memchr(p, '>', (size_t)(end - p)) : NULL;
    if (stop) return (int32_t)(stop + 1 - p);
    stop = memchr(p, ' ', (size_t)(end - p));
    return (int32_t)((stop ? stop : end) - p);
}

static int gram_build(Block *b) {
    const Strings *names = &b->plan->names;
    const uint8_t *p = names->text, *end = p + names->size;
    int64_t blanks = 0;
    for (int64_t i = 0; i < names->size; i++) blanks += p[i] == ' ';
    for (b->mask = 63; b->mask < 2 * (uint64_t)blanks + 2;) b->mask = 2 * b->mask + 1;
    b->pairs = calloc(b->mask + 1, sizeof *b->pairs);
    b->seen = calloc(b->mask / 8 + 1, sizeof *b->seen);
    if (!b->pairs || !b->seen) return NO_MEMORY;
    for (int32_t column = 0; column < names->n; column++) {
        const uint8_t *stop = memchr(p, '\n', (size_t)(end - p));
        if (!stop) stop = end;
        int32_t node = -1, *place = NULL;
        while (p < stop) {
            int32_t n = word_of_gram(p, stop), word = look_up(&b->names, p, n);
            if (word < 0) {
                word = b->names.n;
                if (index_add(&b->names, p, n, word) || !ROOM(b->alone, 1))
                    return NO_MEMORY;
                b->alone.at[b->alone.n++] = -1;
            }
            if (node < 0) {
                node = word;
                place = &b->alone.at[word];
            } else {
                uint64_t key = pair_key(node, word), h = mix(key);
                int32_t *longer = pair_slot(b, key);
                if (!*longer) { /* numbers of n-grams follow those of words */
                    if (!ROOM(b->longer, 1)) return NO_MEMORY;
                    b->longer.at[b->longer.n] = -1;
                    *longer = (int32_t)(1 << 30 | b->longer.n++);
                    b->seen[h >> 36 & b->mask / 8] |= 1ull << (h >> 30 & 63);
                }
                node = *longer;
                place = &b->longer.at[node & ~(1 << 30)];
            }
            p += n;
            if (p < stop && *p == ' ') p++;
        }
        if (place) *place = column;
        p = stop < end ? stop + 1 : end;
    }
    return 0;
}

/* Put what is known of each column in a row of its own. Rows are read here and there,
   so none lies across more cache lines than it must. */
static int rows_build(Block *b, int32_t n_classes) {
    const BlockPlan *plan = b->plan;
    size_t n = (size_t)b->n_columns, line = 64 / sizeof *b->rows;
    b->stride = (n_classes + 1) / 2 * 2;
    b->step = b->stride < 4 ? 4 : (b->stride + 8) / 8 * 8;
    b->own_rows = calloc((n + 1) * (size_t)b->step + line, sizeof *b->rows);
    if (!b->own_rows) return NO_MEMORY;
    b->rows = b->own_rows + line - (uintptr_t)b->own_rows % 64 / sizeof *b->rows;
    for (size_t i = 0; i < n; i++) {
        double *row = b->rows + i * (size_t)b->step;
        for (int32_t k = 0; k < n_classes; k++)
            row[k] = plan->coef[(size_t)k * (size_t)plan->width + i];
        row[b->stride] = plan->idf[i];
    }
    return 0;
}

static int block_build(Block *b, const BlockPlan *plan, int32_t n_classes,
                       int32_t *n_slots) {
    b->plan = plan;
    b->n_columns = (int32_t)plan->names.n;
    size_t n = (size_t)b->n_columns;
    b->bits = calloc(n / 64 + 1, sizeof *b->bits);
    b->held = calloc(n + 2, sizeof *b->held);
    b->tops = calloc(n / 4096 + 1, sizeof *b->tops);
    if (!b->bits || !b->tops || !b->held || rows_build(b, n_classes))
        return NO_MEMORY;
    if (plan->kind == WORDS || plan->kind == CHARS || plan->kind == SIDES)
        b->slot = *n_slots, *n_slots += 2;
    if (plan->kind == WORDS) return gram_build(b);
    if (plan->kind == CHARS || plan->kind == SIDES)
        return index_lines(&b->names, &plan->names) || index_sift(&b->names) ? NO_MEMORY
                                                                             : 0;
    return 0;
}

static int head_build(Head *head, const HeadPlan *plan, int32_t *n_slots) {
    head->plan = plan;
    head->blocks = calloc((size_t)plan->n_blocks + 1, sizeof *head->blocks);
    head->sums = calloc((size_t)plan->n_classes + 2, sizeof *head->sums);
    if (!head->blocks || !head->sums) return NO_MEMORY;
    for (int32_t i = 0; i < plan->n_blocks; i++)
        if (block_build(&head->blocks[i], &plan->blocks[i], plan->n_classes, n_slots))
            return NO_MEMORY;
    return 0;
}

static void head_free(Head *head) {
    for (int32_t i = 0; head->blocks && i < head->plan->n_blocks; i++) {
        Block *b = &head->blocks[i];
        void *own[] = {b->alone.at, b->pairs, b->seen, b->longer.at,
                       b->own_rows, b->bits,  b->tops, b->held};
        index_free(&b->names);
        for (size_t k = 0; k < sizeof own / sizeof *own; k++) free(own[k]);
    }
    free(head->blocks);
    free(head->sums);
}

/* -- tables ------------------------------------------------------------------ */

API void framing_tables_free(Tables *t) {
    if (!t) return;
    head_free(&t->frames);
    head_free(&t->stance);
    Index *indices[] = {&t->exact, &t->beginnings, &t->firsts, &t->clause_words};
    for (size_t k = 0; k < sizeof indices / sizeof *indices; k++) index_free(indices[k]);
    void *own[] = {t->classes,     t->stem_starts, t->alias_starts,
                   t->mask_starts, t->nodes,       t->gaps};
    for (size_t k = 0; k < sizeof own / sizeof *own; k++) free(own[k]);
    free(t);
}

static uint8_t has_any(const Lists *lists, int32_t i) {
    return lists->starts[i] < lists->starts[i + 1];
}

API Tables *framing_tables(const Plan *plan) {
    Tables *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->plan = plan;
    t->classes = calloc(0x110000, 1);
    t->nodes = calloc((size_t)plan->n_nodes + 1, sizeof *t->nodes);
    t->gaps = calloc((size_t)plan->gaps.starts[plan->n_nodes] + 1, sizeof *t->gaps);
    t->stem_starts = starts_of(&plan->stems);
    t->alias_starts = starts_of(&plan->aliases);
    t->mask_starts = starts_of(&plan->masks);
    if (!t->classes || !t->nodes || !t->gaps || !t->stem_starts || !t->alias_starts || !t->mask_starts ||
        index_lines(&t->exact, &plan->exact) ||
        index_lines(&t->beginnings, &plan->beginnings) || index_sift(&t->beginnings) ||
        index_lines(&t->firsts, &plan->firsts) ||
        index_lines(&t->clause_words, &plan->clause_words) ||
        head_build(&t->frames, &plan->frames, &t->n_slots) ||
        head_build(&t->stance, &plan->stance, &t->n_slots)) {
        framing_tables_free(t);
        return NULL;
    }
    for (int32_t i = 0; i < plan->n_nodes; i++) {
        int32_t from = plan->gaps.starts[i], to = plan->gaps.starts[i + 1];
        uint8_t bit = (uint8_t)(mix((uint64_t)i) >> 58);
        int calls = has_any(&plan->not_with, i) || has_any(&plan->only_with, i);
        t->nodes[i] = (Node){from / 2,      (to - from) / 2,   plan->ends[i], bit,
                             (uint8_t)calls, has_any(&plan->unless, i)};
    }
    for (int32_t i = 0; 2 * i < plan->gaps.starts[plan->n_nodes]; i++) {
        int32_t beyond = plan->gaps.flat[2 * i + 1];
        const Node *node = &t->nodes[beyond];
        t->gaps[i] = (Gap){plan->gaps.flat[2 * i], beyond, !node->ends && !node->n_gaps,
                           node->bit};
    }
    return t;
}

/* Say which class each of the 256 characters of a page has. */
API void framing_set_page(Tables *t, int32_t page, const uint8_t *classes) {
    memcpy(t->classes + 256 * page, classes, 256);
}

/* -- words met --------------------------------------------------------------- */

API void framing_memo_free(Memo *m) {
    if (!m) return;
    while (m->chunks) {
        Chunk *next = m->chunks->next;
        free(m->chunks);
        m->chunks = next;
    }
    index_free(&m->by_writing);
    index_free(&m->by_word);
    void *own[] = {m->written.at, m->words.at,   m->letters.at, m->slots.at,
                   m->edges.at,   m->lists.at,   m->pending.at, m->scratch.at,
                   m->pieces.at,  m->next};
    for (size_t k = 0; k < sizeof own / sizeof *own; k++) free(own[k]);
    free(m);
}

/* Copy a string to where it stays, with spare bytes behind it. */
static uint8_t *keep(Memo *m, const uint8_t *p, int32_t n) {
    int64_t size = (int64_t)n + SPARE;
    if (m->end - m->free < size) {
        int64_t room = (size > (1 << 16) ? size : 1 << 16) + (int64_t)sizeof(Chunk);
        Chunk *chunk = calloc(1, (size_t)room);
        if (!chunk) return NULL;
        chunk->next = m->chunks;
        m->chunks = chunk;
        m->free = (uint8_t *)(chunk + 1);
        m->end = (uint8_t *)chunk + room;
    }
    uint8_t *copy = m->free;
    memcpy(copy, p, (size_t)n);
    m->free += n + (n == 0);
    return copy;
}

/* Return room for a string, until it is next asked for. */
uint8_t *scratch_of(Memo *m, int32_t n) {
    m->scratch.n = 0;
    return ROOM(m->scratch, (int64_t)n + SPARE) ? m->scratch.at : NULL;
}

/* Tell whether a word of ASCII letters and figures fits a stem: "*" is any letters. */
static int fits(const uint8_t *stem, const uint8_t *stem_end, const uint8_t *word,
                const uint8_t *word_end) {
    const uint8_t *star = NULL, *back = NULL;
    while (word < word_end) {
        if (stem < stem_end && *stem == '*') {
            star = ++stem;
            back = word;
        } else if (stem < stem_end && *stem == *word) {
            stem++;
            word++;
        } else if (star) {
            stem = star;
            word = ++back;
        } else {
            return 0;
        }
    }
    while (stem < stem_end && *stem == '*') stem++;
    return stem == stem_end;
}

static int by_parent(const void *a, const void *b) {
    const int32_t *x = a, *y = b;
    if (x[0] != y[0]) return x[0] < y[0] ? -1 : 1;
    return (x[1] > y[1]) - (x[1] < y[1]);
}

static int add_edges(Memo *m, const Lists *edges, int32_t element) {
    int32_t from = edges->starts[element], to = edges->starts[element + 1];
    if (!ROOM(m->edges, to - from)) return NO_MEMORY;
    memcpy(m->edges.at + m->edges.n, edges->flat + from,
           (size_t)(to - from) * sizeof *edges->flat);
    m->edges.n += to - from;
    return 0;
}

/* Keep the edges of the tree that a word of ASCII letters may follow. */
static int find_edges(Memo *m, const uint8_t *p, int32_t n) {
    const Tables *t = m->tables;
    const Plan *plan = t->plan;
    int32_t found = look_up(&t->exact, p, n);
    if (found >= 0)
        for (int32_t i = plan->exact_of.starts[found];
             i < plan->exact_of.starts[found + 1]; i++)
            if (add_edges(m, &plan->edges, plan->exact_of.flat[i])) return NO_MEMORY;
    for (int32_t length = 0; length <= n && t->beginnings.n; length++) {
        int32_t begun = look_up_rare(&t->beginnings, p, length);
        if (begun < 0) continue;
        for (int32_t i = plan->stems_of.starts[begun];
             i < plan->stems_of.starts[begun + 1]; i++) {
            int32_t stem = plan->stems_of.flat[i];
            const uint8_t *text = plan->stems.text;
            if (fits(text + t->stem_starts[stem], text + t->stem_starts[stem + 1] - 1,
                     p, p + n) &&
                add_edges(m, &plan->edges, plan->element_of_stem[stem]))
                return NO_MEMORY;
        }
    }
    return 0;
}

/* Put the edges from `from` on in order, each once. */
static void sort_edges(Memo *m, Word *word, int32_t from) {
    int32_t *at = m->edges.at + from, n = (int32_t)(m->edges.n - from) / 2, k = 0;
    if (n > 1) qsort(at, (size_t)n, 2 * sizeof *at, by_parent);
    for (int32_t i = 0; i < n; i++) {
        if (k && at[2 * i] == at[2 * k - 2] && at[2 * i + 1] == at[2 * k - 1]) continue;
        at[2 * k] = at[2 * i];
        at[2 * k++ + 1] = at[2 * i + 1];
    }
    m->edges.n = from + 2 * k;
    word->edges = from;
    word->n_edges = k;
    while (word->n_roots < k && at[2 * word->n_roots] == 0) word->n_roots++;
    for (int32_t i = word->n_roots; i < k; i++) {
        word->filter |= 1ull << m->tables->nodes[at[2 * i]].bit;
        m->next[at[2 * i]] |= 1ull << ((m->words.n - 1) & 63);
    }
}

/* Note the character n-grams of a text that may be columns, and ask for what is known
   of them. */
static int cut_chars(Memo *m, const Block *b, const uint8_t *text, int32_t end) {
    m->pieces.n = 0;
    for (int32_t start = 0; start < end;) {
        int32_t stop = start, letters = 0;
        if (!ROOM(m->pieces, b->plan->high)) return NO_MEMORY;
        while (stop < end && letters < b->plan->high) {
            do stop++;
            while (stop < end && (text[stop] & 0xC0) == 0x80);
            if (++letters < b->plan->low) continue;
            uint64_t key = key_of(text + start, stop - start);
            if (!index_may_hold(&b->names, key)) continue;
            index_prefetch(&b->names, key);
            m->pieces.at[m->pieces.n++] = (Piece){key, start, stop};
        }
        do start++;
        while (start < end && (text[start] & 0xC0) == 0x80);
    }
    return 0;
}

/* Keep the columns of the character n-grams of a word between blanks. */
static int find_chars(Memo *m, const Block *b, const Word *word, const Letters *own,
                      int32_t *slot) {
    int32_t n = own->length, head = (int32_t)m->lists.n;
    *slot = head;
    if (!ROOM(m->lists, 1)) return NO_MEMORY;
    m->lists.at[m->lists.n++] = 0;
    if (word->is_mask) return 0;
    uint8_t *text = scratch_of(m, n + 2);
    if (!text) return NO_MEMORY;
    text[0] = text[n + 1] = ' ';
    memcpy(text + 1, own->at, (size_t)n);
    if (cut_chars(m, b, text, n + 2) || !ROOM(m->lists, m->pieces.n)) return NO_MEMORY;
    for (int64_t i = 0; i < m->pieces.n; i++) {
        const Piece *p = &m->pieces.at[i];
        int32_t column = index_find(&b->names, p->key, text + p->start, p->stop - p->start);
        if (column >= 0) m->lists.at[m->lists.n++] = column;
    }
    m->lists.at[head] = (int32_t)m->lists.n - head - 1;
    return 0;
}

/* Look up all that depends on a word alone. The word is the last one. */
static int describe(Memo *m, Word *word, int is_frames, const Head *head) {
    int32_t *slots = m->slots.at + m->slots.n - m->tables->n_slots;
    const Letters *own = &m->letters.at[m->letters.n - 1];
    for (int32_t i = 0; i < head->plan->n_blocks; i++) {
        const Block *b = &head->blocks[i];
        if (b->plan->kind == WORDS) {
            int32_t number = look_up(&b->names, own->at, own->length);
            slots[b->slot] = number;
            slots[b->slot + 1] = number < 0 ? -1 : b->alone.at[number];
            if (is_frames && !word->is_mask && slots[b->slot + 1] >= 0) word->known = 1;
        } else if (b->plan->kind == CHARS) {
            if (find_chars(m, b, word, own, &slots[b->slot])) return NO_MEMORY;
        } else if (b->plan->kind == SIDES) {
            slots[b->slot] = -1; /* looked up when a target is near */
        }
    }
    return 0;
}

/* Return the number of a word in lower case, a new one if need be; with `edges`
   (parent, child, ...) those that Python found, else they are found here. */
static int32_t add_word(Memo *m, const uint8_t *p, int32_t n, int is_mask,
                        const int32_t *edges, int32_t n_edges) {
    const Tables *t = m->tables;
    int32_t known = is_mask ? -1 : look_up(&m->by_word, p, n);
    if (known >= 0) return known;
    int32_t id = (int32_t)m->words.n, from = (int32_t)m->edges.n;
    uint8_t *own = keep(m, p, n);
    if (!own || !ROOM(m->words, 1) || !ROOM(m->letters, 1) ||
        !ROOM(m->slots, t->n_slots) || !ROOM(m->edges, 2 * n_edges))
        return NO_MEMORY;
    m->slots.n += t->n_slots;
    m->letters.at[m->letters.n++] = (Letters){own, n};
    Word *word = &m->words.at[m->words.n++];
    *word = (Word){.is_mask = (uint8_t)is_mask};
    if (edges) {
        memcpy(m->edges.at + from, edges, 2 * (size_t)n_edges * sizeof *edges);
        m->edges.n += 2 * n_edges;
    } else if (!is_mask && find_edges(m, p, n)) {
        return NO_MEMORY;
    }
    sort_edges(m, word, from);
    word->opens_clause = look_up(&t->clause_words, p, n) >= 0;
    if (describe(m, word, 1, &t->frames) || describe(m, word, 0, &t->stance) ||
        (!is_mask && index_add(&m->by_word, own, n, id)))
        return NO_MEMORY;
    return id;
}

/* Return a new memo; `edges` are those of the tree that an actor may follow. */
API Memo *framing_memo(const Tables *t, const int32_t *edges, int32_t n_edges) {
    Memo *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    m->tables = t;
    m->next = calloc((size_t)t->plan->n_nodes + 1, sizeof *m->next);
    if (!m->next) {
        free(m);
        return NULL;
    }
    static const int32_t none[2];
    int32_t status = add_word(m, (const uint8_t *)"<actor>\0\0\0\0\0\0\0\0", 7, 1,
                              n_edges ? edges : none, n_edges);
    for (int32_t i = 0; status >= 0 && i < t->plan->masks.n; i++)
        status = add_word(m, t->plan->masks.text + t->mask_starts[i],
                          t->mask_starts[i + 1] - 1 - t->mask_starts[i], 1, none, 0);
    if (status >= 0) return m;
    framing_memo_free(m);
    return NULL;
}

API int64_t framing_memo_size(const Memo *m) { return m->written.n; }

/* Return the number of a word as it is written, a new one if need be. */
static int32_t intern(Memo *m, uint64_t key, const uint8_t *p, int32_t n) {
    int32_t known = index_find(&m->by_writing, key, p, n);
    if (known >= 0) return known;
    int32_t id = (int32_t)m->written.n, folded = -1, is_ascii = 1;
    uint8_t *own = keep(m, p, n);
    if (!own || !ROOM(m->written, 1)) return NO_MEMORY;
    for (int32_t i = 0; i < n; i++) is_ascii &= p[i] < 0x80;
    if (is_ascii) {
        uint8_t *lower = scratch_of(m, n);
        if (!lower) return NO_MEMORY;
        for (int32_t i = 0; i < n; i++)
            lower[i] = (uint8_t)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] + 32 : p[i]);
        folded = add_word(m, lower, n, 0, NULL, 0);
        if (folded < 0) return NO_MEMORY;
    } else {
        if (!ROOM(m->pending, 1)) return NO_MEMORY;
        m->pending.at[m->pending.n++] = (Pending){{own, n}, id};
    }
    m->written.at[m->written.n++] =
        (Written){folded, look_up(&m->tables->firsts, p, n)};
    return index_add(&m->by_writing, own, n, id) ? NO_MEMORY : id;
}

/* Return the first `n` bytes of a written word that waits to be folded; NULL if none
   does. */
API const uint8_t *framing_pending(const Memo *m, int32_t *length) {
    if (!m->pending.n) return NULL;
    const Letters *letters = &m->pending.at[m->pending.n - 1].letters;
    *length = letters->length;
    return letters->at;
}

/* Say how that word is folded, and which edges it may follow. */
API int framing_fold(Memo *m, const uint8_t *p, int32_t n, const int32_t *edges,
                     int32_t n_edges) {
    int32_t word = add_word(m, p, n, 0, edges, n_edges);
    if (word < 0) return NO_MEMORY;
    m->written.at[m->pending.at[--m->pending.n].written].folded = word;
    return 0;
}

/* -- a batch: words ---------------------------------------------------------- */

API void framing_batch_free(Batch *b) {
    if (!b) return;
    void *own[] = {b->tokens.at, b->token_starts.at, b->places.at,
                   b->place_starts.at, b->hits.at, b->hit_starts.at, b->actors.at,
                   b->actor_starts.at, b->n_words.at, b->n_known.at,
                   b->scored_rows.at};
    for (size_t k = 0; k < sizeof own / sizeof *own; k++) free(own[k]);
    free(b);
}

/* Return a batch of `n` sentences: sentence `i` is from bounds[i] to bounds[i + 1],
   the line feed at its end left out. */
API Batch *framing_batch(Memo *memo, const uint8_t *text, const int64_t *bounds,
                         int32_t n) {
    Batch *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    b->memo = memo;
    b->text = text;
    b->bounds = bounds;
    b->n = n;
    if (ROOM(b->token_starts, n + 1) && ROOM(b->place_starts, n + 1) &&
        ROOM(b->hit_starts, n + 1) && ROOM(b->actor_starts, n + 1) &&
        ROOM(b->n_words, n + 1) && ROOM(b->n_known, n + 1))
        return b;
    framing_batch_free(b);
    return NULL;
}

/* Find where the words of a sentence are, and ask for what is known of them. Returns
   as `framing_cut` does. */
static int find_words(const Batch *b, Pieces *pieces) {
    const uint8_t *classes = b->memo->tables->classes, *text = b->text;
    int32_t at = (int32_t)b->bounds[b->row], end = (int32_t)b->bounds[b->row + 1] - 1;
    pieces->n = 0;
    while (at < end) {
        int32_t start = at, before = at, code = 0, class = UNKNOWN;
        while (at < end) {
            before = at;
            code = decode(text, &at);
            class = classes[code];
            if (class != LETTER) break;
        }
        if (class == UNKNOWN) return code >> 8; /* this sentence again, later */
        int32_t stop = class == LETTER ? at : before;
        if (stop == start) continue;
        if (!ROOM(*pieces, 1)) return NO_MEMORY;
        uint64_t key = key_of(text + start, stop - start);
        index_prefetch(&b->memo->by_writing, key);
        pieces->at[pieces->n++] = (Piece){key, start, stop};
    }
    return -1;
}

static int add_tokens(Batch *b, const Pieces *pieces) {
    if (!ROOM(b->tokens, pieces->n)) return NO_MEMORY;
    for (int64_t i = 0; i < pieces->n; i++) {
        const Piece *p = &pieces->at[i];
        int32_t written = intern(b->memo, p->key, b->text + p->start, p->stop - p->start);
        if (written < 0) return NO_MEMORY;
        const Written *w = &b->memo->written.at[written];
        b->tokens.at[b->tokens.n++] =
            (Token){written, w->folded, w->aliases, p->start, p->stop};
    }
    return 0;
}

/* Cut sentences into words. Returns -1 when done, NO_MEMORY, or the number of a page
   of characters whose classes must be set before going on. */
API int framing_cut(Batch *b) {
    Pieces pieces = {0};
    int status = -1;
    for (; b->row < b->n; b->row++) {
        b->token_starts.at[b->row] = (int32_t)b->tokens.n;
        if ((status = find_words(b, &pieces)) != -1) break;
        if (add_tokens(b, &pieces)) {
            status = NO_MEMORY;
            break;
        }
    }
    free(pieces.at);
    b->token_starts.at[b->row] = (int32_t)b->tokens.n;
    return status;
}

/* -- a batch: actors --------------------------------------------------------- */

typedef struct {
    int32_t start, end, actor;
} Mention;

typedef struct {
    int32_t node, first, stop;
} Found;

/* What one sentence needs on the way. */
typedef struct {
    VECTOR(Mention) mentions;
    VECTOR(Found) found, guards; /* guards: those that others are not to touch */
    VECTOR(uint64_t) filters; /* of the words from place `from` on */
    int32_t from;
    Numbers stamps;  /* node -> the last word from which it was reached */
    Numbers guarded; /* for each kind of guard: group -> the last row it was met in */
} Scratch;

/* Add the actor whose alias stands at `start`, where a word of aliases begins. */
static int add_mention(const Batch *b, Scratch *s, int32_t first, int32_t start,
                       int32_t end) {
    const Tables *t = b->memo->tables;
    const Plan *plan = t->plan;
    for (int32_t i = plan->aliases_of.starts[first];
         i < plan->aliases_of.starts[first + 1]; i++) {
        int32_t alias = plan->aliases_of.flat[i], from = t->alias_starts[alias];
        int32_t length = t->alias_starts[alias + 1] - 1 - from, stop = start + length;
        if (stop > end || memcmp(b->text + start, plan->aliases.text + from,
                                 (size_t)length))
            continue;
        int32_t next = stop;
        if (stop < end) {
            int class = t->classes[decode(b->text, &next)];
            if (class == LETTER || class == UNDERSCORE) continue;
        }
        if (!ROOM(s->mentions, 1)) return NO_MEMORY;
        s->mentions.at[s->mentions.n++] =
            (Mention){start, stop, plan->actor_of_alias[alias]};
        return 0;
    }
    return 0;
}

/* To an alias an underscore is part of a word, to all else it parts words. */
static int find_between_underscores(const Batch *b, Scratch *s, int32_t at,
                                    int32_t end) {
    const Tables *t = b->memo->tables;
    int32_t done = at;
    while (at < end) {
        int32_t start = at, before = at, class = OTHER;
        while (at < end) {
            before = at;
            class = t->classes[decode(b->text, &at)];
            if (class == OTHER) break;
        }
        int32_t stop = class == OTHER ? before : at;
        if (stop == start || start < done) continue;
        int32_t first = look_up(&t->firsts, b->text + start, stop - start);
        if (first < 0) continue;
        if (add_mention(b, s, first, start, end)) return NO_MEMORY;
        if (s->mentions.n) done = s->mentions.at[s->mentions.n - 1].end;
    }
    return 0;
}

static int find_mentions(const Batch *b, Scratch *s, int32_t row) {
    int32_t start = (int32_t)b->bounds[row], end = (int32_t)b->bounds[row + 1] - 1;
    s->mentions.n = 0;
    if (memchr(b->text + start, '_', (size_t)(end - start)))
        return find_between_underscores(b, s, start, end);
    int32_t done = start;
    for (int32_t j = b->token_starts.at[row]; j < b->token_starts.at[row + 1]; j++) {
        const Token *token = &b->tokens.at[j];
        if (token->aliases < 0 || token->start < done) continue;
        if (add_mention(b, s, token->aliases, token->start, end)) return NO_MEMORY;
        if (s->mentions.n) done = s->mentions.at[s->mentions.n - 1].end;
    }
    return 0;
}

/* Tell whether a mark that parts clauses stands in the text. */
static int has_clause_mark(const uint8_t *p, const uint8_t *end) {
    for (; p < end; p++) {
        switch (*p) {
        case ',': case ';': case ':': case '"': case '(': case ')':
            return 1;
        case ' ': /* a dash between blanks */
            if (end - p > 2 && p[1] == '-' && p[2] == ' ') return 1;
            break;
        case 0xE2: /* — – “ ” */
            if (end - p > 2 && p[1] == 0x80 &&
                (p[2] == 0x93 || p[2] == 0x94 || p[2] == 0x9C || p[2] == 0x9D))
                return 1;
        }
    }
    return 0;
}

/* Put the words of a sentence in their places, each mention as one. */
static int place_words(Batch *b, const Scratch *s, int32_t row) {
    const Memo *m = b->memo;
    int32_t j = b->token_starts.at[row], stop = b->token_starts.at[row + 1];
    int32_t end = (int32_t)b->bounds[row], clause = 0, n_words = 0, n_known = 0;
    if (!ROOM(b->places, stop - j)) return NO_MEMORY;
    for (int64_t k = 0; k <= s->mentions.n; k++) {
        const Mention *mention = k < s->mentions.n ? &s->mentions.at[k] : NULL;
        for (; j < stop && (!mention || b->tokens.at[j].start < mention->start); j++) {
            const Token *token = &b->tokens.at[j];
            if (j + AHEAD < stop && token[AHEAD].folded >= 0)
                PREFETCH(&m->words.at[token[AHEAD].folded]);
            int32_t number = token->folded;
            if (number < 0) number = m->written.at[token->written].folded;
            const Word *word = &m->words.at[number];
            if (s->mentions.n) /* without actors nobody asks for clauses */
                clause += has_clause_mark(b->text + end, b->text + token->start) +
                          word->opens_clause;
            b->places.at[b->places.n++] = (Place){number, -1, clause};
            end = token->end;
            n_words++;
            n_known += word->known;
        }
        if (!mention || j == stop || b->tokens.at[j].start >= mention->end) continue;
        clause += has_clause_mark(b->text + end, b->text + mention->start);
        b->places.at[b->places.n++] = (Place){ACTOR_WORD, mention->actor, clause};
        end = mention->end;
        while (j < stop && b->tokens.at[j].start < mention->end) j++;
    }
    b->n_words.at[row] = n_words;
    b->n_known.at[row] = n_known;
    return 0;
}

/* Keep the actors of a sentence, in order and once each. */
static int keep_actors(Batch *b, const Scratch *s) {
    int64_t from = b->actors.n;
    if (!ROOM(b->actors, s->mentions.n)) return NO_MEMORY;
    for (int64_t k = 0; k < s->mentions.n; k++) {
        int32_t actor = s->mentions.at[k].actor;
        int64_t i = b->actors.n;
        while (i > from && b->actors.at[i - 1] > actor) i--;
        if (i > from && b->actors.at[i - 1] == actor) continue;
        memmove(b->actors.at + i + 1, b->actors.at + i,
                (size_t)(b->actors.n - i) * sizeof *b->actors.at);
        b->actors.at[i] = actor;
        b->actors.n++;
    }
    return 0;
}

/* -- a batch: seed words ------------------------------------------------------ */

static int reach(const Batch *b, Scratch *s, Found here, int32_t end);

/* Tell whether a word may lead on from a node, given the node's bit and its bits for
   words: most do not. */
static inline int may_follow(const Batch *b, const Scratch *s, uint64_t next, uint8_t bit,
                             int32_t at) {
    return s->filters.at[at - s->from] >> bit & next >> (b->places.at[at].word & 63) & 1;
}

/* Go on from a node with the next word. */
static int follow(const Batch *b, Scratch *s, Found here, int32_t end) {
    const Word *word = &b->memo->words.at[b->places.at[here.stop].word];
    const int32_t *edges = b->memo->edges.at + word->edges;
    int32_t low = word->n_roots, high = word->n_edges;
    while (low < high) {
        int32_t middle = (low + high) / 2;
        if (edges[2 * middle] < here.node) low = middle + 1;
        else high = middle;
    }
    for (; low < word->n_edges && edges[2 * low] == here.node; low++) {
        Found next = {edges[2 * low + 1], here.first, here.stop + 1};
        if (reach(b, s, next, end)) return NO_MEMORY;
    }
    return 0;
}

/* Come to a node. Of several ways to it from one word the first that is found, which
   skips least, counts. */
static int reach(const Batch *b, Scratch *s, Found here, int32_t end) {
    const Tables *t = b->memo->tables;
    const uint64_t *next = b->memo->next;
    const Node *node = &t->nodes[here.node];
    if (node->ends && s->stamps.at[here.node] != here.first) {
        if (!ROOM(s->found, 1)) return NO_MEMORY;
        s->stamps.at[here.node] = here.first;
        s->found.at[s->found.n++] = here;
    }
    if (here.stop < end && may_follow(b, s, next[here.node], node->bit, here.stop))
        if (follow(b, s, here, end)) return NO_MEMORY;
    for (int32_t i = 0; i < node->n_gaps; i++) {
        const Gap *gap = &t->gaps[node->gaps + i];
        uint64_t words = next[gap->beyond];
        int32_t last = here.stop + gap->skips < end ? here.stop + gap->skips : end - 1;
        for (int32_t at = here.stop; at <= last; at++) {
            if (gap->is_plain && !may_follow(b, s, words, gap->bit, at)) continue;
            Found beyond = {gap->beyond, here.first, at};
            if (gap->is_plain ? follow(b, s, beyond, end) : reach(b, s, beyond, end))
                return NO_MEMORY;
        }
    }
    return 0;
}

/* Tell whether a hit shares a word with a pattern that its group is not to touch. */
static int is_guarded(const Scratch *s, const Lists *unless, const Found *hit,
                      int32_t group) {
    for (int64_t k = 0; k < s->guards.n; k++) {
        const Found *other = &s->guards.at[k];
        if (other->first >= hit->stop || hit->first >= other->stop) continue;
        for (int32_t i = unless->starts[other->node];
             i < unless->starts[other->node + 1]; i++)
            if (unless->flat[i] == group) return 1;
    }
    return 0;
}

/* Tell whether nothing is found at a node nor behind it, as at most of them. */
static inline int is_dead(const Batch *b, const Scratch *s, int32_t number, int32_t stop,
                          int32_t end) {
    const Node *node = &b->memo->tables->nodes[number];
    if (node->ends || node->n_gaps) return 0;
    return stop == end || !may_follow(b, s, b->memo->next[number], node->bit, stop);
}

/* Ask for the nodes that a word leads to from the root. */
static void prefetch_roots(const Batch *b, int32_t at) {
    const Memo *m = b->memo;
    const Word *word = &m->words.at[b->places.at[at].word];
    const int32_t *edges = m->edges.at + word->edges;
    for (int32_t i = 0; i < word->n_roots; i++) {
        PREFETCH(&m->tables->nodes[edges[2 * i + 1]]);
        PREFETCH(&m->next[edges[2 * i + 1]]);
    }
}

static int find_hits(Batch *b, Scratch *s, int32_t row) {
    const Plan *plan = b->memo->tables->plan;
    const Node *nodes = b->memo->tables->nodes;
    int32_t *silenced = s->guarded.at, *called = silenced + plan->n_groups;
    s->found.n = 0;
    int32_t end = (int32_t)b->places.n;
    s->from = b->place_starts.at[row];
    s->filters.n = 0;
    if (!ROOM(s->filters, end - s->from)) return NO_MEMORY;
    for (int32_t j = s->from; j < end; j++) {
        const Word *word = &b->memo->words.at[b->places.at[j].word];
        if (word->n_roots) PREFETCH(b->memo->edges.at + word->edges);
        s->filters.at[j - s->from] = word->filter;
    }
    for (int32_t j = s->from; j < end; j++) {
        const Word *word = &b->memo->words.at[b->places.at[j].word];
        const int32_t *edges = b->memo->edges.at + word->edges;
        if (j + AHEAD < end) prefetch_roots(b, j + AHEAD);
        for (int32_t i = 0; i < word->n_roots; i++) {
            Found root = {edges[2 * i + 1], j, j + 1};
            if (!is_dead(b, s, root.node, root.stop, end) && reach(b, s, root, end))
                return NO_MEMORY;
        }
    }
    s->guards.n = 0;
    if (!ROOM(s->guards, s->found.n)) return NO_MEMORY;
    for (int64_t k = 0; k < s->found.n; k++) {
        int32_t node = s->found.at[k].node;
        if (nodes[node].guards) s->guards.at[s->guards.n++] = s->found.at[k];
        if (!nodes[node].calls) continue;
        for (int32_t i = plan->not_with.starts[node]; i < plan->not_with.starts[node + 1];
             i++)
            silenced[plan->not_with.flat[i]] = row;
        for (int32_t i = plan->only_with.starts[node];
             i < plan->only_with.starts[node + 1]; i++)
            called[plan->only_with.flat[i]] = row;
    }
    for (int64_t k = 0; k < s->found.n; k++) {
        const Found *hit = &s->found.at[k];
        int32_t from = plan->words.starts[hit->node];
        int32_t to = plan->words.starts[hit->node + 1];
        if (!ROOM(b->hits, to - from)) return NO_MEMORY;
        for (int32_t i = from; i < to; i++) {
            int32_t group = plan->words.flat[i];
            if (silenced[group] == row || (plan->waits[group] && called[group] != row) ||
                is_guarded(s, &plan->unless, hit, group))
                continue;
            b->hits.at[b->hits.n++] = (Hit){group, hit->first, hit->stop};
        }
    }
    return 0;
}

/* Find actors and seed words, once all words are folded. */
API int framing_find(Batch *b) {
    const Plan *plan = b->memo->tables->plan;
    Scratch s = {0};
    int status = NO_MEMORY;
    if (b->memo->pending.n || !ROOM(s.stamps, plan->n_nodes) ||
        !ROOM(s.guarded, 2 * (int64_t)plan->n_groups))
        goto done;
    memset(s.stamps.at, 0xFF, (size_t)plan->n_nodes * sizeof *s.stamps.at);
    memset(s.guarded.at, 0xFF, 2 * (size_t)plan->n_groups * sizeof *s.guarded.at);
    for (int32_t row = 0; row < b->n; row++) {
        b->place_starts.at[row] = (int32_t)b->places.n;
        b->hit_starts.at[row] = (int32_t)b->hits.n;
        b->actor_starts.at[row] = (int32_t)b->actors.n;
        if (find_mentions(b, &s, row) || place_words(b, &s, row) || keep_actors(b, &s) ||
            find_hits(b, &s, row))
            goto done;
    }
    b->place_starts.at[b->n] = (int32_t)b->places.n;
    b->hit_starts.at[b->n] = (int32_t)b->hits.n;
    b->actor_starts.at[b->n] = (int32_t)b->actors.n;
    status = 0;
    /* What was only needed on the way. */
    free(b->tokens.at);
    b->tokens.at = NULL;
    b->tokens.n = b->tokens.room = 0;
    b->text = NULL;
    b->bounds = NULL;
done:
    free(s.mentions.at);
    free(s.found.at);
    free(s.guards.at);
    free(s.stamps.at);
    free(s.filters.at);
    free(s.guarded.at);
    return status;
}

/* Write how many words sentences have, and how many of them the model knows. */
API void framing_count(const Batch *b, int64_t *n_words, int64_t *n_known) {
    for (int32_t i = 0; i < b->n; i++) {
        n_words[i] = b->n_words.at[i];
        n_known[i] = b->n_known.at[i];
    }
}
