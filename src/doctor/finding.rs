//! Result of one check of the `doctor` command, printed as one line.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Ok,
    /// The site works, but needs attention.
    Warn,
    /// Something does not work or is at risk.
    Fail,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub level: Level,
    text: String,
}

impl Finding {
    pub fn ok(text: impl Into<String>) -> Self {
        Self { level: Level::Ok, text: text.into() }
    }

    pub fn warn(what: impl fmt::Display, todo: &str) -> Self {
        Self { level: Level::Warn, text: format!("{what} → {todo}") }
    }

    pub fn fail(what: impl fmt::Display, todo: &str) -> Self {
        Self { level: Level::Fail, text: format!("{what} → {todo}") }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Ok => "ok",
            Level::Warn => "warn",
            Level::Fail => "FAIL",
        };
        // One line each, even if a cause has several.
        write!(f, "{level:<5} {}", self.text.replace('\n', " "))
    }
}
