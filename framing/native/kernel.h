/* The tables of one model, the words met so far, and what a batch of sentences holds.

   Python makes the tables (framing/fused.py) and keeps their memory alive; the words
   and the batches are made here. All text is UTF-8 with eight spare bytes behind it,
   so that eight bytes can be read anywhere. Every function that can run out of memory
   returns NO_MEMORY then, and leaves everything fit to be freed. */
#ifndef FRAMING_KERNEL_H
#define FRAMING_KERNEL_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NO_MEMORY (-2)
#define SPARE 8
#define N_SIDES 10
#define N_PLACES 14

#if defined(_WIN32)
#define API __declspec(dllexport)
#else
#define API __attribute__((visibility("default")))
#endif

/* Kinds of feature blocks, in the order of framing.model.BLOCK_KINDS. */
enum { WORDS, CHARS, GROUPS, CODES, SIDES, PLACES };
/* Classes of characters; those not asked about yet are unknown. */
enum { UNKNOWN, LETTER, UNDERSCORE, OTHER };
/* The first words of a memo; the masks of actors by kind follow. */
enum { ACTOR_WORD, TARGET_WORD, OTHER_WORD, FIRST_KIND };

/* -- what Python hands over; framing/fused.py mirrors these ------------------- */

typedef struct { /* `n` strings, a line feed between two */
    const uint8_t *text;
    int64_t size, n;
} Strings;

typedef struct { /* list `i` is flat[starts[i]] up to flat[starts[i + 1]] */
    const int32_t *starts, *flat;
} Lists;

typedef struct {
    int32_t kind, low, high, scaled;
    double weight;
    Strings names;      /* one for each column; what words, chars, sides look up */
    const int32_t *map; /* number of a group, fact or place -> column or -1 */
    const double *idf, *coef; /* coefficients of a class are `width` numbers apart */
    int64_t width;
} BlockPlan;

typedef struct {
    int32_t n_classes, n_blocks;
    const double *intercept;
    const BlockPlan *blocks;
} HeadPlan;

typedef struct {
    HeadPlan frames, stance;
    /* Seed words: the tree of framing.patterns. */
    Strings exact;      /* words that elements name */
    Lists exact_of;     /* -> the elements */
    Strings beginnings; /* what stems begin with */
    Lists stems_of;     /* -> the stems */
    Strings stems;
    const int32_t *element_of_stem;
    Lists edges;        /* element -> parent, child, parent, child, ... */
    Lists gaps;         /* node -> size, child, size, child, ... */
    const uint8_t *ends; /* node -> whether a pattern ends there */
    int32_t n_nodes, n_groups;
    Lists words, unless, not_with, only_with; /* node -> groups */
    const uint8_t *waits, *judges, *tags;     /* of each group */
    const int32_t *code_of; /* group -> code */
    int32_t n_codes, many;
    /* Actors, numbered in the order of their names. */
    Strings firsts;     /* first words of aliases */
    Lists aliases_of;   /* -> aliases, the longest first */
    Strings aliases;
    const int32_t *actor_of_alias, *kind_of_actor;
    const uint8_t *is_target;
    int32_t n_actors, near;
    Strings masks;      /* "<target>", "<other>", then the kinds of actors */
    Strings clause_words;
} Plan;

/* -- strings by number ------------------------------------------------------- */

typedef struct { /* number: one more than the id, 0 where nothing is */
    uint64_t key;
    int32_t length, number;
} Slot;

typedef struct {
    Slot *slots;
    const uint8_t **strings; /* of the slots; asked for the longer ones only */
    uint64_t mask;
    int32_t n;
    uint64_t *seen; /* bits by hash, where most that is looked up is not there */
} Index;

/* Strings are found by a hash and then compared byte by byte. */
static inline uint64_t load8(const uint8_t *p) {
    uint64_t x;
    memcpy(&x, p, 8);
    return x;
}

static inline uint64_t mix(uint64_t x) {
    x *= 0x9E3779B97F4A7C15ull;
    return x ^ (x >> 29);
}

/* The first `n` bytes at `p`, 1 to 8, and nothing of those behind them. */
static inline uint64_t first_bytes(const uint8_t *p, int32_t n) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return load8(p) >> (64 - 8 * n);
#else
    return load8(p) << (64 - 8 * n);
#endif
}

static inline uint64_t key_of(const uint8_t *p, int32_t n) {
    uint64_t h = (uint64_t)n;
    for (; n > 8; n -= 8, p += 8) h = mix(h ^ load8(p)) * 0xBF58476D1CE4E5B9ull;
    return mix(n ? h ^ first_bytes(p, n) : h);
}

int index_add(Index *index, const uint8_t *p, int32_t n, int32_t id);
int index_lines(Index *index, const Strings *strings);
int index_sift(Index *index);
void index_free(Index *index);

#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)0)
#endif

static inline void index_prefetch(const Index *index, uint64_t key) {
    if (index->slots) PREFETCH(&index->slots[key >> 20 & index->mask]);
}

static inline int32_t index_find(const Index *index, uint64_t key, const uint8_t *p,
                                 int32_t n) {
    if (!index->slots) return -1;
    for (uint64_t i = key >> 20 & index->mask;; i = (i + 1) & index->mask) {
        const Slot *slot = &index->slots[i];
        if (!slot->number) return -1;
        /* Up to eight bytes make keys of their own: `mix` can be undone. */
        if (slot->key == key && slot->length == n &&
            (n <= 8 || !memcmp(index->strings[i], p, (size_t)n)))
            return slot->number - 1;
    }
}

/* Tell whether a string may be in an index that `index_sift` has gone through. */
static inline int index_may_hold(const Index *index, uint64_t key) {
    uint64_t bit = key >> 24 & (8 * index->mask + 7);
    return index->seen && index->seen[bit >> 6] >> (bit & 63) & 1;
}

/* -- growing arrays ---------------------------------------------------------- */

int grow(void **data, int64_t *room, int64_t need, size_t size);
/* Make room for `more` members, if only for none; false if there is no memory. */
#define ROOM(v, more)                                                             \
    (((v).at && (v).n + (more) <= (v).room) ||                                    \
     grow((void **)&(v).at, &(v).room, (v).n + (more), sizeof *(v).at))
#define VECTOR(type)                                                              \
    struct {                                                                      \
        type *at;                                                                 \
        int64_t n, room;                                                          \
    }
typedef VECTOR(int32_t) Numbers;

/* -- tables ------------------------------------------------------------------ */

typedef struct {
    uint64_t key;
    int32_t node;
} Pair;

typedef struct {
    const BlockPlan *plan;
    int32_t slot;      /* where words keep what this block knows of them */
    int32_t n_columns;
    Index names;       /* columns; for word n-grams their words */
    Numbers alone;     /* word, as in `names` -> column of the word by itself, or -1 */
    Pair *pairs;       /* n-gram and next word -> longer n-gram */
    uint64_t *seen;    /* bits by hash: turns away most pairs that are not known */
    uint64_t mask;
    int32_t n_pairs;
    Numbers longer;    /* longer n-gram -> column or -1 */
    double *rows, *own_rows; /* of each column its coefficients, then its idf */
    int32_t stride, step;    /* numbers that are added up; from row to row */
    uint64_t *bits, *tops; /* which columns one view holds; 64 of them in one bit */
    const double **held;   /* the same as a list of rows */
} Block;

typedef struct {
    const HeadPlan *plan;
    Block *blocks;
    double *sums;
} Head;

typedef struct { /* a node of the tree of patterns */
    int32_t gaps, n_gaps; /* in the list of gaps */
    uint8_t ends, bit;    /* bit: in the filters of words that lead on from here */
    uint8_t calls, guards; /* whether its hits silence or call groups; guard others */
} Node;

typedef struct { /* up to `skips` words, then the node `beyond` */
    int32_t skips, beyond;
    uint8_t is_plain, bit; /* whether nothing but a word leads on from there */
} Gap;

typedef struct {
    const Plan *plan;
    Head frames, stance;
    Node *nodes;
    Gap *gaps;
    int32_t n_slots;
    uint8_t *classes; /* of every code point */
    Index exact, beginnings, firsts, clause_words;
    int32_t *stem_starts, *alias_starts, *mask_starts;
} Tables;

static inline uint64_t pair_key(int32_t node, int32_t word) {
    return (uint64_t)(uint32_t)(node + 1) << 32 | (uint32_t)word;
}

/* -- words met --------------------------------------------------------------- */

typedef struct {
    const uint8_t *at;
    int32_t length;
} Letters;

typedef struct { /* folded: -1 as long as Python has not folded it */
    int32_t folded, aliases; /* number of the first word of aliases or -1 */
} Written;

typedef struct { /* a written word that Python has to fold */
    Letters letters;
    int32_t written;
} Pending;

typedef struct { /* what is asked of every word; its letters are kept apart */
    uint64_t filter; /* of the nodes, but for the root, that this word leads on from */
    int32_t edges, n_edges, n_roots; /* in `edges`, by parent; of the root first */
    uint8_t is_mask, opens_clause, known;
} Word;

typedef struct { /* part of a text that is to be looked up */
    uint64_t key;
    int32_t start, stop;
} Piece;
typedef VECTOR(Piece) Pieces;

typedef struct Chunk {
    struct Chunk *next;
} Chunk;

typedef struct {
    const Tables *tables;
    Index by_writing, by_word;
    VECTOR(Written) written;
    VECTOR(Word) words;
    VECTOR(Letters) letters; /* of the words */
    Numbers slots;  /* of each word, `n_slots` each */
    Numbers edges;  /* parent, child, ... */
    uint64_t *next; /* of each node bits for the words that lead on from it */
    Numbers lists;  /* a length and so many columns, ... */
    VECTOR(uint8_t) scratch;
    Pieces pieces;
    VECTOR(Pending) pending;
    Chunk *chunks;
    uint8_t *free, *end;
} Memo;

/* -- a batch of sentences ---------------------------------------------------- */

typedef struct { /* folded: -1 for words that were not yet folded when met */
    int32_t written, folded, aliases, start, end;
} Token;

typedef struct {
    int32_t word, actor, clause; /* actor: -1 for other words */
} Place;

typedef struct {
    int32_t group, first, stop;
} Hit;

typedef struct {
    Memo *memo;
    const uint8_t *text; /* until the sentences are read */
    const int64_t *bounds;
    int32_t n, row;
    VECTOR(Token) tokens;
    Numbers token_starts;
    Numbers scored_rows; /* of each view: its sentence */
    VECTOR(Place) places;
    Numbers place_starts;
    VECTOR(Hit) hits;
    Numbers hit_starts;
    Numbers actors; /* named in each sentence, once each and in order */
    Numbers actor_starts;
    Numbers n_words, n_known;
} Batch;

uint8_t *scratch_of(Memo *m, int32_t n);

/* So many words ahead memory is asked for, to be there in time. */
#define AHEAD 4

/* Decode the character at `*at` and step over it. */
static inline int32_t decode(const uint8_t *text, int32_t *at) {
    const uint8_t *p = text + *at;
    if (p[0] < 0x80) return *at += 1, p[0];
    if (p[0] < 0xE0) return *at += 2, (p[0] & 31) << 6 | (p[1] & 63);
    if (p[0] < 0xF0)
        return *at += 3, (p[0] & 15) << 12 | (p[1] & 63) << 6 | (p[2] & 63);
    return *at += 4,
           (p[0] & 7) << 18 | (p[1] & 63) << 12 | (p[2] & 63) << 6 | (p[3] & 63);
}

#endif
