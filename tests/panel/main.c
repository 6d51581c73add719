/* panel: a demo application to load. The command line, the environment, signals and streams. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "database.h"
#include "options.h"
#include "panel.h"
#include "server.h"

enum { EXIT_DONE = 0, EXIT_TROUBLE = 2 };

/* Blocks the signals that end panel, for this thread and those that it starts. */
static sigset_t block_signals(void)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    return ends;
}

static int print_text(const char *text, struct err *err)
{
    if (fputs(text, stdout) < 0 || fflush(stdout))
        return err_set(err, ERR_IO, "cannot write to standard output");
    return 0;
}

static int print_help(struct err *err)
{
    struct buf text = {0};
    options_help(&text);
    int status = print_text(buf_text(&text), err);
    buf_release(&text);
    return status;
}

static int announce(const struct server *server, struct err *err)
{
    struct buf text = {0};
    buf_addf(&text, "panel: listening on %s\n", server_url(server));
    int status = print_text(buf_text(&text), err);
    buf_release(&text);
    return status;
}

static int serve(const struct options *options, struct err *err)
{
    sigset_t ends = block_signals();
    struct panel *panel = panel_new(options, clock_monotonic_ns());
    struct server *server = NULL;
    int status = options->database ? database_setup(options->database, options->seed, USERS_SEEDED,
                                                    &panel->forum.n_stored, err)
                                   : 0;
    if (!status)
        status = server_start(options, panel, &server, err);
    if (!status) {
        int signal_number;
        status = announce(server, err);
        if (!status)
            sigwait(&ends, &signal_number);
        server_stop(server);
    }
    panel_free(panel);
    return status;
}

int main(int argc, char **argv)
{
    struct options options;
    struct err err = {0};
    int status = options_parse(argc, argv, getenv, &options, &err);
    if (!status)
        status = options.help ? print_help(&err) : serve(&options, &err);
    if (!status)
        return EXIT_DONE;
    fprintf(stderr, "panel: %s\n", err.text);
    return EXIT_TROUBLE;
}
