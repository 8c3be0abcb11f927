//! The text of a source in a file: a scheme that there is, in a form that it takes. Which of them count, is decided by
//! `sources` (requirement S2).

use crate::plaintext::facts::{is_secret_form, looks_secret_text};
use crate::sources::{Written, written};

use super::super::manifest::Unfit;
use super::cursor::Cursor;
use super::wrong::Wrong;

/// Returns the text of a source that can fill so many keys.
pub(super) fn text<'a>(cursor: &Cursor<'a>, keys: usize) -> Result<&'a str, Unfit> {
    let text = cursor.text("a source")?;
    let scheme = match written(text) {
        Written::Unknown(near) => return Err(cursor.wrong(Wrong::Source(near))),
        Written::Misformed(scheme) => return Err(cursor.wrong(Wrong::SourceForm(scheme))),
        Written::Known(scheme, fills) if fills < keys => return Err(cursor.wrong(Wrong::Fills(scheme))),
        Written::Known(scheme, _) => scheme,
    };
    let behind = text.split_once(':').map_or("", |(_, behind)| behind);
    let looks_secret = if scheme == "public" { looks_secret_text } else { is_secret_form };
    if looks_secret(behind) { Err(cursor.wrong(Wrong::LooksSecret("what stands behind a source"))) } else { Ok(text) }
}
