internal import Capture
public import Reports
internal import Wire

extension ExtcapReply {
    /// The link type of an interface, which is opened for it. Without the right to capture: what nearly every interface
    /// has.
    ///
    /// - Parameter name: as Wireshark has it.
    public static func linkType(ofInterface name: String) -> String {
        let reader = try? LiveReader(interfaces: [interface(named: name)])
        let linkType = reader?.linkTypes.first ?? .ethernet
        return ExtcapReply.linkType(
            linkType.rawValue, name: linkType.libpcapName,
            description: linkType.libpcapDescription)
    }
}
