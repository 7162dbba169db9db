/* A disk that forgets whatever was not flushed. Preloaded into the writer, it copies a file
   to the folder DISK each time the file is flushed: what lies there is what a power cut
   leaves. A copy that is cut off in the middle never replaces the copy before it. A deleted
   file is gone only once its folder was flushed. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A flushed folder forgets the files that were deleted from it. */
static void keep_folder(const char *path, const char *disk) {
  char here[PATH_MAX], there[PATH_MAX];
  struct dirent *entry;
  DIR *kept = opendir(disk);
  if (!kept) abort();
  while ((entry = readdir(kept))) {
    snprintf(here, sizeof here, "%s/%s", path, entry->d_name);
    snprintf(there, sizeof there, "%s/%s", disk, entry->d_name);
    if (entry->d_name[0] != '.' && access(here, F_OK)) unlink(there);
  }
  closedir(kept);
}

static void keep(int fd) {
  char link[64], path[PATH_MAX], draft[PATH_MAX], kept[PATH_MAX], block[65536];
  const char *disk = getenv("DISK");
  struct stat told;
  if (!disk || fstat(fd, &told)) return;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return;
  path[size] = 0;
  if (S_ISDIR(told.st_mode)) {
    keep_folder(path, disk);
    return;
  }
  if (!S_ISREG(told.st_mode)) return;
  const char *name = strrchr(path, '/') + 1;
  snprintf(draft, sizeof draft, "%s/.%s.draft", disk, name);
  snprintf(kept, sizeof kept, "%s/%s", disk, name);
  int from = open(path, O_RDONLY), to = open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (from < 0 || to < 0) abort();
  while ((size = read(from, block, sizeof block)) > 0)
    if (write(to, block, size) != size) abort();
  close(from);
  close(to);
  if (rename(draft, kept)) abort();
}

int fsync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  int answer = real(fd);
  keep(fd);
  return answer;
}

int fdatasync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  int answer = real(fd);
  keep(fd);
  return answer;
}
