//! Turns what a terminal showed into the picture in the README.

use std::path::Path;

/// Writes an SVG of `text`, colours included.
pub(crate) fn write(path: &Path, text: &str) {
    let svg = anstyle_svg::Term::new().render_svg(text);
    std::fs::write(path, svg).expect("the picture's folder");
    println!("wrote {}", path.file_name().unwrap_or_default().display());
}
