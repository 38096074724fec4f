import Foundation
import Testing

/// The recipes of CONTRIBUTING.md are diffs: `Scripts/test recipes` builds them.
struct RecipeTests {
    @Test(arguments: ["link-type", "diagnosis", "output-format", "stack-profile"])
    func `a recipe fits the sources`(name: String) throws {
        let diff = ".github/recipes/\(name).diff"
        let outcome = try Tool.run(
            "/usr/bin/env", ["git", "-C", Tool.package.path, "apply", "--check", diff])
        #expect(outcome.code == 0, "\(outcome.errors)")
    }
}
