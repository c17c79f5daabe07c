/* Sentence breaks by Punkt: what framing/native/marks.py hands over, and what the scan
   (marks.c) and the decision (punkt.c) share. Texts are code points. */
#ifndef FRAMING_PUNKT_H
#define FRAMING_PUNKT_H

#include "kernel.h"

#define PART 0x1F /* between the two types of a collocation */

/* What is said of a mark; of some only Python can say it. */
enum { NO, YES, ASK };

typedef struct { /* framing/native/marks.py mirrors this; all is in lower case */
    Strings not_plain; /* words after which a full stop may not end a sentence */
    Strings watched;   /* words about which the rule is asked */
    Strings abbreviations, collocations, starters;
    Strings ortho;
    const int32_t *contexts; /* of each of `ortho`: in which case and where it was met */
    int32_t has_rule;
} PunktPlan;

typedef struct {
    const PunktPlan *plan;
    Index not_plain, watched, abbreviations, collocations, starters, ortho;
    VECTOR(uint8_t) bytes; /* room for words as UTF-8 */
} Statistics;

typedef struct {
    int32_t range, word, mark, after_end, next, said; /* next: -1 without white space */
} Mark;

int statistics_build(Statistics *s, const PunktPlan *plan);
void statistics_free(Statistics *s);
int judge(Statistics *s, const uint32_t *text, const Mark *mark);

/* White space as Python has it, without the four information separators. */
static inline int is_space(uint32_t c) {
    if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/* Quotation marks beyond ASCII. */
static inline int is_quote(uint32_t c) {
    return c == 0x2018 || c == 0x2019 || c == 0x201C || c == 0x201D || c == 0xAB ||
           c == 0xBB;
}

static inline int is_one_of(const char *marks, uint32_t c) {
    return c && c < 0x80 && strchr(marks, (int)c) != NULL;
}

/* What may follow a mark without white space: brackets, quotes and the like. */
static inline int is_non_word(uint32_t c) {
    return c < 0x80 ? is_one_of(")\";}]*:@'({[?!", c) : is_quote(c);
}

#endif
