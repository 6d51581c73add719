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
    const struct plan *plan = user->lane->plan;
    double rate = plan->settings.spawn_rate;
    int64_t spawned_ns = rate > 0 ? (int64_t)((double)number / rate * (double)NS_PER_S) : 0;
    if (plan->users.n)
        spawned_ns = plan_user_from(plan, number, 0);
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
    pool_init(&user->pool, &lane->wire);
    rng_init(&user->rng, plan->settings.seed, (uint64_t)number + 1);
    if (!lane->open.on)
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

static int render(struct request *request, struct span *bytes, struct err *err)
{
    struct user *user = request->user;
    const struct plan_step *step = request->step;
    const struct step *wire = &step->wire[user->lane->arm];
    struct step_rendered parts = wire->fixed_parts;
    const struct cookie_jar *jar = jar_for(user, step);
    bool fixed = wire->fixed.len && (!jar || !jar->count || wire->has_cookie_header);
    request->trace = (struct trace_id){0};
    if (fixed && !wire->is_traced) {
        *bytes = wire->fixed;
    } else {
        struct fill fill = {&user->lane->plan->vars, &user->values, &user->rng, user->places};
        struct buf *out = &exchange_box(&request->exchange, &user->lane->wire)->request;
        buf_reset(out);
        if (fixed)
            buf_add(out, wire->fixed.at, wire->fixed.len);
        else if (step_render(wire, &fill, jar, out, &parts, err) < 0)
            return -1;
        if (wire->is_traced)
            request->trace = trace_write(&user->lane->tracer, out->data + step_trace_at(&parts));
        *bytes = (struct span){out->data, out->len};
    }
    request->path = part(*bytes, parts.path_at, parts.path_len);
    return 0;
}

static void note_lag(struct user *user, int64_t start_ns)
{
    struct lane *lane = user->lane;
    int64_t intended_ns = user->intended_ns;
    user->intended_ns = 0;
    if (!intended_ns || start_ns < lane->measure_from_ns)
        return;
    int64_t idle_ns = lane->wire.loop->idle_ns;
    int64_t busy_since_ns = intended_ns > idle_ns ? intended_ns : idle_ns;
    /* Arrivals that came while the thread slept too long begin all at once. */
    if (lane->open.on && intended_ns < idle_ns)
        busy_since_ns = start_ns;
    recorder_add_lag(&lane->recorder, start_ns - intended_ns, start_ns - busy_since_ns);
}

static void over(struct request *request, int64_t now_ns, enum failure failure, const char *message,
                 int64_t body_bytes);

static void send_request(struct user *user, const struct plan_step *step, int64_t since_ns)
{
    struct lane *lane = user->lane;
    struct request *request = lane_borrow_request(lane);
    struct conn_request *out = &request->exchange.request;
    struct err err;
    err.code = ERR_NONE;
    request->user = user;
    request->step = step;
    request->redirects = 0;
    *out = (struct conn_request){.origin = &lane->plan->arms[lane->arm].origins[step->origin],
                                 .is_head = step->wire[lane->arm].is_head,
                                 .needs = lane->extracts[step->number].needs};
    request->sent = render(request, &out->bytes, &err) == 0;
    request->start_ns = clock_monotonic_ns();
    request->since_ns = since_ns ? since_ns : request->start_ns;
    note_lag(user, request->start_ns);
    if (request->sent)
        pool_send(&user->pool, &request->exchange, request->start_ns);
    else
        over(request, request->start_ns, FAILURE_EXPECTATION, err.text, 0);
}

/* The last of them may be over before it returns, and the user then be at another step. */
static void send_step(struct user *user)
{
    const struct plan_step *step = step_of(user);
    uint32_t members = step->members;
    int64_t since_ns = user->since_ns;
    user->since_ns = 0;
    user->left = members;
    user->failed = user->hurt = false;
    user->pool.limit = step->connections;
    for (uint32_t i = 0; i < members; i++)
        send_request(user, &step[i], since_ns);
}

/* ---- what comes next ---- */

/* Goes to the next step that is taken, from number `at` on. */
static void go_to(struct user *user, uint32_t at)
{
    user->at = walk_next(user->sequence, at, &user->rng);
    if (user->at < user->sequence->n)
        user->times = walk_times(step_of(user), &user->rng);
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

/* Begins a sequence at the first step that is taken. False: there is no row for it. */
static bool begin(struct user *user, const struct plan_sequence *sequence)
{
    user->sequence = sequence;
    go_to(user, 0);
    return take_rows(user);
}

/* The step after one that is over; false: it was the last one of its sequence. */
static bool go_further(struct user *user)
{
    if (user->failed)
        user->at = (uint32_t)user->sequence->n;
    else if (--user->times == 0)
        go_to(user, user->at + step_of(user)->members);
    return user->at < user->sequence->n;
}

static const struct plan_sequence *pick_sequence(struct user *user)
{
    const struct plan_class *class = user->class;
    return user->ready ? &class->tasks[choice_pick(&class->choice, &user->rng)] : &class->on_start;
}

static void go_on(struct user *user)
{
    if (user->at >= user->sequence->n) {
        if (lane_holds(user->lane, user))
            return;
        if (!begin(user, pick_sequence(user))) {
            pool_close(&user->pool);
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
static bool is_broken(const struct request *request, enum failure failure)
{
    return !request->sent ||
           (failure != FAILURE_NONE && failure != FAILURE_STATUS && failure != FAILURE_EXPECTATION);
}

/* Moves on behind a step that is over; returns the delay until the next one. */
static int64_t advance(struct user *user)
{
    bool ends = !go_further(user);
    int64_t delay_ns = 0;
    if (user->hurt)
        delay_ns = back_off(user);
    else
        user->broken = 0;
    if (!ends)
        return 0;
    bool was_ready = user->ready;
    user->ready |= !user->failed;
    if (!was_ready && user->ready)
        return 0;
    int64_t think_ns = think(user);
    return think_ns > delay_ns ? think_ns : delay_ns;
}

/* It has nothing to do for a while. */
static void rest(struct user *user)
{
    if (user->lane->plan->scenario->keep_alive == KEEP_ALIVE_RELEASE)
        pool_close(&user->pool);
}

/* ---- the open model ---- */

void user_arrive(struct user *user, const struct plan_sequence *task, int64_t due_ns, bool in_line)
{
    user->task = task;
    begin(user, user->ready ? task : &user->class->on_start); /* its feeds have no end */
    user->since_ns = due_ns;
    user->intended_ns = in_line ? 0 : due_ns;
    send_step(user);
}

void user_become(struct user *user, const struct plan_class *class)
{
    if (user->class == class)
        return;
    pool_reset(&user->pool);
    cookie_jar_release(&user->jar);
    values_release(&user->values, &user->lane->plan->vars);
    user->class = class;
    user->ready = class->on_start.n == 0;
}

/* The step behind one that is over; the user is free where there is none. */
static void go_on_open(struct user *user, int64_t now_ns)
{
    bool goes_on = go_further(user);
    if (!user->failed && !user->ready && !goes_on) {
        user->ready = true;
        goes_on = begin(user, user->task);
    }
    if (!goes_on) {
        rest(user);
        open_free(user);
    } else if (user->lane->closing) {
        timers_add(&user->lane->timers, lane_clock(user->lane, now_ns), user);
    } else {
        user->since_ns = now_ns;
        send_step(user);
    }
}

/* ---- what is over ---- */

static void record(const struct request *request, int64_t now_ns, enum failure failure,
                   const char *message, int64_t body_bytes)
{
    struct lane *lane = request->user->lane;
    struct sample sample = {.endpoint = request->step->endpoint,
                            .failed = failure != FAILURE_NONE,
                            .latency_ns = now_ns - request->since_ns,
                            .sent_ns = now_ns - request->start_ns,
                            .body_bytes = body_bytes,
                            .at_ns = lane_clock(lane, now_ns) - lane->epoch_ns};
    bool measured = request->since_ns >= lane->measure_from_ns;
    if (measured)
        recorder_add(&lane->recorder, &sample);
    else
        recorder_add_warm(&lane->recorder, &sample);
    if (measured && trace_is_recorded(&request->trace)) {
        struct traced traced = {request->trace, sample.latency_ns, now_ns + lane->wall_offset_ns};
        recorder_add_traced(&lane->recorder, sample.endpoint, &traced);
    }
    if (sample.failed && measured)
        recorder_add_error(&lane->recorder, sample.endpoint, failure, message,
                           now_ns + lane->wall_offset_ns);
}

static void over(struct request *request, int64_t now_ns, enum failure failure, const char *message,
                 int64_t body_bytes)
{
    struct user *user = request->user;
    struct lane *lane = user->lane;
    record(request, now_ns, failure, message, body_bytes);
    user->failed |= failure != FAILURE_NONE;
    user->hurt |= is_broken(request, failure);
    lane_return_request(lane, request);
    if (--user->left)
        return;
    if (lane->open.on) {
        go_on_open(user, now_ns);
        return;
    }
    int64_t delay_ns = advance(user);
    if (delay_ns > 0)
        rest(user);
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
static bool find_target(const struct request *request, const struct response *response,
                        struct url *target)
{
    const struct url *base = &request->exchange.request.origin->url;
    struct span location;
    struct err ignored;
    ignored.code = ERR_NONE;
    return is_redirect(response->status) && response->has_location &&
           head_find(response->head, "Location", &location) &&
           url_resolve(base, request->path, location, target, &ignored) == 0 &&
           url_same_origin(base, target);
}

static void send_redirect(struct request *request, int status, const char *path, int64_t now_ns)
{
    struct user *user = request->user;
    struct lane *lane = user->lane;
    const struct plan_step *step = request->step;
    struct conn_request *out = &request->exchange.request;
    struct step_rendered parts;
    struct buf *spare = &lane->spare;
    buf_reset(spare);
    struct step_redirect redirect = {status, {path, strlen(path)}, out->bytes, jar_for(user, step)};
    step_render_redirect(&step->wire[lane->arm], &redirect, spare, &parts);
    out->is_head = parts.is_head;
    struct box *box = exchange_box(&request->exchange, &lane->wire);
    struct buf old = box->request;
    box->request = *spare;
    *spare = old;
    out->bytes = (struct span){box->request.data, box->request.len};
    request->path = part(out->bytes, parts.path_at, parts.path_len);
    request->redirects++;
    pool_send(&user->pool, &request->exchange, now_ns);
}

/* Follows a redirect. Returns true where that settles the response. */
static bool follow(struct request *request, const struct response *response, int64_t now_ns)
{
    struct url target = {0};
    if (!request->step->follow || !find_target(request, response, &target)) {
        url_release(&target);
        return false;
    }
    if (request->redirects < USER_REDIRECTS)
        send_redirect(request, response->status, target.path, now_ns);
    else
        over(request, now_ns, FAILURE_PROTOCOL, "more than 10 redirects", response->body_bytes);
    url_release(&target);
    return true;
}

static void judge(struct request *request, const struct response *response, int64_t now_ns)
{
    struct user *user = request->user;
    struct lane *lane = user->lane;
    struct extract_response seen = {.status = response->status,
                                    .duration_ns = now_ns - request->since_ns,
                                    .head = response->head,
                                    .body = response->body,
                                    .body_cut = response->body_cut,
                                    .space = &lane->space};
    struct err why;
    why.code = ERR_NONE;
    why.text[0] = '\0';
    enum failure failure = FAILURE_NONE;
    const struct extract *extract = &lane->extracts[request->step->number];
    if (extract_run(extract, &seen, &user->jar, &lane->plan->vars, &user->values, &why) < 0)
        failure = extract_status_is_good(extract, response->status) ? FAILURE_EXPECTATION
                                                                    : FAILURE_STATUS;
    over(request, now_ns, failure, why.text, response->body_bytes);
}

void user_done(struct exchange *exchange, const struct response *response, enum failure failure,
               const char *message)
{
    struct request *request = (struct request *)exchange;
    struct user *user = request->user;
    int64_t now_ns = clock_monotonic_ns();
    if (failure != FAILURE_NONE) {
        over(request, now_ns, failure, message, 0);
        return;
    }
    if (response->has_cookies && request->step->origin == 0)
        cookie_jar_set_all(&user->jar, response->head, request->path,
                           (now_ns + user->lane->wall_offset_ns) / NS_PER_S);
    if (!response->has_location || !follow(request, response, now_ns))
        judge(request, response, now_ns);
}

void user_release(struct user *user)
{
    pool_release(&user->pool);
    cookie_jar_release(&user->jar);
    free(user->places);
    user->places = NULL;
    if (user->lane)
        values_release(&user->values, &user->lane->plan->vars);
    user->lane = NULL;
}
