/* vtable.h: C++ objects from C, under the Itanium ABI: an object starts with a pointer to an array
 * of functions, `this` is the first argument, bool is one byte. Calling a library's Api object,
 * being the Spi object that a library calls, and being the Api object that a C++ program calls. */
#ifndef CTP_VTABLE_H
#define CTP_VTABLE_H

#include "ctp/ctp.h"

/* ---- calling an Api object of a loaded library ---- */

struct ctp_api; /* a C++ object of the library: CThostFtdcTraderApi or CThostFtdcMdApi */

/* What the method of that shape is called with; unused members are ignored. */
struct ctp_call {
    enum ctp_method method;
    void *body; /* the struct, in the layout of the object's version; NULL is passed on */
    int request_id;
    char **instruments; /* CTP_SHAPE_INSTRUMENTS */
    int count;
    char *address; /* CTP_SHAPE_ADDRESS */
    void *spi;     /* CTP_SHAPE_SPI */
    int topic;     /* CTP_SHAPE_TOPIC, CTP_SHAPE_TOPIC_FROM */
    int sequence;
};

/* Calls the method through the vtable of an object of `version`. Returns what the method returns (0
 * for void; for GET_TEXT the pointer). The method must exist in that version (asserted). */
intptr_t ctp_api_call(struct ctp_api *api, enum ctp_version version, const struct ctp_call *call);

/* ---- being an Spi object: a library calls us back ---- */

struct ctp_callback {
    enum ctp_method method;
    void *body;     /* in the layout of the library's version, valid during the call; NULL where the
                       library gives NULL */
    void *rsp_info; /* struct RspInfo of that version, or NULL */
    int request_id;
    bool is_last;
    int number; /* CTP_SHAPE_NUMBER: reason, lapse, sequence */
};

/* Its first member is what a C++ caller sees; handler and user belong to the creator. */
struct ctp_spi {
    const void *vtable;
    enum ctp_version version;
    void (*handler)(void *user, const struct ctp_callback *callback);
    void *user;
};

/* `class` is CTP_TraderSpi or CTP_MdSpi. The object owns nothing. */
void ctp_spi_init(struct ctp_spi *spi, enum ctp_class class, enum ctp_version version,
                  void (*handler)(void *user, const struct ctp_callback *callback), void *user);

/* Calls a method of somebody's Spi object (our own libraries call the user's C++ object so). No-op
 * when spi is NULL or the version lacks the callback. */
void ctp_spi_call(void *spi, enum ctp_version version, const struct ctp_callback *callback);

/* ---- being an Api object: a C++ program calls us ---- */

struct ctp_api_object {
    const void *vtable;
    enum ctp_version version;
    intptr_t (*handler)(struct ctp_api_object *self, const struct ctp_call *call);
};

/* `class` is CTP_TraderApi or CTP_MdApi. For GET_TEXT the handler returns the pointer. */
void ctp_api_object_init(struct ctp_api_object *object, enum ctp_class class,
                         enum ctp_version version,
                         intptr_t (*handler)(struct ctp_api_object *self,
                                             const struct ctp_call *call));

#endif
