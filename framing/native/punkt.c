/* Whether a mark ends a sentence, by the statistics of Punkt: framing.segment.punkt's
   `_judge` over code points, step by step.

   Contexts with characters that are not sure to be treated alike here and there are
   left to Python: beyond ASCII only quotes, dashes and the ellipsis are taken. */
#include "punkt.h"

/* Bits of the orthographic context, as in framing.segment.punkt. */
enum {
    MID_UPPER = 1 << 2,
    BEGIN_LOWER = 1 << 4,
    ANY_UPPER = 1 << 1 | 1 << 2 | 1 << 3,
    ANY_LOWER = 1 << 4 | 1 << 5 | 1 << 6
};

/* What a token is by itself. */
enum { NOTHING, BREAK, ABBREVIATION, ELLIPSIS };

typedef struct {
    const uint32_t *at;
    int32_t n;
} Part;

typedef struct { /* a word type as UTF-8 */
    uint8_t *at;
    int32_t n;
} Type;

void statistics_free(Statistics *s) {
    Index *indices[] = {&s->not_plain,    &s->watched,  &s->abbreviations,
                        &s->collocations, &s->starters, &s->ortho};
    for (size_t k = 0; k < sizeof indices / sizeof *indices; k++) index_free(indices[k]);
    free(s->bytes.at);
}

int statistics_build(Statistics *s, const PunktPlan *plan) {
    s->plan = plan;
    if (index_lines(&s->not_plain, &plan->not_plain) ||
        index_lines(&s->watched, &plan->watched) ||
        index_lines(&s->abbreviations, &plan->abbreviations) ||
        index_lines(&s->collocations, &plan->collocations) ||
        index_lines(&s->starters, &plan->starters) ||
        index_lines(&s->ortho, &plan->ortho))
        return NO_MEMORY;
    return 0;
}

static int holds(const Index *index, Type type) {
    return index_find(index, key_of(type.at, type.n), type.at, type.n) >= 0;
}

/* -- characters --------------------------------------------------------------- */

/* Tell whether Python and this file treat a character alike. */
static int is_known(uint32_t c) {
    if (c < 0x80) return c < 0x1C || c > 0x1F;
    return is_quote(c) || c == 0x2013 || c == 0x2014 || c == 0x2026;
}

static int is_upper(uint32_t c) { return c >= 'A' && c <= 'Z'; }
static int is_lower(uint32_t c) { return c >= 'a' && c <= 'z'; }
static int is_figure(uint32_t c) { return c >= '0' && c <= '9'; }
static int is_end(uint32_t c) { return c == '.' || c == '?' || c == '!'; }

/* Write known characters in lower case. */
static Type lower(Part part, uint8_t *bytes) {
    Type type = {bytes, 0};
    for (int32_t i = 0; i < part.n; i++) {
        uint32_t c = part.at[i];
        if (c < 0x80) {
            bytes[type.n++] = (uint8_t)(is_upper(c) ? c + 32 : c);
        } else if (c < 0x800) {
            bytes[type.n++] = (uint8_t)(0xC0 | c >> 6);
            bytes[type.n++] = (uint8_t)(0x80 | (c & 63));
        } else {
            bytes[type.n++] = (uint8_t)(0xE0 | c >> 12);
            bytes[type.n++] = (uint8_t)(0x80 | (c >> 6 & 63));
            bytes[type.n++] = (uint8_t)(0x80 | (c & 63));
        }
    }
    return type;
}

/* -- tokens -------------------------------------------------------------------- */

/* Return the end of a row of hyphens or full stops, 0 if there is none. */
static int32_t row_end(const uint32_t *text, int32_t at, int32_t end) {
    uint32_t c = text[at];
    if (c != '-' && c != '.') return 0;
    int32_t stop = at, pairs = 0;
    while (stop < end && text[stop] == c) stop++;
    if (stop - at > 1) return stop;
    if (c == '-') return 0;
    /* Full stops with one blank between two, three at least. */
    stop = at;
    for (; stop + 1 < end && text[stop] == '.' && is_space(text[stop + 1]); pairs++)
        stop += 2;
    if (stop < end && text[stop] == '.') return pairs >= 2 ? stop + 1 : 0;
    return pairs >= 3 ? stop - 1 : 0;
}

static int parts_words(const uint32_t *text, int32_t at, int32_t end) {
    return at == end || is_space(text[at]) || is_non_word(text[at]) ||
           row_end(text, at, end);
}

/* Return the end of the token that begins at a character which is no white space. */
static int32_t token_end(const uint32_t *text, int32_t at, int32_t end) {
    int32_t row = row_end(text, at, end);
    if (row) return row;
    if (is_one_of("(\"`{[:;&#*@)}]-,", text[at])) return at + 1;
    for (at++; !parts_words(text, at, end); at++)
        if (text[at] == ',' && parts_words(text, at + 1, end)) break;
    return at;
}

/* -- the decision -------------------------------------------------------------- */

static int is_abbreviation(Statistics *s, Part token) {
    Type type = lower((Part){token.at, token.n - 1}, s->bytes.at);
    if (holds(&s->abbreviations, type)) return 1;
    int32_t hyphen = type.n;
    while (hyphen && type.at[hyphen - 1] != '-') hyphen--;
    return hyphen && holds(&s->abbreviations, (Type){type.at + hyphen, type.n - hyphen});
}

static int first_look(Statistics *s, Part token) {
    int32_t stops = 0;
    if (token.n == 1 && is_end(token.at[0])) return BREAK;
    while (stops < token.n && token.at[token.n - 1 - stops] == '.') stops++;
    if (stops > 1 && stops == token.n) return ELLIPSIS;
    if (stops != 1) return NOTHING;
    return is_abbreviation(s, token) ? ABBREVIATION : BREAK;
}

static int is_number(Part token) {
    int32_t i = 0;
    if (i < token.n && token.at[i] == '-') i++;
    if (i < token.n && (token.at[i] == '.' || token.at[i] == ',')) i++;
    if (i == token.n || !is_figure(token.at[i])) return 0;
    for (; i < token.n; i++)
        if (!is_figure(token.at[i]) && !is_one_of(",.-", token.at[i])) return 0;
    return 1;
}

/* Write a token as the statistics count it, with or without its last full stop. */
static Type type_of(Part token, int without_stop, uint8_t *bytes) {
    static const char number[] = "##number##";
    if (is_number(token)) {
        memcpy(bytes, number, sizeof number - 1);
        return (Type){bytes, sizeof number - 1};
    }
    Type type = lower(token, bytes);
    if (without_stop && type.n > 1 && type.at[type.n - 1] == '.') type.n--;
    return type;
}

/* Tell by its case whether a token begins a sentence; ASK: unsure. */
static int starts_sentence(Part token, int32_t context) {
    uint32_t first = token.at[0];
    if (token.n == 1 && is_one_of(";:,.!?", first)) return NO;
    if (is_upper(first) && context & ANY_LOWER && !(context & MID_UPPER)) return YES;
    if (is_lower(first) && (context & ANY_UPPER || !(context & BEGIN_LOWER))) return NO;
    return ASK;
}

/* Tell whether a sentence ends between two neighbouring tokens. */
static int parts(Statistics *s, Part token, Part following) {
    int kind = first_look(s, token);
    if (token.at[token.n - 1] != '.') return kind == BREAK;
    int next_breaks = first_look(s, following) == BREAK;
    Type type = type_of(token, 1, s->bytes.at);
    uint8_t *behind = type.at + type.n;
    *behind = PART;
    Type next = type_of(following, next_breaks, behind + 1);
    if (holds(&s->collocations, (Type){type.at, type.n + 1 + next.n})) return 0;
    int initial = token.n == 2 && (is_upper(token.at[0]) || is_lower(token.at[0]) ||
                                   token.at[0] == '_');
    int32_t place = index_find(&s->ortho, key_of(next.at, next.n), next.at, next.n);
    int32_t context = place < 0 ? 0 : s->plan->contexts[place];
    int starts = starts_sentence(following, context);
    int is_capital = is_upper(following.at[0]);
    if ((kind == ABBREVIATION || kind == ELLIPSIS) && !initial)
        return starts == YES || (is_capital && holds(&s->starters, next));
    if (initial || is_number(token)) {
        int unseen_lower = is_capital && !(context & ANY_LOWER);
        if (starts == NO || (starts == ASK && initial && unseen_lower)) return 0;
    }
    return kind == BREAK;
}

/* Tell whether the rule is to be asked: about a full stop before white space, if the
   last part of the word is watched, an initial or holds a full stop. */
static int is_ruled(Statistics *s, const uint32_t *text, const Mark *mark) {
    if (!s->plan->has_rule || text[mark->mark] != '.' || mark->next < 0) return 0;
    int32_t from = mark->mark;
    for (; from > mark->word; from--) {
        uint32_t c = text[from - 1];
        if (c == '-' || c == '/' || c == 0x2013 || c == 0x2014) break;
        if (c == '.') return 1;
    }
    while (from < mark->mark && is_one_of("([{\"'", text[from])) from++;
    Part word = {text + from, mark->mark - from};
    if (word.n == 1 && is_upper(word.at[0])) return 1;
    return holds(&s->watched, lower(word, s->bytes.at));
}

/* Return whether a mark ends a sentence, ASK if Python is to say that. */
int judge(Statistics *s, const uint32_t *text, const Mark *mark) {
    int32_t at = mark->word, end = mark->after_end;
    for (int32_t i = at; i < end; i++)
        if (!is_known(text[i])) return ASK;
    /* Of two types, the longest way to write a number, and what is between them. */
    s->bytes.n = 0;
    if (!ROOM(s->bytes, 3 * (int64_t)(end - at) + 32 + SPARE)) return ASK;
    if (is_ruled(s, text, mark)) return ASK;
    Part token = {NULL, 0};
    while (at < end) {
        int32_t line = at;
        while (line < end && text[line] != '\n') line++;
        while (at < line) {
            if (is_space(text[at])) {
                at++;
                continue;
            }
            int32_t stop = token_end(text, at, line);
            Part following = {text + at, stop - at};
            if (token.n && parts(s, token, following)) return YES;
            token = following;
            at = stop;
        }
        at = line + 1;
    }
    return NO;
}
