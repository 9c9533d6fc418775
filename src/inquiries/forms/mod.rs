//! Public forms: contact and application, with what they check and suggest.

pub mod apply;
pub mod contact;
pub mod email_typo;
pub mod field_warnings;
mod form_token;
#[cfg(test)]
mod proptests;
pub mod submit;
