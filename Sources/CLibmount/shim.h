// libmount's public header, found through pkg-config (mount.pc).
#include <libmount.h>
