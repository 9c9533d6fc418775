//! A member of staff: name, address, and what the role allows.

use std::fmt;
use std::str::FromStr;

use validator::{ValidateLength, ValidationError};

use crate::http::PageError;
use crate::web::EmailAddress;

/// What a member of staff may do. Each role may do what the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum Role {
    /// Writes drafts; answers inquiries.
    Writer,
    /// Publishes, and changes what is published.
    Publisher,
    /// Looks after staff, the firm's record and the audit log.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 3] = [Self::Writer, Self::Publisher, Self::Admin];

    /// As stored and as typed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Writer => "writer",
            Self::Publisher => "publisher",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no role.
#[derive(Debug, thiserror::Error)]
#[error("a role is writer, publisher or admin")]
pub struct InvalidRole;

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(InvalidRole)
    }
}

/// Somebody with an account.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StaffMember {
    /// Number of the account.
    pub id: i64,
    /// Address to sign in with.
    pub email: String,
    /// Name, as colleagues and the audit log see it.
    pub name: String,
    /// What the account allows.
    pub role: Role,
    /// Whether the account may be used.
    pub active: bool,
    /// Whether a password was ever set.
    pub has_password: bool,
}

impl StaffMember {
    /// Refuses with a 403 page unless the account has at least `role`.
    pub fn require_role(&self, role: Role) -> Result<(), PageError> {
        if self.role >= role {
            return Ok(());
        }
        Err(PageError::Forbidden(match role {
            Role::Admin => "Only admins can open this page. Ask an admin to do it, or to change your role.",
            _ => "Writers cannot publish, or change what is published. Ask a publisher to do it.",
        }))
    }

    /// Whether the account may publish; for templates.
    pub fn can_publish(&self) -> bool {
        self.role >= Role::Publisher
    }

    /// Whether the account looks after staff and site; for templates.
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// Address to sign in with.
    pub email: EmailAddress,
    /// Name of the person.
    pub name: String,
    /// What the account allows.
    pub role: Role,
}

/// For `validator`: a password is long enough to be a sentence, and short enough to be hashed at once.
pub fn check_password(password: &str) -> Result<(), ValidationError> {
    if password.validate_length(Some(12), Some(200), None) {
        Ok(())
    } else if password.validate_length(Some(12), None, None) {
        Err(ValidationError::new("length").with_message("Keep the password under 200 letters.".into()))
    } else {
        Err(ValidationError::new("length")
            .with_message("Choose a password of at least 12 letters: a short sentence is easy to remember.".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_ordered_by_what_they_allow() {
        assert!(Role::Writer < Role::Publisher && Role::Publisher < Role::Admin);
        assert_eq!("publisher".parse::<Role>().unwrap(), Role::Publisher);
        assert!("owner".parse::<Role>().is_err());
    }
}
