internal import CPcap

/// libpcap's name and version, as in `libpcap version 1.10.3 (with TPACKET_V3)`. The corresponding C
/// function is `pcap_lib_version`.
public var libpcapVersion: String { unsafe String(cString: pcap_lib_version()) }
