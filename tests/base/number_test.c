/* number_test.c: doubles as text. What is written reads back the same, and nothing shorter does. */
#include "base/number.h"
#include "cmocka_all.h"
#include <float.h>
#include <locale.h>
#include <math.h>

static uint64_t random_state = 42;

/* splitmix64 */
static uint64_t random_next(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static const char *written(double value)
{
    static char out[NUMBER_TEXT_MAX + 1];
    size_t length = number_write(value, out);
    assert_in_range(length, 1, NUMBER_TEXT_MAX);
    out[length] = '\0';
    return out;
}

/* Significant digits of a text: without sign, point, exponent, and zeros at both ends. */
static int digits_in(const char *number)
{
    int count = 0, zeros = 0;
    for (; *number && *number != 'e'; number++) {
        if (*number < '0' || *number > '9' || (*number == '0' && count == 0))
            continue;
        zeros = *number == '0' ? zeros + 1 : 0;
        count++;
    }
    return count - zeros;
}

/* The fewest digits of printf's that read back as `value`. */
static int fewest_digits(double value)
{
    for (int precision = 1; precision < 17; precision++) {
        char printed[48];
        snprintf(printed, sizeof printed, "%.*e", precision - 1, value);
        if (strtod(printed, NULL) == value)
            return digits_in(printed);
    }
    return 17;
}

static void assert_round_trip(double value)
{
    const char *out = written(value);
    double back;
    if (strtod(out, NULL) != value)
        fail_msg("%.17g became %s", value, out);
    assert_true(number_read(text_of(out), &back));
    assert_true(back == value);
    if (digits_in(out) > fewest_digits(value))
        fail_msg("%.17g became %s, which is not the shortest", value, out);
}

static void numbers_look_like_this(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.0, "0"},
        {-0.0, "0"},
        {1.0, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {0.00001, "0.00001"},
        {0.000001, "1e-6"},
        {3456.7, "3456.7"},
        {1e5, "100000"},
        {123456789012345.0, "123456789012345"},
        {1e15, "1000000000000000"},
        {1e16, "10000000000000000"},
        {1e17, "1e+17"},
        {1.0 / 3.0, "0.3333333333333333"},
        {0.1 + 0.2, "0.30000000000000004"},
        {396450.60606060608, "396450.6060606061"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {-DBL_MAX, "-1.7976931348623157e+308"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {5e-324, "5e-324"},
        {9007199254740993.0, "9007199254740992"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(written(cases[i].value), cases[i].text);
}

static void any_double_comes_back(void **state)
{
    (void)state;
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = random_next();
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value))
            assert_round_trip(value);
    }
}

/* What markets are full of: prices of few decimals, sums of them, and averages, which have all
 * digits. */
static void market_numbers_come_back(void **state)
{
    (void)state;
    static const double scales[] = {1, 10, 100, 1000, 1e4, 1e6, 1e9};
    double sum = 0.0;
    for (int i = 0; i < 100000; i++) {
        double price = (double)(random_next() % 100000000) / scales[random_next() % 7];
        double volume = (double)(random_next() % 10000 + 1);
        sum += price;
        assert_round_trip(price);
        assert_round_trip(-price * volume);
        assert_round_trip(price / volume);
        assert_round_trip(sum);
    }
}

/* Doubles at the borders of exponents and digits, where algorithms go wrong. */
static void neighbours_of_powers_come_back(void **state)
{
    (void)state;
    for (int power = -320; power <= 308; power++) {
        double value = pow(10.0, power);
        assert_round_trip(value);
        assert_round_trip(nextafter(value, 0.0));
        assert_round_trip(nextafter(value, INFINITY));
    }
    for (int power = -1074; power <= 1023; power++) {
        double value = ldexp(1.0, power);
        assert_round_trip(value);
        assert_round_trip(nextafter(value, 0.0));
        assert_round_trip(nextafter(value, INFINITY));
    }
}

static void integers_are_written_whole(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {{0, "0"},
                 {-1, "-1"},
                 {10, "10"},
                 {99, "99"},
                 {-100, "-100"},
                 {2147483647, "2147483647"},
                 {INT64_MAX, "9223372036854775807"},
                 {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[24];
        size_t length = number_write_int(cases[i].value, out);
        out[length] = '\0';
        assert_string_equal(out, cases[i].text);
    }
    for (int i = 0; i < 10000; i++) {
        char out[24];
        int64_t value = (int64_t)random_next() >> random_next() % 64, back;
        assert_true(text_to_int((text){out, number_write_int(value, out)}, &back));
        assert_true(back == value);
    }
}

static void only_plain_numbers_are_read(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    "-",     ".",    "e5",  "1e",  "1e+", "1.2.3",
                                      " 1",  "1 ",    "0x1",  "inf", "nan", "1_0", "1,5",
                                      "--1", "1e999", "1e5.", "+-1", "1d5", "0b1"};
    double value = 7.0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(number_read(text_of(bad[i]), &value));
    assert_true(value == 7.0);
    static const struct {
        const char *text;
        double value;
    } good[] = {{"0", 0},
                {"-0.5", -0.5},
                {"+1", 1},
                {"1.", 1},
                {".5", 0.5},
                {"1e3", 1000},
                {"1E-3", 0.001},
                {"007", 7},
                {"1e-400", 0.0},
                {"0.1e+1", 1},
                {"3456.70", 3456.7},
                {"123456789.123456789", 123456789.123456789},
                {"99999999999999999999", 1e20}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(number_read(text_of(good[i].text), &value));
        assert_true(value == good[i].value);
    }
}

static void a_text_is_not_read_beyond_its_end(void **state)
{
    (void)state;
    double value;
    assert_true(number_read((text){"1.5999", 3}, &value));
    assert_true(value == 1.5);
    char digits[600];
    memset(digits, '1', sizeof digits);
    digits[1] = '.';
    assert_true(number_read((text){digits, 500}, &value));
    assert_true(value == 10.0 / 9.0);
    assert_false(number_read((text){digits, 512}, &value)); /* the limit of a sane number */
}

static void the_locale_does_not_matter(void **state)
{
    (void)state;
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8"))
        skip();
    assert_string_equal(written(0.1 + 0.2), "0.30000000000000004");
    setlocale(LC_NUMERIC, "C");
}

static void whole_numbers_get_zeros_in_front(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        size_t least;
        const char *written;
    } cases[] = {
        {0, 1, "0"},
        {7, 2, "07"},
        {59, 2, "59"},
        {100, 2, "100"},
        {20250303, 8, "20250303"},
        {1, 6, "000001"},
        {1234567, 6, "1234567"},
        {UINT64_MAX, 1, "18446744073709551615"},
        {0, 20, "00000000000000000000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[21] = "";
        size_t length = number_write_padded(cases[i].value, cases[i].least, out);
        assert_int_equal(length, strlen(cases[i].written));
        assert_memory_equal(out, cases[i].written, length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_look_like_this),
        cmocka_unit_test(whole_numbers_get_zeros_in_front),
        cmocka_unit_test(any_double_comes_back),
        cmocka_unit_test(market_numbers_come_back),
        cmocka_unit_test(neighbours_of_powers_come_back),
        cmocka_unit_test(integers_are_written_whole),
        cmocka_unit_test(only_plain_numbers_are_read),
        cmocka_unit_test(a_text_is_not_read_beyond_its_end),
        cmocka_unit_test(the_locale_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
