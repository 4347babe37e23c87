/* bare.h: a program that speaks to tts itself, past webctp and the library, so that what these two
 * would not let through reaches the counter. It says the messages of webctp's clients
 * (docs/webctp.md), and what comes is told as webctp would tell it; a refused HELLO is
 * {"MsgType": "Refuse", "RspInfo": {...}}. Of the private flow it hears what comes behind its
 * login. */
#ifndef TRANSCRIPTS_BARE_H
#define TRANSCRIPTS_BARE_H

#include "webctp/request.h"
#include "wire_client.h"

struct bare {
    struct wire_client wire;
    struct buffer message; /* the newest one, NUL-terminated; the NUL is not counted */
};

/* Connects to the port and says HELLO as a library of this class and version; empty: the newest.
 * An answer to HELLO is not waited for. False: nobody listens there. */
bool bare_open(struct bare *bare, int port, bool md, text version);
void bare_finish(struct bare *bare);

/* False: it is no message, then `why` says so; or the connection is gone. */
bool bare_send(struct bare *bare, const char *message, struct buffer *why);

/* Waits for the next message. */
enum bare_got { BARE_MESSAGE, BARE_NOTHING, BARE_CLOSED };
enum bare_got bare_receive(struct bare *bare, int ms);

#endif
