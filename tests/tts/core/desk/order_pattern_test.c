/* order_pattern_test.c: what a client sent with an order comes back whole, whether it was kept
 * whole or as its differences from an earlier order of the session. That replay and snapshot agree
 * is proved by the fixture. */
#include "cmocka_all.h"
#include "core_fixture.h"
#include "tts/core/desk/order_pattern.h"

static struct CThostFtdcInputOrderField an_order(struct fixture *fixture, double price)
{
    struct CThostFtdcInputOrderField input = fixture_input(fixture, "rb2505", '0', '0', price, 1);
    PUT_TEXT(input.InvestorID, TEXT("u1"));
    PUT_TEXT(input.BrokerID, TEXT("9999"));
    return input;
}

static bool newest_is_whole(struct fixture *fixture)
{
    return fixture->core->blobs.at[fixture_newest(fixture)->request].pattern == NONE;
}

static void expect_kept(struct fixture *fixture, const struct CThostFtdcInputOrderField *sent)
{
    struct CThostFtdcInputOrderField kept;
    order_request(fixture->core, fixture_newest(fixture), &kept);
    assert_string_equal(kept.OrderRef, sent->OrderRef);
    assert_string_equal(kept.InstrumentID, sent->InstrumentID);
    assert_string_equal(kept.BusinessUnit, sent->BusinessUnit);
    assert_string_equal(kept.GTDDate, sent->GTDDate);
    assert_string_equal(kept.IPAddress, sent->IPAddress);
    assert_string_equal(kept.MacAddress, sent->MacAddress);
    assert_string_equal(kept.InvestUnitID, sent->InvestUnitID);
    assert_string_equal(kept.UserID, "u1"); /* the counter's own word */
    assert_true(kept.LimitPrice == sent->LimitPrice);
    assert_int_equal(kept.RequestID, sent->RequestID);
    assert_int_equal(kept.VolumeTotalOriginal, sent->VolumeTotalOriginal);
}

static void send_and_expect(struct fixture *fixture, const struct CThostFtdcInputOrderField *input,
                            bool whole)
{
    assert_int_equal(fixture_insert(fixture, CONNECTION_ONE, input), 0);
    assert_int_equal(newest_is_whole(fixture), whole);
    expect_kept(fixture, input);
}

static void an_order_like_the_first_is_kept_as_its_differences(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct CThostFtdcInputOrderField input = an_order(&fixture, 3000);
    send_and_expect(&fixture, &input, true);
    for (int i = 1; i < 20; i++) {
        input = an_order(&fixture, 3000 + i);
        input.RequestID = i;
        send_and_expect(&fixture, &input, false);
    }
    fixture_end(&fixture);
}

static void an_order_unlike_the_first_becomes_the_pattern(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct CThostFtdcInputOrderField first = an_order(&fixture, 3000);
    send_and_expect(&fixture, &first, true);
    struct CThostFtdcInputOrderField other = an_order(&fixture, 3001);
    PUT_TEXT(other.BusinessUnit, TEXT("a unit of many"));
    PUT_TEXT(other.IPAddress, TEXT("192.168.100.200"));
    PUT_TEXT(other.MacAddress, TEXT("01:02:03:04:05:06"));
    PUT_TEXT(other.InvestUnitID, TEXT("16 bytes of unit"));
    memset(other.reserve1, 'r', sizeof other.reserve1 - 1);
    memset(other.reserve2, 's', sizeof other.reserve2 - 1);
    PUT_TEXT(other.GTDDate, TEXT("20250303"));
    send_and_expect(&fixture, &other, true);
    PUT_TEXT(other.OrderRef, TEXT("900"));
    other.LimitPrice = 3002;
    send_and_expect(&fixture, &other, false);
    fixture_end(&fixture);
}

static void sessions_have_patterns_of_their_own(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct CThostFtdcInputOrderField input = an_order(&fixture, 3000);
    send_and_expect(&fixture, &input, true);
    fixture_order(&fixture, CONNECTION_TWO, "rb2505", '0', '0', 2990, 1);
    assert_true(newest_is_whole(&fixture));
    fixture_order(&fixture, CONNECTION_TWO, "rb2505", '0', '0', 2991, 1);
    assert_false(newest_is_whole(&fixture));
    fixture_end(&fixture);
}

static void a_bad_text_in_what_differs_is_found(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct CThostFtdcInputOrderField input = an_order(&fixture, 3000);
    send_and_expect(&fixture, &input, true);
    input = an_order(&fixture, 3001);
    input.MacAddress[1] = '\x01';
    input.MacAddress[0] = 'a';
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), CTP_ERROR_BAD_FIELD);
    input = an_order(&fixture, 3001);
    memset(input.InvestUnitID, 'x', sizeof input.InvestUnitID); /* without an end */
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), CTP_ERROR_BAD_FIELD);
    input = an_order(&fixture, 3001);
    send_and_expect(&fixture, &input, false);
    fixture_end(&fixture);
}

static void every_word_knows_its_fields(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    const struct ctp_layout *layout = ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputOrder);
    struct CThostFtdcInputOrderField input = an_order(&fixture, 3000);
    send_and_expect(&fixture, &input, true);
    uint32_t session = fixture_newest(&fixture)->session;
    for (unsigned i = 0; i < layout->field_count; i++) {
        const struct ctp_field *field = &layout->fields[i];
        if (field->base != CTP_TEXT)
            continue;
        for (unsigned at = 0; at + 1 < field->size; at++) {
            struct CThostFtdcInputOrderField bad;
            order_request(fixture.core, fixture_newest(&fixture), &bad);
            memset((char *)&bad + field->offset, 'x', at);
            ((char *)&bad)[field->offset + at] = '\x02';
            assert_string_equal(order_pattern_bad_text(fixture.core, session, &bad), field->name);
        }
    }
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_like_the_first_is_kept_as_its_differences),
        cmocka_unit_test(an_order_unlike_the_first_becomes_the_pattern),
        cmocka_unit_test(sessions_have_patterns_of_their_own),
        cmocka_unit_test(a_bad_text_in_what_differs_is_found),
        cmocka_unit_test(every_word_knows_its_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
