/* The fast way through a request: plain numbers in, one margin a row out.

   It reads bodies of nothing but plain numbers, and declines whatever else there is: then Python reads the same body and
   alone decides what it means, so that no error is told in two places. It allocates nothing and keeps nothing. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DECLINED (-1)
#define BLOCK 16 /* rows that go down a tree in step: the processor does not wait for one while it looks at another */

/* A split: the next node lies behind this one where the value is below the threshold, else `skip` nodes further.
   A leaf is a split on which a row stays for ever: below minus infinity there is nothing, and it skips nothing. */
typedef struct {
    float threshold;
    uint16_t feature;
    uint16_t skip;
} Node;

typedef struct {
    const Node *nodes;
    const double *leaves;     /* of each node */
    const uint32_t *roots;    /* of each tree its first node */
    const uint32_t *depths;   /* of each tree */
    double base;
    uint32_t trees;
    uint32_t features;
    uint32_t logistic;
} Forest;

typedef struct {
    const char *at;
    const char *end;
} Text;

static const double POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
#define LARGEST_POWER 22
#define MOST_DIGITS 19 /* of a whole number of 64 bits */

static int is_digit(char sign) { return sign >= '0' && sign <= '9'; }

/* Take digits onto `mantissa`; returns how many there were, leading zeros not counted, or DECLINED for too many. */
static int digits(Text *text, uint64_t *mantissa, int taken) {
    while (text->at < text->end && is_digit(*text->at)) {
        if (taken == MOST_DIGITS) return DECLINED;
        *mantissa = *mantissa * 10 + (uint64_t)(*text->at++ - '0');
        taken += *mantissa != 0;
    }
    return taken;
}

/* Read a number as JSON writes it, as the 32-bit float that is next to it; 0 where that cannot be said for sure. */
static int number(Text *text, float *value) {
    int negative = text->at < text->end && *text->at == '-';
    text->at += negative;
    const char *first = text->at;
    uint64_t mantissa = 0;
    int taken = digits(text, &mantissa, 0), power = 0;
    if (taken < 0 || text->at == first || (*first == '0' && text->at - first > 1)) return 0;
    if (text->at < text->end && *text->at == '.') {
        const char *point = ++text->at;
        taken = digits(text, &mantissa, taken);
        if (taken < 0 || text->at == point || text->at - point > 1000) return 0;
        power = -(int)(text->at - point);
    }
    if (text->at < text->end && (*text->at == 'e' || *text->at == 'E')) {
        text->at++;
        int down = text->at < text->end && *text->at == '-';
        text->at += down || (text->at < text->end && *text->at == '+');
        const char *start = text->at;
        int exponent = 0;
        while (text->at < text->end && is_digit(*text->at) && text->at - start < 4) exponent = exponent * 10 + (*text->at++ - '0');
        if (text->at == start || (text->at < text->end && is_digit(*text->at))) return 0;
        power += down ? -exponent : exponent;
    }
    double found = (double)mantissa;
    if (mantissa) {
        if (power < -LARGEST_POWER || power > LARGEST_POWER) return 0;
        found = power < 0 ? found / POWERS[-power] : found * POWERS[power];
        /* Two roundings may have moved it by two units in the last place: next to a border between floats, decline. */
        uint64_t bits;
        memcpy(&bits, &found, sizeof bits);
        int64_t apart = (int64_t)(bits & 0x1fffffff) - 0x10000000;
        if ((apart >= -8 && apart <= 8) || found < 1e-37 || found > 3e38) return 0;
    }
    *value = (float)(negative ? -found : found);
    return 1;
}

/* Read `columns` numbers with commas between them; `blanks` may stand around each where JSON is read. */
static void blanks(Text *text) {
    while (text->at < text->end && (*text->at == ' ' || *text->at == '\n' || *text->at == '\r' || *text->at == '\t')) text->at++;
}

static int sign(Text *text, char wanted) {
    if (text->at == text->end || *text->at != wanted) return 0;
    text->at++;
    return 1;
}

static int row(Text *text, uint32_t columns, float *values, int json) {
    for (uint32_t column = 0; column < columns; column++) {
        if (json) blanks(text);
        if (!number(text, values + column)) return 0;
        if (json) blanks(text);
        if (column + 1 < columns && !sign(text, ',')) return 0;
    }
    return 1;
}

static long read_csv(Text text, uint32_t columns, float *table, long most) {
    long rows = 0;
    while (text.at < text.end) {
        if (rows == most || !row(&text, columns, table + rows * columns, 0)) return DECLINED;
        rows++;
        int returned = sign(&text, '\r');
        if (text.at < text.end ? !sign(&text, '\n') : returned) return DECLINED;
    }
    return rows ? rows : DECLINED;
}

static int word(Text *text, const char *wanted) {
    size_t size = strlen(wanted);
    blanks(text);
    if ((size_t)(text->end - text->at) < size || memcmp(text->at, wanted, size)) return 0;
    text->at += size;
    blanks(text);
    return 1;
}

/* Read {"instances": [[1, 2], {"features": [3, 4]}]}. */
static long read_json(Text text, uint32_t columns, float *table, long most) {
    long rows = 0;
    if (!word(&text, "{") || !word(&text, "\"instances\"") || !word(&text, ":") || !word(&text, "[")) return DECLINED;
    do {
        int named = word(&text, "{");
        if (named && !(word(&text, "\"features\"") && word(&text, ":"))) return DECLINED;
        if (rows == most || !word(&text, "[") || !row(&text, columns, table + rows * columns, 1)) return DECLINED;
        rows++;
        if (!word(&text, "]") || (named && !word(&text, "}"))) return DECLINED;
    } while (word(&text, ","));
    if (!word(&text, "]") || !word(&text, "}") || text.at != text.end) return DECLINED;
    return rows;
}

static void score(const Forest *forest, const float *table, long rows, double *scores) {
    for (long first = 0; first < rows; first += BLOCK) {
        int count = rows - first < BLOCK ? (int)(rows - first) : BLOCK;
        double totals[BLOCK];
        for (int each = 0; each < count; each++) totals[each] = forest->base;
        for (uint32_t tree = 0; tree < forest->trees; tree++) {
            uint32_t places[BLOCK];
            for (int each = 0; each < count; each++) places[each] = forest->roots[tree];
            for (uint32_t step = 0; step < forest->depths[tree]; step++) {
                for (int each = 0; each < count; each++) {
                    Node node = forest->nodes[places[each]];
                    float value = table[(first + each) * forest->features + node.feature];
                    places[each] += value < node.threshold ? 1 : node.skip;
                }
            }
            for (int each = 0; each < count; each++) totals[each] += forest->leaves[places[each]];
        }
        for (int each = 0; each < count; each++) {
            double margin = totals[each];
            scores[first + each] = !forest->logistic ? margin : margin > -700 ? 1 / (1 + exp(-margin)) : 0;
        }
    }
}

/* Write the scores of a body's rows and return how many there are; DECLINED where it is not plain, or has more than `most`.
   `table` has room for `most` rows, `scores` for as many numbers. */
long answer(const Forest *forest, const char *body, size_t size, int json, float *table, double *scores, long most) {
    Text text = {body, body + size};
    long rows = (json ? read_json : read_csv)(text, forest->features, table, most);
    if (rows > 0) score(forest, table, rows, scores);
    return rows;
}
