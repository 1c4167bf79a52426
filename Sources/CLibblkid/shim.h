// libblkid's public header, found through pkg-config (blkid.pc).
#include <blkid.h>
