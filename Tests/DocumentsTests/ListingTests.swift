import Reports
import TCPState
import Testing

@testable import Documents

struct ListingTests {
    @Test func `a report keeps as many connections as its documents show`() {
        var listing = ReportListing(DocumentStyle(spelling: .netstat, layout: TextLayout()))
        #expect(listing.exampleLimit() == 3)
        #expect(listing.exampleLimit(others: 1000) == 1000)
        listing.showsAll = true
        #expect(listing.exampleLimit(others: 1000) == nil)
    }

    /// ss(8) writes ESTAB and CLOSE-WAIT, netstat(8) ESTABLISHED and CLOSE_WAIT.
    @Test func `a table as of ss has the spellings of ss`() {
        var listing = SocketListing(DocumentStyle(spelling: .netstat, layout: TextLayout()))
        #expect(State.closeWait.name(listing.spelling) == "CLOSE_WAIT")
        listing.format = .ss
        #expect(State.established.name(listing.spelling) == "ESTAB")
        var other = SocketListing(DocumentStyle(spelling: .rfc, layout: TextLayout()))
        other.format = .ss
        #expect(other.spelling == .rfc)
    }

    @Test func `help topics are two words`() {
        #expect(HelpTopic(arguments: ["help", "kinds"]) == .kinds)
        #expect(HelpTopic(arguments: ["help"]) == nil)
        #expect(HelpTopic(arguments: ["kinds", "help"]) == nil)
        #expect(HelpTopic(arguments: ["help", "report"]) == nil)
    }
}
