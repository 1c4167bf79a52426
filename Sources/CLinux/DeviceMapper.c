// One target a device, by the calls of <linux/dm-ioctl.h>.
#define _GNU_SOURCE 1
#include "CLinux.h"

#include <stddef.h>

// Room for one target with its parameters, or for its status.
struct mapping {
    struct dm_ioctl head;
    union {
        struct dm_target_spec target;
        char bytes[sizeof(struct dm_target_spec) + 1024];
    } data;
};

static int mapping_call(int control, unsigned long request, struct mapping *mapping, const char *name) {
    // 4.0.0: nothing newer is used, and a kernel answers whoever asks for no more than it has.
    mapping->head.version[0] = DM_VERSION_MAJOR;
    mapping->head.version[1] = mapping->head.version[2] = 0;
    mapping->head.data_size = sizeof *mapping;
    mapping->head.data_start = offsetof(struct mapping, data);
    if (strlen(name) >= sizeof mapping->head.name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(mapping->head.name, name);
    return ioctl(control, request, mapping);
}

int clinux_dm_create(int control, const char *name, dev_t *device) {
    struct mapping mapping = {0};
    if (mapping_call(control, DM_DEV_CREATE, &mapping, name) < 0) return -1;
    *device = (dev_t)mapping.head.dev;
    return 0;
}

int clinux_dm_load(int control, const char *name, uint64_t sectors, const char *target, const char *parameters) {
    struct mapping mapping = {0};
    if (strlen(target) >= sizeof mapping.data.target.target_type ||
        sizeof mapping.data.target + strlen(parameters) >= sizeof mapping.data) {
        errno = E2BIG;
        return -1;
    }
    mapping.head.target_count = 1;
    mapping.data.target.length = sectors;
    strcpy(mapping.data.target.target_type, target);
    strcpy(mapping.data.bytes + sizeof mapping.data.target, parameters);
    return mapping_call(control, DM_TABLE_LOAD, &mapping, name);
}

int clinux_dm_resume(int control, const char *name) {
    struct mapping mapping = {0};
    return mapping_call(control, DM_DEV_SUSPEND, &mapping, name);
}

int clinux_dm_remove(int control, const char *name) {
    struct mapping mapping = {0};
    return mapping_call(control, DM_DEV_REMOVE, &mapping, name);
}

int clinux_dm_status(int control, const char *name, char *text, size_t size) {
    struct mapping mapping = {0};
    if (mapping_call(control, DM_TABLE_STATUS, &mapping, name) < 0) return -1;
    if (mapping.head.target_count != 1 || mapping.head.flags & DM_BUFFER_FULL_FLAG) {
        errno = EPROTO;
        return -1;
    }
    // The kernel ends it with a zero; the last byte is one in any case.
    mapping.data.bytes[sizeof mapping.data.bytes - 1] = 0;
    snprintf(text, size, "%s", mapping.data.bytes + sizeof mapping.data.target);
    return 0;
}
