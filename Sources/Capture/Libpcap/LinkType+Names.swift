internal import CPcap
public import Wire

extension LinkType {
    /// The name that libpcap has for it, such as EN10MB. The corresponding C function is
    /// `pcap_datalink_val_to_name`.
    public var libpcapName: String {
        unsafe pcap_datalink_val_to_name(dataLink).map { unsafe String(cString: $0) }
            ?? "LINKTYPE_\(rawValue)"
    }

    /// What it is, in libpcap's words, such as Ethernet. The corresponding C function is
    /// `pcap_datalink_val_to_description`.
    public var libpcapDescription: String {
        unsafe pcap_datalink_val_to_description(dataLink).map { unsafe String(cString: $0) }
            ?? libpcapName
    }
}
