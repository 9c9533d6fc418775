//! One line of what the doctor says.

use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// As it should be.
    Ok,
    /// The site works, and somebody should look at it.
    Warn,
    /// Something does not work, or is in danger.
    Fail,
}

/// What was looked at, what was found, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    text: String,
}

impl Finding {
    /// As it should be.
    pub fn ok(text: impl Into<String>) -> Self {
        Self { level: Level::Ok, text: text.into() }
    }

    /// Somebody should look at it; what to do.
    pub fn warn(what: impl fmt::Display, todo: &str) -> Self {
        Self { level: Level::Warn, text: format!("{what} → {todo}") }
    }

    /// It does not work; what to do.
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
        // One line each, whatever stands in a cause.
        write!(f, "{level:<5} {}", self.text.replace('\n', " "))
    }
}
