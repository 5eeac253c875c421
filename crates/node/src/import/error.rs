//! What can be wrong with a file or one of its rows.

use std::borrow::Cow;

/// The importer's own errors; the network's codes come beside them. The serialized name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumIter)]
pub enum ImportError {
    /// The file cannot be opened or read, or is no regular file.
    #[strum(serialize = "import.unreadable")]
    Unreadable,
    /// The file has no content.
    #[strum(serialize = "import.empty")]
    Empty,
    /// The compressed file ends too early.
    #[strum(serialize = "import.truncated")]
    Truncated,
    /// The compressed file is damaged.
    #[strum(serialize = "import.bad_gzip")]
    BadGzip,
    /// The content is larger than the importer reads.
    #[strum(serialize = "import.too_large")]
    TooLarge,
    /// The content is no text in UTF-8 or GB18030.
    #[strum(serialize = "import.not_text")]
    NotText,
    /// The content is no well-formed XML, nests too deep, or is no event log.
    #[strum(serialize = "import.bad_xml")]
    BadXml,
    /// The content is no workbook that can be read: a damaged archive, no sheet, or parts that are larger than the importer reads.
    #[strum(serialize = "import.bad_workbook")]
    BadWorkbook,
    /// No line of a list looks like its headings.
    #[strum(serialize = "import.no_headings")]
    NoHeadings,
    /// The file has more rows than the importer reads.
    #[strum(serialize = "import.too_many_rows")]
    TooManyRows,
    /// A row is longer than the importer reads.
    #[strum(serialize = "import.row_too_long")]
    RowTooLong,
    /// A row has more fields than the importer reads.
    #[strum(serialize = "import.too_many_fields")]
    TooManyFields,
    /// A row holds bytes that are no text in the encoding of the file.
    #[strum(serialize = "import.bad_encoding")]
    BadEncoding,
    /// A row does not have one cell for each heading, or an event has no attributes or one that cannot be read.
    #[strum(serialize = "import.bad_row")]
    BadRow,
    /// The donor's cell is blank and the row above, which should say, cannot be read.
    #[strum(serialize = "import.donor_unknown")]
    DonorUnknown,
}

impl ImportError {
    /// The stable code.
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// This error at a line. `content` is the row as far as it could be read.
    pub fn at(self, line: u64, message: impl Into<String>, content: impl Into<String>) -> RowError {
        RowError { line, code: self.code().into(), message: message.into(), content: content.into() }
    }
}

/// One row, or the rest of one file, that is not registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// The line, counted from 1; 0 where the file as a whole is meant.
    pub line: u64,
    /// The stable code: one of [`ImportError`] or of the network.
    pub code: Cow<'static, str>,
    /// What is wrong, for people.
    pub message: String,
    /// The row itself, for whoever corrects it. It may be personal data: it goes to the error file and nowhere else.
    pub content: String,
}
