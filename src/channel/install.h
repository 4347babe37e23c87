/* install.h: a channel's pair put into the folder of an installed CTP client (a wrapper for Python,
 * say), which loads its libraries from there and knows no channels. The client's own files stay
 * beside them as NAME.openctp-original. */
#ifndef CHANNEL_INSTALL_H
#define CHANNEL_INSTALL_H

#include "base/buffer.h"
#include "channel/channel.h"

/* Replaces each CTP library in `folder` (also those with a hash before ".so", as Python wheels have
 * them) by the pair's of the same side. Refuses when the version that the client's own library
 * names is not the pair's, unless `any_version`. When one
 * cannot be replaced, the client has its own files again. `told` gets a
 * line a file. */
bool install_pair(const struct channel_pair *pair, const char *folder, bool any_version,
                  struct buffer *told, struct error *error) __attribute__((warn_unused_result));

/* Puts the client's own files back. Fails when there is none to put back. */
bool install_undo(const char *folder, struct buffer *told, struct error *error)
    __attribute__((warn_unused_result));

#endif
