/* query_tiers_test.c: methods.def is complete: every request of the API's table has a row, and no
 * row is for anything else. */
#include "cmocka_all.h"
#include "tts/core/handlers.h"

static void every_request_has_a_tier(void **state)
{
    (void)state;
    int without = 0;
    for (int method = 0; method < CTP_METHOD_COUNT; method++) {
        const struct method_treatment *treatment = method_treatment_of((enum ctp_method)method);
        const char *name = ctp_method_info((enum ctp_method)method)->name;
        bool request = ctp_method_info((enum ctp_method)method)->shape == CTP_SHAPE_REQUEST;
        if (request != (treatment->tier != TIER_NONE)) {
            print_error("%s: %s\n", name,
                        treatment->handler ? "methods.def has it, and it is no request"
                                           : "has no row in src/tts/core/methods.def");
            without++;
        }
    }
    assert_int_equal(without, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_has_a_tier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
