//! Public forms: contact and application, with what they check and suggest.

pub mod apply;
pub mod choices;
pub mod consent;
pub mod contact;
pub mod email_typo;
pub mod field_warnings;
mod form_token;
pub mod numeric_answer;
pub mod phone;
#[cfg(test)]
mod proptests;
mod residence;
pub mod spam_score;
pub mod submit;
