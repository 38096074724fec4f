internal import TCPState
public import Wire

// By what connections are kept apart.
extension FindingAggregator {
    /// A client's host and a server's.
    struct Pair: FastHashable {
        let client: Address
        let server: Address

        var mixed: UInt64 { FindingAggregator.mix(client, server, 0) }
    }

    struct Checked: Hashable {
        let client: Address
        let service: Service
    }

    struct WaitKey: FastHashable {
        let host: Address
        let role: Role
        let service: Service

        var mixed: UInt64 {
            FindingAggregator.mix(
                host, service.address, UInt64(service.port) << 8 | UInt64(role.rawValue))
        }
    }

    /// For the forecasts and for what came lately: who makes others share a place there gains nothing.
    static func mix(_ one: Address, _ other: Address, _ rest: UInt64) -> UInt64 {
        let low = one.low ^ other.low &* 0x9e37_79b9_7f4a_7c15
        let high = one.high ^ other.high &* 0x8ebc_6af0_9c88_c6e3
        let product = (low ^ high).multipliedFullWidth(
            by: rest &* 0xd6e8_feb8_6659_fd93 ^ 0x1d8e_4e27_c47d_124f)
        return product.high ^ product.low
    }
}

extension FindingGroup.Key: FastHashable {
    /// Of the service and the rest.
    public var mixed: UInt64 {
        (service?.mixed ?? 0) ^ (UInt64(kind) &* 0x9e37_79b9_7f4a_7c15) >> 32
    }
}

extension Address: FastHashable {
    /// Of all its bits.
    public var mixed: UInt64 { FindingAggregator.mix(self, self, 0) }
}

extension Service: FastHashable {
    /// Of the address and the port.
    public var mixed: UInt64 { FindingAggregator.mix(address, address, UInt64(port)) }
}
