//! Staff member and role.

use std::fmt;
use std::str::FromStr;

use crate::http::PageError;
use crate::web::EmailAddress;

/// Role of a staff member. Each role includes the permissions of the previous ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum Role {
    /// Writes drafts; answers inquiries.
    Writer,
    /// Publishes and changes published content.
    Publisher,
    /// Manages staff, settings and the audit log.
    Admin,
}

impl Role {
    /// All roles, least permissions first.
    pub const ALL: [Self; 3] = [Self::Writer, Self::Publisher, Self::Admin];

    /// Name in the database and in commands.
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

#[derive(Debug, thiserror::Error)]
#[error("a role is writer, publisher or admin")]
pub struct InvalidRole;

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(InvalidRole)
    }
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StaffMember {
    pub id: i64,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub active: bool,
    pub has_password: bool,
    /// Whether sign-in asks for a code.
    pub has_totp: bool,
}

impl StaffMember {
    /// 403 page unless the member has at least `role`.
    pub fn require_role(&self, role: Role) -> Result<(), PageError> {
        if self.role >= role {
            return Ok(());
        }
        Err(PageError::Forbidden(match role {
            Role::Admin => "Only admins can open this page. Ask an admin for help or for the admin role.",
            _ => "Writers cannot publish or change published content. Ask a publisher.",
        }))
    }

    pub fn can_publish(&self) -> bool {
        self.role >= Role::Publisher
    }

    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }
}

#[derive(Clone, Debug)]
pub struct NewMember {
    pub email: EmailAddress,
    pub name: String,
    pub role: Role,
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
