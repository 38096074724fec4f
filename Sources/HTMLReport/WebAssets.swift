/// The files of the folder `Web`, which the build puts into the program.
enum WebAssets {
    static var style: String { String(decoding: PackageResources.report_css, as: UTF8.self) }
    static var script: String { String(decoding: PackageResources.report_js, as: UTF8.self) }
}
