import Hashing
import Testing
import Wire

/// Against the reference implementation (PyPI `communityid` 1.5, by the authors of the specification).
struct CommunityIDTests {
    typealias Row = (
        a: String, aPort: UInt16, b: String, bPort: UInt16, seed: UInt16, expected: String
    )

    static let rows: [Row] = [
        ("128.232.110.120", 34855, "66.35.250.204", 80, 0, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
        ("66.35.250.204", 80, "128.232.110.120", 34855, 0, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
        ("128.232.110.120", 34855, "66.35.250.204", 80, 1, "1:3V71V58M3Ksw/yuFALMcW0LAHvc="),
        (
            "2001:470:1f11:81f:c999:d94:aa7c:2e3e", 49185, "2001:470:4867:99::21", 21, 0,
            "1:2nWXgxcx9GW54wPXtQmjQEThuB0="
        ),
    ]

    @Test(arguments: rows.indices)
    func `the text is the reference's`(index: Int) throws {
        let row = CommunityIDTests.rows[index]
        let a = (address: try #require(Address(row.a)), port: row.aPort)
        let b = (address: try #require(Address(row.b)), port: row.bPort)
        #expect(CommunityID.tcp(a, b, seed: row.seed) == row.expected)
    }

    @Test func `a uid has Zeek's form, and depends on ends and time, not on the direction`() throws
    {
        let a = (address: try #require(Address("10.0.0.1")), port: UInt16(1000))
        let b = (address: try #require(Address("10.0.0.2")), port: UInt16(80))
        let time = Timestamp(nanoseconds: 1_000_000_007)
        let uid = ConnectionUID.text(a, b, first: time)
        #expect(uid.wholeMatch(of: /C[0-9A-Za-z]{17}/) != nil)
        #expect(uid == ConnectionUID.text(b, a, first: time))
        #expect(uid != ConnectionUID.text(a, b, first: Timestamp(nanoseconds: 1_000_000_008)))
        #expect(uid != ConnectionUID.text(a, (b.address, 81), first: time))
    }
}
