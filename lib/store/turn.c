#include "store/turn.h"

#include <fcntl.h>
#include <git2.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/repo_git.h"

int turn_take(const struct repo *repo)
{
    int fd = open(git_repository_commondir(repo->git), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        (void)flock(fd, LOCK_EX);
    return fd;
}

void turn_end(int turn)
{
    if (turn >= 0)
        close(turn);
}
