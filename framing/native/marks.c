/* Where sentences end: the scan of framing.segment.punkt over code points.

   Three in four marks are decided at once (a plain word, a full stop, white space), most
   others by the statistics (punkt.c); what is left is given to Python to decide. */
#include "punkt.h"

typedef struct {
    int32_t word, mark, after_end, place; /* place: among the marks */
} Asked;

typedef struct {
    int32_t start, end;
} Span;

typedef struct {
    Statistics statistics;
    VECTOR(Mark) marks;   /* those that end a sentence or may do so */
    VECTOR(Asked) asked;  /* those of them that Python is to decide */
    VECTOR(Span) spans;
    Numbers counts; /* of the sentences in each range */
} Marks;

API void framing_punkt_free(Marks *m) {
    if (!m) return;
    statistics_free(&m->statistics);
    free(m->marks.at);
    free(m->asked.at);
    free(m->spans.at);
    free(m->counts.at);
    free(m);
}

API Marks *framing_punkt(const PunktPlan *plan) {
    Marks *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    if (!statistics_build(&m->statistics, plan)) return m;
    framing_punkt_free(m);
    return NULL;
}

/* -- marks --------------------------------------------------------------------- */

/* Tell whether the statistics need not be asked about a full stop. */
static int is_plain(Statistics *s, const uint32_t *text, const Mark *mark) {
    int32_t n = mark->mark - mark->word;
    uint32_t last = text[mark->after_end - 1];
    if (text[mark->mark] != '.' || mark->next < 0 || n < 2 || last <= 0x1F) return 0;
    s->bytes.n = 0;
    if (!ROOM(s->bytes, (int64_t)n + SPARE)) return 0; /* it is asked about then */
    for (int32_t i = 0; i < n; i++) {
        uint32_t c = text[mark->word + i];
        if (c >= 'A' && c <= 'Z') c += 32;
        if (c < 'a' || c > 'z') return 0;
        s->bytes.at[i] = (uint8_t)c;
    }
    return index_find(&s->not_plain, key_of(s->bytes.at, n), s->bytes.at, n) < 0;
}

static int add_mark(Marks *m, const uint32_t *text, Mark mark) {
    Statistics *s = &m->statistics;
    mark.said = is_plain(s, text, &mark) ? YES : judge(s, text, &mark);
    if (mark.said == NO) return 0;
    if (!ROOM(m->marks, 1) || !ROOM(m->asked, 1)) return NO_MEMORY;
    if (mark.said == ASK)
        m->asked.at[m->asked.n++] =
            (Asked){mark.word, mark.mark, mark.after_end, (int32_t)m->marks.n};
    m->marks.at[m->marks.n++] = mark;
    return 0;
}

static int scan(Marks *m, const uint32_t *text, int32_t range, int32_t at, int32_t end) {
    Mark previous = {range, at, at, at, -1, NO};
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
        previous = (Mark){range, word, at, after, next, NO};
        is_there = 1;
        start = word;
        stop = at;
    }
    return is_there ? add_mark(m, text, previous) : 0;
}

/* Find the marks in ranges of a text, each read as if it stood alone; return how many
   of them Python is to decide. */
API int64_t framing_punkt_mark(Marks *m, const uint32_t *text, const int32_t *ranges,
                               int32_t n) {
    m->marks.n = m->asked.n = 0;
    for (int32_t i = 0; i < n; i++)
        if (scan(m, text, i, ranges[2 * i], ranges[2 * i + 1])) return NO_MEMORY;
    return m->asked.n;
}

API const Asked *framing_punkt_asked(const Marks *m) { return m->asked.at; }

/* Say of each mark that was asked about whether it ends a sentence. */
API void framing_punkt_say(Marks *m, const uint8_t *ends) {
    for (int64_t i = 0; i < m->asked.n; i++)
        m->marks.at[m->asked.at[i].place].said = ends[i] ? YES : NO;
}

/* -- sentences ----------------------------------------------------------------- */

/* White space as `str.rstrip` has it. */
static int is_blank(uint32_t c) { return is_space(c) || (c >= 0x1C && c <= 0x1F); }

static int is_closer(uint32_t c) { return is_one_of("\"')]}", c) || is_quote(c); }

/* Count the quotes and brackets at `at` that close a sentence, and with `*end` say
   where the white space behind them ends; 0 if they open the next one. */
static int32_t closers(const uint32_t *text, int32_t at, int32_t end, int32_t *behind) {
    int32_t stop = at;
    for (;; stop++) {
        if (stop > at) {
            int32_t blank = stop;
            while (blank < end && is_space(text[blank])) blank++;
            *behind = blank;
            if (blank > stop || stop == end) return stop - at;
            if (text[stop] == '-' && stop + 1 < end && text[stop + 1] == '-')
                return stop - at;
        }
        if (stop >= end || !is_closer(text[stop])) return 0;
    }
}

static int add_span(Marks *m, int32_t start, int32_t end, int32_t shift) {
    if (!ROOM(m->spans, 1)) return NO_MEMORY;
    m->spans.at[m->spans.n++] = (Span){start - shift, end - shift};
    return 0;
}

/* Add the sentences of a range, from mark `*k` on; closing quotes stay with theirs. */
static int join(Marks *m, const uint32_t *text, int32_t range, int32_t at, int32_t end,
                int64_t *k) {
    int32_t start = at, moved = 0, last = end;
    while (last > at && is_blank(text[last - 1])) last--;
    while (*k < m->marks.n && m->marks.at[*k].range == range) {
        const Mark *mark = &m->marks.at[(*k)++];
        if (mark->said == NO) continue;
        int64_t next = *k;
        while (next < m->marks.n && m->marks.at[next].said == NO) next++;
        int32_t limit = next < m->marks.n && m->marks.at[next].range == range
                            ? m->marks.at[next].mark + 1
                            : last;
        int32_t stop = mark->mark + 1, after = mark->next < 0 ? stop : mark->next;
        int32_t behind = after, n = 0;
        start += moved;
        moved = 0;
        if (after < limit && is_closer(text[after])) n = closers(text, after, limit, &behind);
        if (n) {
            if (add_span(m, start, after + n, at)) return NO_MEMORY;
            moved = behind - after;
        } else if (start < stop && add_span(m, start, stop, at)) {
            return NO_MEMORY;
        }
        start = after;
    }
    start += moved;
    return start < last ? add_span(m, start, last, at) : 0;
}

/* Join what lies between the marks to sentences; return how many there are. */
API int64_t framing_punkt_join(Marks *m, const uint32_t *text, const int32_t *ranges,
                               int32_t n) {
    int64_t k = 0;
    m->spans.n = m->counts.n = 0;
    if (!ROOM(m->counts, n)) return NO_MEMORY;
    for (int32_t i = 0; i < n; i++) {
        int64_t before = m->spans.n;
        if (join(m, text, i, ranges[2 * i], ranges[2 * i + 1], &k)) return NO_MEMORY;
        m->counts.at[m->counts.n++] = (int32_t)(m->spans.n - before);
    }
    return m->spans.n;
}

API const Span *framing_punkt_spans(const Marks *m) { return m->spans.at; }
API const int32_t *framing_punkt_counts(const Marks *m) { return m->counts.at; }
