/* methods_main.c: tts-methods: prints docs/tts-methods.md, every method of the API with its
 * versions, its tier and its answer, from the table of the API and from core/methods.def. With
 * --check FILE it prints nothing and says whether the file is what it would print. */
#include "base/buffer.h"
#include "tts/core/handlers.h"

static const char head[] =
    "# The methods of the CTP API and how `tts` answers them\n"
    "\n"
    "Printed by `tts-methods` from `src/ctp/methods.def` and `src/tts/core/methods.def`; a test "
    "compares this file with\n"
    "what the program prints. Tiers:\n"
    "\n"
    "- **A**: complete.\n"
    "- **B**: a truthful answer from what the counter has; often empty or one row.\n"
    "- **C**: refused, always with the ErrorID that stands there.\n"
    "\n"
    "A request marked *login* gets `OnRspError` 6 without one. `local`: done by the library, no "
    "message is sent.\n";

/* "all", "since 6.5.1", "to 6.3.19", or "6.3.19 to 6.7.2". */
static void put_versions(struct buffer *out, enum ctp_method method)
{
    int first = 0, last = CTP_NEWEST;
    while (ctp_method_slot((enum ctp_version)first, method) < 0)
        first++;
    while (ctp_method_slot((enum ctp_version)last, method) < 0)
        last--;
    const char *since = ctp_version_name((enum ctp_version)first);
    const char *until = ctp_version_name((enum ctp_version)last);
    if (first == 0 && last == CTP_NEWEST)
        buffer_put_text(out, TEXT("all"));
    else if (last == CTP_NEWEST)
        buffer_printf(out, "since %s", since);
    else if (first == 0)
        buffer_printf(out, "to %s", until);
    else
        buffer_printf(out, "%s to %s", since, until);
}

static const char *remark_of(const struct method_treatment *treatment)
{
    static const struct {
        void (*handler)(struct core *, const struct core_request *);
        const char *remark;
    } remarks[] = {
        {query_nothing, "empty"},
        {refuse_unsupported, "ErrorID 27"},
        {refuse_other_login, "ErrorID 27"},
        {refuse_one_time_login, "ErrorID 59"},
        {refuse_monitoring_centre, "ErrorID 155"},
        {refuse_sms, "ErrorID 6015"},
    };
    for (size_t i = 0; i < sizeof remarks / sizeof remarks[0]; i++)
        if (remarks[i].handler == treatment->handler)
            return remarks[i].remark;
    return "";
}

/* Methods without a message: the library does them. What it collects for others is B. */
static void put_local(struct buffer *out, enum ctp_method method)
{
    enum ctp_method answer = ctp_method_answer(method);
    enum ctp_shape shape = ctp_method_info(method)->shape;
    if (shape == CTP_SHAPE_INSTRUMENTS)
        buffer_printf(out, "A | `%s` | login |\n", ctp_method_info(answer)->name);
    else
        buffer_printf(out, "%s | | local |\n", shape == CTP_SHAPE_LOCAL ? "B" : "A");
}

static void put_request(struct buffer *out, enum ctp_method method)
{
    static const char *const tiers[] = {"none", "A", "B", "C"};
    const struct method_treatment *treatment = method_treatment_of(method);
    enum ctp_method answer = ctp_method_answer(method);
    const char *remark = remark_of(treatment);
    buffer_printf(out, "%s | `%s` |", tiers[treatment->tier], ctp_method_info(answer)->name);
    if (treatment->login_needed)
        buffer_put_text(out, TEXT(" login"));
    if (remark[0])
        buffer_printf(out, "%s %s", treatment->login_needed ? "," : "", remark);
    buffer_put_text(out, TEXT(" |\n"));
}

static void put_class(struct buffer *out, enum ctp_class class, const char *name)
{
    buffer_printf(out,
                  "\n## %s\n\n| method | versions | tier | answer | |\n"
                  "| --- | --- | --- | --- | --- |\n",
                  name);
    for (int i = 0; i < CTP_METHOD_COUNT; i++) {
        enum ctp_method method = (enum ctp_method)i;
        const struct ctp_method_info *info = ctp_method_info(method);
        if (info->class != class)
            continue;
        buffer_printf(out, "| `%s` | ", info->name);
        put_versions(out, method);
        buffer_put_text(out, TEXT(" | "));
        if (info->shape == CTP_SHAPE_REQUEST)
            put_request(out, method);
        else
            put_local(out, method);
    }
}

static bool read_file(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    size_t got;
    do {
        got = fread(buffer_reserve(out, 4096), 1, 4096, file);
        out->length += got;
    } while (got == 4096);
    bool good = !ferror(file);
    fclose(file);
    return good;
}

/* The number of the first line in which two texts differ; 0 when they are equal. */
static int first_difference(text a, text b)
{
    if (text_equal(a, b))
        return 0;
    int line = 1;
    while (a.length && b.length && text_equal(text_cut(&a, '\n'), text_cut(&b, '\n')))
        line++;
    return line;
}

static int check(const char *path, text printed)
{
    struct buffer kept = {.at = NULL};
    if (!read_file(path, &kept)) {
        fprintf(stderr, "tts-methods: %s cannot be read\n", path);
        return 1;
    }
    int line = first_difference(buffer_text(&kept), printed);
    buffer_finish(&kept);
    if (line)
        fprintf(stderr, "%s:%d: differs from the tables; fix: tts-methods >%s\n", path, line, path);
    return line ? 1 : 0;
}

static int print(text printed)
{
    if (fwrite(printed.at, 1, printed.length, stdout) == printed.length && fflush(stdout) == 0)
        return 0;
    fputs("tts-methods: the output cannot be written; is there room where it goes?\n", stderr);
    return 1;
}

int main(int count, char **arguments)
{
    bool checks = count == 3 && text_equal(text_of(arguments[1]), TEXT("--check"));
    if (count != 1 && !checks) {
        bool asked = count == 2 && text_equal(text_of(arguments[1]), TEXT("--help"));
        fputs("usage: tts-methods [--check FILE]\n", asked ? stdout : stderr);
        return asked ? 0 : 2;
    }
    struct buffer out = {.at = NULL};
    buffer_put_text(&out, text_of(head));
    put_class(&out, CTP_TraderApi, "Trading: `CThostFtdcTraderApi`");
    put_class(&out, CTP_MdApi, "Market data: `CThostFtdcMdApi`");
    int result = checks ? check(arguments[2], buffer_text(&out)) : print(buffer_text(&out));
    buffer_finish(&out);
    return result;
}
