#include "load/user.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "load/lane.h"
#include "load/walk.h"

#define BACK_OFF_NS     (100 * NS_PER_MS)
#define BACK_OFF_MAX_NS NS_PER_S
#define LONGEST_NS      1e18 /* some 30 years */

static const struct plan_step *step_of(const struct user *user)
{
    return &user->sequence->steps[user->at];
}

static int64_t think(struct user *user)
{
    const struct scenario_class *class = user->class->source;
    int64_t ns = rng_between(&user->rng, class->think_low_ns, class->think_high_ns);
    double scaled_ns = (double)ns * user->lane->plan->settings.think_scale;
    return scaled_ns < LONGEST_NS ? (int64_t)scaled_ns : (int64_t)LONGEST_NS;
}

/* Users begin at a random point of their think time, as if they had been there before, so that the
 * arm is stationary when measuring begins. */
static int64_t first_due(struct user *user, int64_t number)
{
    double rate = user->lane->plan->settings.spawn_rate;
    int64_t spawned_ns = rate > 0 ? (int64_t)((double)number / rate * (double)NS_PER_S) : 0;
    return spawned_ns + (int64_t)((double)think(user) * rng_unit(&user->rng));
}

void user_init(struct user *user, struct lane *lane, int64_t number)
{
    static const struct plan_sequence nothing = {0};
    const struct plan *plan = lane->plan;
    *user = (struct user){.lane = lane,
                          .class = &plan->classes[plan->class_of[number]],
                          .sequence = &nothing,
                          .number = (uint32_t)number,
                          .places = plan->feeds.n ? mem_array(plan->feeds.n, sizeof *user->places)
                                                  : NULL};
    user->ready = user->class->on_start.n == 0;
    conn_init(&user->conn, &lane->wire);
    rng_init(&user->rng, plan->settings.seed, (uint64_t)number + 1);
    timers_add(&lane->timers, first_due(user, number), user);
}

/* ---- sending ---- */

/* Cookies are the target's alone. */
static const struct cookie_jar *jar_for(const struct user *user, const struct plan_step *step)
{
    return step->origin == 0 ? &user->jar : NULL;
}

static struct span part(struct span whole, size_t at, size_t len)
{
    return (struct span){whole.at + at, len};
}

static int render(struct user *user, const struct plan_step *step, struct span *bytes,
                  struct err *err)
{
    const struct step *wire = &step->wire[user->lane->arm];
    struct step_rendered parts = wire->fixed_parts;
    const struct cookie_jar *jar = jar_for(user, step);
    if (wire->fixed.len && (!jar || !jar->count || wire->has_cookie_header)) {
        *bytes = wire->fixed;
    } else {
        struct fill fill = {&user->lane->plan->vars, &user->values, &user->rng, user->places};
        struct buf *out = &conn_box(&user->conn)->request;
        buf_reset(out);
        if (step_render(wire, &fill, jar, out, &parts, err) < 0)
            return -1;
        *bytes = (struct span){out->data, out->len};
    }
    user->path = part(*bytes, parts.path_at, parts.path_len);
    return 0;
}

static void note_lag(struct user *user)
{
    struct lane *lane = user->lane;
    int64_t intended_ns = user->intended_ns;
    user->intended_ns = 0;
    if (!intended_ns || user->start_ns < lane->measure_from_ns)
        return;
    int64_t idle_ns = lane->wire.loop->idle_ns;
    int64_t busy_since_ns = intended_ns > idle_ns ? intended_ns : idle_ns;
    recorder_add_lag(&lane->recorder, user->start_ns - intended_ns, user->start_ns - busy_since_ns);
}

static void over(struct user *user, int64_t now_ns, enum failure failure, const char *message,
                 int64_t body_bytes);

static void send_step(struct user *user)
{
    struct lane *lane = user->lane;
    const struct plan_step *step = step_of(user);
    struct conn_request request = {.origin = &lane->plan->arms[lane->arm].origins[step->origin],
                                   .is_head = step->wire[lane->arm].is_head,
                                   .needs = lane->extracts[step->number].needs};
    struct err err;
    err.code = ERR_NONE;
    user->redirects = 0;
    user->sent = render(user, step, &request.bytes, &err) == 0;
    user->start_ns = clock_monotonic_ns();
    note_lag(user);
    if (user->sent)
        conn_send(&user->conn, &request, user->start_ns);
    else
        over(user, user->start_ns, FAILURE_EXPECTATION, err.text, 0);
}

/* ---- what comes next ---- */

/* Goes to the next step that is taken, from number `at` on. */
static void go_to(struct user *user, uint32_t at)
{
    user->at = walk_next(user->sequence, at, &user->rng);
    if (user->at < user->sequence->n)
        user->times = walk_times(step_of(user), &user->rng);
}

static void pick_sequence(struct user *user)
{
    const struct plan_class *class = user->class;
    user->sequence =
        user->ready ? &class->tasks[choice_pick(&class->choice, &user->rng)] : &class->on_start;
    go_to(user, 0);
}

/* Takes a row of each feed that the sequence names. False: one has none left. */
static bool take_rows(struct user *user)
{
    struct lane *lane = user->lane;
    const struct plan *plan = lane->plan;
    for (size_t i = 0; user->sequence->feeds >> i; i++) {
        if (!(user->sequence->feeds >> i & 1) ||
            feed_take(&plan->feeds.items[i], &user->places[i], user->number, plan->settings.users,
                      &user->rng))
            continue;
        lane->n_ended++;
        lane->spent |= UINT32_C(1) << i;
        return false;
    }
    return true;
}

static void go_on(struct user *user)
{
    if (user->at >= user->sequence->n) {
        pick_sequence(user);
        if (!take_rows(user)) {
            conn_release(&user->conn);
            return;
        }
    }
    send_step(user);
}

void user_wake(struct user *user, int64_t due_ns)
{
    /* Not what a block's border has held back, nor the spawning. */
    user->intended_ns = user->begun && due_ns >= user->lane->resumed_ns ? due_ns : 0;
    user->begun = true;
    go_on(user);
}

static int64_t back_off(struct user *user)
{
    int64_t longest_ns = BACK_OFF_NS << (user->broken < 4 ? user->broken : 4);
    if (longest_ns > BACK_OFF_MAX_NS)
        longest_ns = BACK_OFF_MAX_NS;
    if (user->broken < 4)
        user->broken++;
    return rng_between(&user->rng, longest_ns / 2, longest_ns);
}

/* Nothing came back that says that the server lives, or the request could not even be made. */
static bool is_broken(const struct user *user, enum failure failure)
{
    return !user->sent ||
           (failure != FAILURE_NONE && failure != FAILURE_STATUS && failure != FAILURE_EXPECTATION);
}

/* Moves on behind a request that is over; returns the delay until the next one. */
static int64_t advance(struct user *user, enum failure failure)
{
    if (failure != FAILURE_NONE)
        user->at = (uint32_t)user->sequence->n;
    else if (--user->times == 0)
        go_to(user, user->at + 1);
    bool ends = user->at >= user->sequence->n;
    int64_t delay_ns = 0;
    if (is_broken(user, failure))
        delay_ns = back_off(user);
    else
        user->broken = 0;
    if (!ends)
        return 0;
    bool was_ready = user->ready;
    user->ready |= failure == FAILURE_NONE;
    if (!was_ready && user->ready)
        return 0;
    int64_t think_ns = think(user);
    return think_ns > delay_ns ? think_ns : delay_ns;
}

static void over(struct user *user, int64_t now_ns, enum failure failure, const char *message,
                 int64_t body_bytes)
{
    struct lane *lane = user->lane;
    struct sample sample = {.endpoint = step_of(user)->endpoint,
                            .failed = failure != FAILURE_NONE,
                            .latency_ns = now_ns - user->start_ns,
                            .body_bytes = body_bytes,
                            .at_ns = lane_clock(lane, now_ns) - lane->epoch_ns};
    bool measured = user->start_ns >= lane->measure_from_ns;
    if (measured)
        recorder_add(&lane->recorder, &sample);
    else
        recorder_add_warm(&lane->recorder, &sample);
    if (sample.failed && measured)
        recorder_add_error(&lane->recorder, sample.endpoint, failure, message,
                           now_ns + lane->wall_offset_ns);
    int64_t delay_ns = advance(user, failure);
    if (delay_ns > 0 && lane->plan->scenario->keep_alive == KEEP_ALIVE_RELEASE)
        conn_release(&user->conn);
    if (delay_ns > 0 || lane->closing)
        timers_add(&lane->timers, lane_clock(lane, now_ns) + delay_ns, user);
    else
        go_on(user);
}

/* ---- responses ---- */

static bool is_redirect(int status)
{
    return (status >= 301 && status <= 303) || status == 307 || status == 308;
}

/* The path that the response leads to on its own origin; false: it does not. */
static bool find_target(const struct user *user, const struct response *response,
                        struct url *target)
{
    const struct url *base = &user->conn.request.origin->url;
    struct span location;
    struct err ignored;
    ignored.code = ERR_NONE;
    return is_redirect(response->status) && response->has_location &&
           head_find(response->head, "Location", &location) &&
           url_resolve(base, user->path, location, target, &ignored) == 0 &&
           url_same_origin(base, target);
}

static void send_redirect(struct user *user, int status, const char *path, int64_t now_ns)
{
    struct lane *lane = user->lane;
    const struct plan_step *step = step_of(user);
    struct conn_request request = user->conn.request;
    struct step_rendered parts;
    struct buf *spare = &lane->spare;
    buf_reset(spare);
    struct step_redirect redirect = {
        status, {path, strlen(path)}, request.bytes, jar_for(user, step)};
    step_render_redirect(&step->wire[lane->arm], &redirect, spare, &parts);
    request.is_head = parts.is_head;
    struct box *box = conn_box(&user->conn);
    struct buf old = box->request;
    box->request = *spare;
    *spare = old;
    request.bytes = (struct span){box->request.data, box->request.len};
    user->path = part(request.bytes, parts.path_at, parts.path_len);
    user->redirects++;
    conn_send(&user->conn, &request, now_ns);
}

/* Follows a redirect. Returns true where that settles the response. */
static bool follow(struct user *user, const struct response *response, int64_t now_ns)
{
    struct url target = {0};
    if (!step_of(user)->follow || !find_target(user, response, &target)) {
        url_release(&target);
        return false;
    }
    if (user->redirects < USER_REDIRECTS)
        send_redirect(user, response->status, target.path, now_ns);
    else
        over(user, now_ns, FAILURE_PROTOCOL, "more than 10 redirects", response->body_bytes);
    url_release(&target);
    return true;
}

static void judge(struct user *user, const struct response *response, int64_t now_ns)
{
    struct lane *lane = user->lane;
    struct extract_response seen = {.status = response->status,
                                    .duration_ns = now_ns - user->start_ns,
                                    .head = response->head,
                                    .body = response->body,
                                    .body_cut = response->body_cut,
                                    .space = &lane->space};
    struct err why;
    why.code = ERR_NONE;
    why.text[0] = '\0';
    enum failure failure = FAILURE_NONE;
    const struct extract *extract = &lane->extracts[step_of(user)->number];
    if (extract_run(extract, &seen, &user->jar, &lane->plan->vars, &user->values, &why) < 0)
        failure = extract_status_is_good(extract, response->status) ? FAILURE_EXPECTATION
                                                                    : FAILURE_STATUS;
    over(user, now_ns, failure, why.text, response->body_bytes);
}

void user_done(struct conn *conn, const struct response *response, enum failure failure,
               const char *message)
{
    struct user *user = (struct user *)conn;
    struct lane *lane = user->lane;
    int64_t now_ns = clock_monotonic_ns();
    if (failure != FAILURE_NONE) {
        over(user, now_ns, failure, message, 0);
        return;
    }
    if (response->has_cookies && step_of(user)->origin == 0)
        cookie_jar_set_all(&user->jar, response->head, user->path,
                           (now_ns + lane->wall_offset_ns) / NS_PER_S);
    if (!response->has_location || !follow(user, response, now_ns))
        judge(user, response, now_ns);
}

void user_release(struct user *user)
{
    conn_release(&user->conn);
    cookie_jar_release(&user->jar);
    free(user->places);
    user->places = NULL;
    if (user->lane)
        values_release(&user->values, &user->lane->plan->vars);
    user->lane = NULL;
}
