internal import HTMLReport

/// The files of the folder `Web`, which the build puts into the program, and the report's style sheet.
enum PageAssets {
    static var style: String {
        WebAssets.style + String(decoding: PackageResources.page_css, as: UTF8.self)
    }
    static var script: String { String(decoding: PackageResources.page_js, as: UTF8.self) }
    static var icon: String { String(decoding: PackageResources.icon_svg, as: UTF8.self) }
}
