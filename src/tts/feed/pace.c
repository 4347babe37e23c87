/* pace.c: see pace.h. */
#include "tts/feed/pace.h"

static const double NS_PER_MS = 1e6;

void pace_begin(struct pace *pace, int64_t now_ns, int64_t feed_ms, double speed)
{
    *pace = (struct pace){.wall_ns = now_ns, .feed_ms = feed_ms, .speed = speed};
}

int64_t pace_due_ns(const struct pace *pace, int64_t feed_ms)
{
    if (pace->paused)
        return INT64_MAX;
    if (pace->speed <= 0 || feed_ms <= pace->feed_ms)
        return pace->wall_ns;
    double ahead = (double)(feed_ms - pace->feed_ms) * NS_PER_MS / pace->speed;
    return ahead < 9e18 - (double)pace->wall_ns ? pace->wall_ns + (int64_t)ahead : INT64_MAX;
}

int64_t pace_feed_ms(const struct pace *pace, int64_t now_ns)
{
    if (pace->paused || pace->speed <= 0 || now_ns <= pace->wall_ns)
        return pace->feed_ms;
    return pace->feed_ms + (int64_t)((double)(now_ns - pace->wall_ns) / NS_PER_MS * pace->speed);
}

static void move_anchor(struct pace *pace, int64_t now_ns)
{
    pace->feed_ms = pace_feed_ms(pace, now_ns);
    pace->wall_ns = now_ns;
}

void pace_set_speed(struct pace *pace, int64_t now_ns, double speed)
{
    move_anchor(pace, now_ns);
    pace->speed = speed;
}

void pace_pause(struct pace *pace, int64_t now_ns)
{
    move_anchor(pace, now_ns);
    pace->paused = true;
}

void pace_resume(struct pace *pace, int64_t now_ns)
{
    move_anchor(pace, now_ns);
    pace->paused = false;
}

int64_t pace_wall_wait_ms(int64_t event_ms, int64_t wall_ms)
{
    static const int64_t day_ms = 86400000, late_ms_max = day_ms / 4;
    int64_t wait = (event_ms - wall_ms + day_ms) % day_ms;
    return wait > day_ms - late_ms_max ? 0 : wait;
}

bool pace_forgive(struct pace *pace, int64_t now_ns, int64_t feed_ms, int64_t most_ns)
{
    int64_t due = pace_due_ns(pace, feed_ms);
    if (due == INT64_MAX || pace->speed <= 0 || now_ns - due <= most_ns)
        return false;
    pace->wall_ns = now_ns;
    pace->feed_ms = feed_ms;
    return true;
}
