/// The files of the folder `Web`, which the build puts into the program.
package enum WebAssets {
    /// The style sheet of the report and of the pages.
    package static var style: String {
        String(decoding: PackageResources.report_css, as: UTF8.self)
    }
    /// The report's script.
    package static var script: String {
        String(decoding: PackageResources.report_js, as: UTF8.self)
    }
}
