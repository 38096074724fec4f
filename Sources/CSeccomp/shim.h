#pragma once
#include <seccomp.h>

/* The action that fails with an error number: a macro with an argument, which Swift does not import. */
static inline uint32_t seccomp_action_fail(uint16_t code) { return SCMP_ACT_ERRNO(code); }
