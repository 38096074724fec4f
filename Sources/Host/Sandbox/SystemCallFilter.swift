internal import CSeccomp
internal import Glibc

/// The system calls that a process may make from now on: a list; any other fails with `ENOSYS`, as on a kernel
/// that does not have it, so that a library takes its own way round. See seccomp(2) and libseccomp.
struct SystemCallFilter {
    /// A call that is allowed if, of one argument, the bits in `mask` are those of `value`.
    struct Rule {
        let call: String
        let argument: UInt32
        let mask: UInt64
        let value: UInt64
    }

    /// Allowed whatever their arguments are.
    let calls: [String]
    /// Allowed with some arguments; several rules for a call are alternatives.
    let rules: [Rule]

    /// Filters the calls of all threads, for good. No program that is run gets them back: there is
    /// `PR_SET_NO_NEW_PRIVS`, too.
    func load() throws(HostError) {
        guard let filter = unsafe seccomp_init(seccomp_action_fail(UInt16(ENOSYS))) else {
            throw HostError("seccomp_init", code: ENOMEM)
        }
        defer { unsafe seccomp_release(filter) }
        try check("seccomp_attr_set", unsafe seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1))
        // A kernel's decision takes fewer steps where the filter is a tree.
        try check("seccomp_attr_set", unsafe seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2))
        for call in calls {
            try check(call, unsafe allow(call, [], filter))
        }
        for rule in rules {
            let condition = scmp_arg_cmp(
                arg: rule.argument, op: SCMP_CMP_MASKED_EQ, datum_a: rule.mask,
                datum_b: rule.value)
            try check(rule.call, unsafe allow(rule.call, [condition], filter))
        }
        try check("seccomp_load", unsafe seccomp_load(filter))
    }

    /// A call that this processor's kernel does not have needs no rule.
    private func allow(
        _ name: String, _ conditions: [scmp_arg_cmp], _ filter: scmp_filter_ctx
    ) -> Int32 {
        let number = unsafe seccomp_syscall_resolve_name(name)
        if number == __NR_SCMP_ERROR { return 0 }
        return unsafe conditions.withUnsafeBufferPointer {
            unsafe seccomp_rule_add_array(
                filter, SCMP_ACT_ALLOW, number, UInt32($0.count), $0.baseAddress)
        }
    }

    /// libseccomp returns an error number with a minus.
    private func check(_ call: String, _ result: Int32) throws(HostError) {
        if result < 0 { throw HostError(call, code: -result) }
    }
}
