//! Parser of `REPLY_ADDRESS`.

use anyhow::{Context, Result, ensure};
use lettre::Address;

/// Longest name before the @ of `REPLY_ADDRESS`: with the part that is added for an inquiry, it has at most 64 characters.
const MAX_REPLY_NAME_LEN: usize = 30;

/// Checks the value of `REPLY_ADDRESS`.
pub fn parse(text: &str) -> Result<Address> {
    let address = text.parse::<Address>().ok().filter(|address| address.to_string().is_ascii());
    let address = address.with_context(|| {
        format!("REPLY_ADDRESS is \"{text}\", which is not an e-mail address such as replies@example.com")
    })?;
    ensure!(
        !address.user().contains(['+', '"']),
        "REPLY_ADDRESS is \"{text}\": leave out the + and what follows it, because the site adds a part for each inquiry"
    );
    ensure!(
        address.user().len() <= MAX_REPLY_NAME_LEN,
        "REPLY_ADDRESS is \"{text}\", which has more than {MAX_REPLY_NAME_LEN} characters before the @"
    );
    Ok(address)
}
