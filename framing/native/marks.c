/* Where a sentence may end: the scan of framing.segment.punkt over code points.

   Three in four marks are decided here (a plain word, a full stop, white space); the
   others are given back, to be decided by their context. */
#include "kernel.h"

typedef struct {
    int32_t range, word, mark, after_end, next, is_plain;
} Mark;

typedef struct {
    Strings strings;
    Index not_plain; /* words, lower case, about which more must be asked */
    VECTOR(Mark) marks;
    VECTOR(uint8_t) lower;
} Marks;

API void framing_marks_free(Marks *m) {
    if (!m) return;
    free(m->not_plain.slots);
    free(m->marks.at);
    free(m->lower.at);
    free(m);
}

/* `words` must stay where they are. */
API Marks *framing_marks(const uint8_t *words, int64_t size, int64_t n) {
    Marks *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    m->strings = (Strings){words, size, n};
    if (!index_lines(&m->not_plain, &m->strings)) return m;
    framing_marks_free(m);
    return NULL;
}

/* White space as Python has it, without the four information separators. */
static int is_space(uint32_t c) {
    if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/* What may follow a mark without white space: brackets, quotes and the like. */
static int is_non_word(uint32_t c) {
    if (c < 0x80) return c && strchr(")\";}]*:@'({[?!", (int)c) != NULL;
    return c == 0x2018 || c == 0x2019 || c == 0x201C || c == 0x201D || c == 0xAB ||
           c == 0xBB;
}

/* Tell whether the statistics need not be asked about a full stop. */
static int is_plain(Marks *m, const uint32_t *text, const Mark *mark) {
    int32_t n = mark->mark - mark->word;
    uint32_t last = text[mark->after_end - 1];
    if (text[mark->mark] != '.' || mark->next < 0 || n < 2 || last <= 0x1F) return 0;
    m->lower.n = 0;
    if (!ROOM(m->lower, (int64_t)n + SPARE)) return 0; /* it is asked about then */
    for (int32_t i = 0; i < n; i++) {
        uint32_t c = text[mark->word + i];
        if (c >= 'A' && c <= 'Z') c += 32;
        if (c < 'a' || c > 'z') return 0;
        m->lower.at[i] = (uint8_t)c;
    }
    return index_find(&m->not_plain, key_of(m->lower.at, n), m->lower.at, n) < 0;
}

static int add_mark(Marks *m, const uint32_t *text, Mark mark) {
    if (!ROOM(m->marks, 1)) return NO_MEMORY;
    mark.is_plain = is_plain(m, text, &mark);
    m->marks.at[m->marks.n++] = mark;
    return 0;
}

static int scan(Marks *m, const uint32_t *text, int32_t range, int32_t at, int32_t end) {
    Mark previous = {range, at, at, at, -1, 0};
    int32_t start = at, stop = at, is_there = 0;
    for (; at < end; at++) {
        if (text[at] != '.' && text[at] != '?' && text[at] != '!') continue;
        int32_t after = at + 1, next = -1;
        if (after == end) break;
        if (is_non_word(text[after])) {
            after++;
        } else {
            while (after < end && is_space(text[after])) after++;
            if (after == at + 1 || after == end) continue;
            next = after;
            while (after < end && !is_space(text[after])) after++;
        }
        int32_t space = at - 1;
        while (space >= stop && text[space] != ' ' &&
               !(text[space] >= '\t' && text[space] <= '\r'))
            space--;
        int32_t word = space > stop ? space + 1 : start;
        /* Of several marks on one word ("What?!") only the last one counts. */
        if (is_there && word >= stop && add_mark(m, text, previous)) return NO_MEMORY;
        previous = (Mark){range, word, at, after, next, 0};
        is_there = 1;
        start = word;
        stop = at;
    }
    return is_there ? add_mark(m, text, previous) : 0;
}

/* Find the marks in ranges of a text, each read as if it stood alone; return how many
   there are. */
API int64_t framing_mark(Marks *m, const uint32_t *text, const int32_t *ranges,
                         int32_t n) {
    m->marks.n = 0;
    for (int32_t i = 0; i < n; i++)
        if (scan(m, text, i, ranges[2 * i], ranges[2 * i + 1])) return NO_MEMORY;
    return m->marks.n;
}

API const Mark *framing_marked(const Marks *m) { return m->marks.at; }
