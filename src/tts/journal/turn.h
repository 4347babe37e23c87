/* turn.h: a lock that serves in the order of asking. Commits and upkeep share the one writing
 * connection; with an ordinary mutex a loop of slices could take it again and again before a
 * waiting commit wakes; here the commit is next. */
#ifndef TTS_JOURNAL_TURN_H
#define TTS_JOURNAL_TURN_H

#include <pthread.h>
#include <stdint.h>

struct turn {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    uint64_t next;    /* the ticket that the next one gets */
    uint64_t serving; /* the ticket whose turn it is */
};

static inline void turn_init(struct turn *turn)
{
    *turn = (struct turn){.next = 0};
    pthread_mutex_init(&turn->mutex, NULL);
    pthread_cond_init(&turn->changed, NULL);
}

static inline void turn_take(struct turn *turn)
{
    pthread_mutex_lock(&turn->mutex);
    uint64_t ticket = turn->next++;
    while (turn->serving != ticket)
        pthread_cond_wait(&turn->changed, &turn->mutex);
    pthread_mutex_unlock(&turn->mutex);
}

static inline void turn_give(struct turn *turn)
{
    pthread_mutex_lock(&turn->mutex);
    turn->serving++;
    if (turn->serving != turn->next)
        pthread_cond_broadcast(&turn->changed);
    pthread_mutex_unlock(&turn->mutex);
}

static inline void turn_finish(struct turn *turn)
{
    pthread_cond_destroy(&turn->changed);
    pthread_mutex_destroy(&turn->mutex);
}

#endif
