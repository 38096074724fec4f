import ArgumentParser
import Documents
import Reports

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of all JSON output.",
        discussion: """
            Each kind of line is one of its $defs. Lines name the version that they follow: "schema":1.

            EXAMPLES
              wirestate schema | jq '."$defs".connection.properties | keys'
            """)

    func run() throws {
        let output = Output()
        output.write(JSONSchema.document)
        try output.end()
    }
}
