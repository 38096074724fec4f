public import Analysis
public import WebPage

/// What serves the page of a live run to browsers.
public protocol PageServer: AnyObject {
    /// Reads what takes rights to read: called before they are given up.
    func readSecrets() throws(RunFailure)

    /// Begins to listen, on a thread of its own. Returns the page's URL.
    func start(_ application: LiveApplication) throws(RunFailure) -> String

    /// Ends it.
    func close()
}
